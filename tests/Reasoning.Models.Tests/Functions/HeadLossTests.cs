using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Functions;

/// <summary>The losses that compute their gradients on the way forward, against the same losses made of plain tensor operations.</summary>
public sealed class HeadLossTests
{
    private const double Alpha = 0.7;

    [Theory]
    [InlineData(1, 4, 2, 1.0, 0)]
    [InlineData(37, 16, 50, 1.0, 5)]
    [InlineData(33, 24, 803, 0.6, 33)]
    [InlineData(65, 8, 40, 1.7, 64)]
    public void Entropy_loss_and_its_gradients_equal_the_composite(int rows, int width, int vocab, double temperature, int chunk)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor counts = Counts(rows), targets = zeros(rows, ScalarType.Int64);
        Twins.AssertSame(
            t => [OutputHead.EntropyLoss(t[0], t[1], counts, temperature, chunk).Loss],
            t => [(OutputHead.Composite(t[0], t[1], targets, temperature).Entropy * counts).sum()],
            1e-5, Twins.Normal(1, [rows, width]), Twins.Normal(2, [vocab, width]));
    }

    [Theory]
    [InlineData(1, 4, 2, 1.0, 0)]
    [InlineData(37, 16, 50, 1.0, 5)]
    [InlineData(33, 24, 803, 0.6, 33)]
    [InlineData(65, 8, 40, 1.7, 64)]
    public void ZeroSiam_loss_and_its_gradients_equal_the_composite(int rows, int width, int vocab, double temperature, int chunk)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor counts = Counts(rows);
        Twins.AssertSame(
            t => [ZeroSiamHead.Loss(t[0], t[1], t[2], counts, Alpha, temperature, chunk).Loss],
            t => [Weighted(ZeroSiamHead.Composite(t[0], t[1], t[2], temperature), counts)],
            1e-5, Twins.Normal(1, [rows, width]), Predictor(width), Twins.Normal(2, [vocab, width]));
    }

    [Fact]
    public void What_is_measured_on_the_way_equals_the_scores_and_has_no_gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = Twins.Normal(1, [30, 12]), weight = Twins.Normal(2, [45, 12]), predictor = Predictor(12), counts = Counts(30);
        ZeroSiamScores scores = ZeroSiamHead.Fused(hidden, predictor, weight, 0.8, 7);
        ZeroSiamScores found = ZeroSiamHead.Loss(hidden, predictor, weight, counts, Alpha, 0.8, 7).Scores;
        foreach (Func<ZeroSiamScores, Tensor> part in (Func<ZeroSiamScores, Tensor>[])
            [s => s.OnlineEntropy, s => s.Divergence, s => s.TargetEntropy, s => s.TargetLogitNorm, s => s.TargetTop])
        {
            Twins.AssertClose(Twins.Values(part(scores)), Twins.Values(part(found)), 1e-6, "score");
            Assert.False(part(found).requires_grad);
        }

        HeadLoss entropy = OutputHead.EntropyLoss(hidden, weight, counts, 0.8, 7);
        Twins.AssertClose(Twins.Values(scores.TargetEntropy), Twins.Values(entropy.Entropy), 1e-6, "entropy");
        Assert.False(entropy.Entropy.requires_grad);
    }

    [Fact]
    public void The_gradient_of_what_follows_the_loss_scales_its_own()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor counts = Counts(20);
        Twins.AssertSame(
            t => [ZeroSiamHead.Loss(t[0], t[1], t[2], counts, Alpha).Loss * -3.5],
            t => [Weighted(ZeroSiamHead.Composite(t[0], t[1], t[2]), counts) * -3.5],
            1e-5, Twins.Normal(1, [20, 6]), Predictor(6), Twins.Normal(2, [31, 6]));
    }

    [Fact]
    public void Only_what_requires_a_gradient_gets_one_and_without_any_there_is_a_loss_all_the_same()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = Twins.Normal(1, [20, 6]), frozen = Twins.Normal(2, [31, 6], gradient: false), predictor = Predictor(6), counts = Counts(20);
        Tensor loss = ZeroSiamHead.Loss(hidden, predictor, frozen, counts, Alpha).Loss;
        loss.backward();
        Assert.NotNull(hidden.grad);
        Assert.NotNull(predictor.grad);
        Assert.Null(frozen.grad);

        using IDisposable guard = no_grad();
        ZeroSiamLoss silent = ZeroSiamHead.Loss(hidden, predictor, frozen, counts, Alpha);
        Assert.False(silent.Loss.requires_grad);
        Assert.Equal(loss.item<float>(), silent.Loss.item<float>());
    }

    [Fact]
    public void Any_type_takes_the_scores_instead()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor counts = Counts(9).to(ScalarType.Float64), targets = zeros(9, ScalarType.Int64);
        Tensor hidden = Twins.Normal(1, [9, 5], ScalarType.Float64), weight = Twins.Normal(2, [11, 5], ScalarType.Float64);
        Tensor predictor = Predictor(5).detach().to(ScalarType.Float64).requires_grad_();
        Twins.AssertSame(
            t => [ZeroSiamHead.Loss(t[0], t[1], t[2], counts, Alpha, chunk: 4).Loss, OutputHead.EntropyLoss(t[0], t[2], counts, chunk: 4).Loss],
            t => [Weighted(ZeroSiamHead.Composite(t[0], t[1], t[2]), counts), (OutputHead.Composite(t[0], t[2], targets).Entropy * counts).sum()],
            1e-12, hidden, predictor, weight);
    }

    [Fact]
    public void Counts_of_another_length_are_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = Twins.Normal(1, [4, 6]), weight = Twins.Normal(2, [31, 6]);
        Assert.Throws<ArgumentException>(() => OutputHead.EntropyLoss(hidden, weight, Counts(5)));
    }

    private static Tensor Weighted(ZeroSiamScores scores, Tensor counts) => ((scores.OnlineEntropy + (scores.Divergence * Alpha)) * counts).sum();

    private static Tensor Counts(int rows) => Twins.Normal(9, [rows], gradient: false).abs();

    private static Tensor Predictor(int width)
    {
        using Tensor noise = Twins.Normal(3, [width, width], gradient: false);
        return (eye(width) + (noise * 0.1)).requires_grad_();
    }
}
