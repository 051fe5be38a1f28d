using Reasoning.Models.Modeling;
using Reasoning.Models.Tests.Generation;
using Reasoning.Models.Tests.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Modeling;

public sealed class NormScaleTests
{
    /// <summary>Gemma's weight is the factor minus one.</summary>
    [Theory]
    [InlineData("qwen3")]
    [InlineData("gemma3_text")]
    public void A_scaled_final_norm_is_a_temperature(string type)
    {
        using CausalLM model = TinyModels.Model(type);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor targets = tensor(TinyModels.Ids(20, seed: 2).Select(id => (long)id).ToArray());
        double[] expected = LogProbs(temperature: 1.6);
        double[] before = LogProbs(temperature: 1);
        model.FinalNorm.Scale(1 / 1.6);

        Assert.All(expected.Zip(LogProbs(temperature: 1)), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        Assert.Contains(expected.Zip(before), pair => Math.Abs(pair.First - pair.Second) > 0.1);

        double[] LogProbs(double temperature)
        {
            Tensor hidden = model.Hidden(new PackedSequences([TinyModels.Ids(20, seed: 1)]));
            return Twins.Values(OutputHead.Score(hidden, model.HeadWeight, targets, temperature).LogProb);
        }
    }
}
