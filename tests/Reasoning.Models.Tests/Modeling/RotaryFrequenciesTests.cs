using Reasoning.Models.Config;
using Reasoning.Models.Modeling;

namespace Reasoning.Models.Tests.Modeling;

public sealed class RotaryFrequenciesTests
{
    [Fact]
    public void Default_frequencies_fall_from_one_by_a_constant_ratio()
    {
        double[] f = RotaryFrequencies.Compute(Shapes.Config(headDim: 8), 10);
        Assert.Equal(4, f.Length);
        for (int i = 0; i < 4; i++)
            Assert.Equal(Math.Pow(10, -i), f[i], 1e-12);
        Assert.Equal(1, RotaryFrequencies.AttentionFactor(null));
    }

    [Fact]
    public void Linear_scaling_divides_all()
    {
        double[] plain = Compute(null), scaled = Compute(new RopeScaling(RopeScalingKind.Linear, 4) { OriginalMaxPositions = 64 });
        for (int i = 0; i < plain.Length; i++)
            Assert.Equal(plain[i] / 4, scaled[i], 1e-15);
    }

    [Fact]
    public void Dynamic_scaling_changes_nothing_within_the_original_context_and_only_the_slow_pairs_beyond()
    {
        var scaling = new RopeScaling(RopeScalingKind.Dynamic, 2) { OriginalMaxPositions = 64 };
        Assert.Equal(Compute(null), Compute(scaling, 64));
        double[] plain = Compute(null), longer = Compute(scaling, 128);
        Assert.Equal(1, longer[0], 1e-15);
        // θ' = θ · 3^(d/(d−2)), so the slowest pair, θ'^(−(d−2)/d), slows down by exactly 3.
        Assert.Equal(plain[^1] / 3, longer[^1], 1e-12);
    }

    [Fact]
    public void Llama3_keeps_fast_pairs_and_divides_slow_ones()
    {
        var scaling = new RopeScaling(RopeScalingKind.Llama3, 8) { OriginalMaxPositions = 256, LowFreqFactor = 1, HighFreqFactor = 4 };
        double[] plain = Compute(null), scaled = Compute(scaling);
        for (int i = 0; i < plain.Length; i++)
        {
            double turns = 256 * plain[i] / (2 * Math.PI);
            if (turns > 4)
                Assert.Equal(plain[i], scaled[i]);
            else if (turns < 1)
                Assert.Equal(plain[i] / 8, scaled[i], 1e-15);
            else
                Assert.InRange(scaled[i], plain[i] / 8, plain[i]);
        }

        Assert.Contains(plain.Index(), p => scaled[p.Index] == p.Item);
        Assert.Contains(plain.Index(), p => scaled[p.Index] < p.Item);
    }

    [Fact]
    public void Yarn_has_the_values_of_its_rule()
    {
        var scaling = new RopeScaling(RopeScalingKind.Yarn, 4) { OriginalMaxPositions = 2048 };
        double[] plain = Compute(null), scaled = Compute(scaling);
        // d = 16, θ = 10⁴: the pair that turns 32 times is 8 ln(2048/64π) / ln 10⁴ = 2.02, down to 2;
        // the one that turns once is 8 ln(2048/2π) / ln 10⁴ = 5.03, up to 6.
        double[] kept = [1, 1, 1, 0.75, 0.5, 0.25, 0, 0];
        for (int i = 0; i < plain.Length; i++)
            Assert.Equal(plain[i] * (kept[i] + ((1 - kept[i]) / 4)), scaled[i], 1e-12);
        Assert.Equal((0.1 * Math.Log(4)) + 1, RotaryFrequencies.AttentionFactor(scaling), 1e-15);
        Assert.Equal(0.5, RotaryFrequencies.AttentionFactor(scaling with { AttentionFactor = 0.5 }));
        Assert.Equal(1, RotaryFrequencies.AttentionFactor(scaling with { MScale = 0.7, MScaleAllDim = 0.7 }), 1e-15);
    }

    [Fact]
    public void The_table_grows_and_refuses_positions_beyond_the_context()
    {
        using var table = new RotaryTable(Shapes.Config(maxPositions: 300));
        Assert.Equal(256, table.Tables(3, TorchSharp.torch.float32, TorchSharp.torch.CPU).Cos.shape[0]);
        Assert.Equal(300, table.Tables(257, TorchSharp.torch.float32, TorchSharp.torch.CPU).Cos.shape[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Tables(301, TorchSharp.torch.float32, TorchSharp.torch.CPU));
    }

    private static double[] Compute(RopeScaling? scaling, int length = 32) =>
        RotaryFrequencies.Compute(Shapes.Config(headDim: 16, scaling: scaling), length);
}
