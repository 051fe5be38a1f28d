using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Functions;

public sealed class ZeroSiamHeadTests
{
    [Theory]
    [InlineData(1, 4, 2, 1.0, 0)]
    [InlineData(37, 16, 50, 1.0, 5)]
    [InlineData(33, 24, 803, 0.6, 33)]
    [InlineData(65, 8, 40, 1.7, 64)]
    public void Chunked_and_full_scores_and_gradients_agree(int rows, int width, int vocab, double temperature, int chunk)
    {
        using DisposeScope scope = NewDisposeScope();
        Twins.AssertSame(
            t => Pair(ZeroSiamHead.Fused(t[0], t[1], t[2], temperature, chunk)),
            t => Pair(ZeroSiamHead.Composite(t[0], t[1], t[2], temperature)),
            1e-5, Twins.Normal(1, [rows, width]), Predictor(width, 0.1), Twins.Normal(2, [vocab, width]));
    }

    [Fact]
    public void Diagnostics_of_the_target_branch_agree_and_have_no_gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = Twins.Normal(1, [30, 12]), weight = Twins.Normal(2, [45, 12]), predictor = Predictor(12, 0.1);
        ZeroSiamScores fused = ZeroSiamHead.Fused(hidden, predictor, weight, 0.7, 8);
        ZeroSiamScores composite = ZeroSiamHead.Composite(hidden, predictor, weight, 0.7);
        Twins.AssertClose(Twins.Values(composite.TargetEntropy), Twins.Values(fused.TargetEntropy), 1e-5, "target entropy");
        Twins.AssertClose(Twins.Values(composite.TargetLogitNorm), Twins.Values(fused.TargetLogitNorm), 1e-5, "logit norm");
        Assert.Equal(Twins.Values(composite.TargetTop), Twins.Values(fused.TargetTop));
        Assert.False(fused.TargetEntropy.requires_grad || fused.TargetLogitNorm.requires_grad || fused.TargetTop.requires_grad);
    }

    [Fact]
    public void Any_type_goes_by_chunks()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = Twins.Normal(1, [7, 5], ScalarType.Float64), weight = Twins.Normal(2, [9, 5], ScalarType.Float64);
        Tensor predictor = Predictor(5, 0.2).detach().to(ScalarType.Float64).requires_grad_();
        Twins.AssertSame(
            t => Pair(ZeroSiamHead.Fused(t[0], t[1], t[2], 0.8, 3)), t => Pair(ZeroSiamHead.Composite(t[0], t[1], t[2], 0.8)),
            1e-12, hidden, predictor, weight);
    }

    [Fact]
    public void Gradient_is_that_of_the_loss_with_a_constant_target_branch()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = Twins.Normal(1, [4, 3], ScalarType.Float64), weight = Twins.Normal(2, [6, 3], ScalarType.Float64);
        Tensor predictor = Predictor(3, 0.3).detach().to(ScalarType.Float64).requires_grad_();
        Tensor target = nn.functional.log_softmax(nn.functional.linear(hidden, weight), -1).detach();
        double[][] found = Twins.Run(t => Pair(ZeroSiamHead.Composite(t[0], t[1], t[2])), hidden, predictor, weight);

        // The same loss written out with the target as a number that does not move, which central differences can follow.
        Tensor[] Loss(Tensor[] t)
        {
            Tensor online = nn.functional.log_softmax(nn.functional.linear(nn.functional.linear(t[0], t[1]), t[2]), -1);
            Tensor p = online.exp(), r = target.exp();
            return [(p * online).sum(1).neg(), (p * (online - target)).sum(1) + (r * (target - online)).sum(1)];
        }

        Twins.AssertGradients(Loss, hidden, predictor, weight);
        double[][] expected = Twins.Run(Loss, hidden, predictor, weight);
        for (int i = 0; i < expected.Length; i++)
            Twins.AssertClose(expected[i], found[i], 1e-10, $"result {i}");
    }

    [Fact]
    public void With_the_identity_predictor_the_step_is_a_Tent_step()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = Twins.Normal(1, [50, 32]), weight = Twins.Normal(2, [301, 32]) * 0.5f, predictor = eye(32).requires_grad_();
        Tensor h1 = hidden.detach().clone().requires_grad_(), w1 = weight.detach().clone().requires_grad_();
        Tensor h2 = hidden.detach().clone().requires_grad_(), w2 = weight.detach().clone().requires_grad_();
        ZeroSiamScores siam = ZeroSiamHead.Score(h1, predictor, w1);
        HeadScores tent = OutputHead.Score(h2, w2, OutputHeadTests.Targets(50, 301));
        Assert.All(Twins.Values(siam.Divergence), d => Assert.Equal(0, d));
        (siam.OnlineEntropy + siam.Divergence).mean().backward();
        tent.Entropy.mean().backward();
        Twins.AssertClose(Twins.Values(tent.Entropy), Twins.Values(siam.OnlineEntropy), 1e-6, "entropy");
        Twins.AssertClose(Twins.Values(h2.grad!), Twins.Values(h1.grad!), 1e-6, "gradient of the hidden states");
        Twins.AssertClose(Twins.Values(w2.grad!), Twins.Values(w1.grad!), 1e-6, "gradient of the head");
        Assert.Contains(Twins.Values(predictor.grad!), g => g != 0);
    }

    [Fact]
    public void A_predictor_of_another_width_is_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => ZeroSiamHead.Score(zeros(2, 3), eye(4), zeros(5, 3)));
    }

    private static Tensor Predictor(int width, double noise) =>
        (eye(width) + (Twins.Normal(9, [width, width], gradient: false) * (float)noise)).requires_grad_();

    private static Tensor[] Pair(ZeroSiamScores scores) => [scores.OnlineEntropy, scores.Divergence];
}
