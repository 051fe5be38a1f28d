using Reasoning.Models;
using Reasoning.Models.Devices;
using Reasoning.Models.Random;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Methods;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Tests.Methods;

public sealed class ZeroSiamLossTests
{
    private const double Alpha = 0.7, Temperature = 0.8;

    static ZeroSiamLossTests() => NativeLibraries.Load(); // tensors before any model

    [Fact]
    public void Its_gradient_is_that_of_the_formula_with_a_constant_target_branch()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = Normal(1, 5, 3), predictor = eye(3, dtype: ScalarType.Float64).Plus(Normal(2, 3, 3).Times(0.3)), head = Normal(3, 7, 3);
        Tensor weights = Normal(4, 5, 1).view(5).abs();
        Tensor[] leaves = [.. ((Tensor[])[hidden, predictor, head]).Select(input => input.clone().requires_grad_())];
        using var tokens = new TokenBatch(leaves[0], weights);
        double loss = Backward(tokens, leaves[1], leaves[2], Alpha).item<double>();

        // Written out with both divergences apart, and the target as a number that does not move.
        Tensor target = nn.functional.log_softmax(hidden.mm(head.t()).DividedBy(Temperature), 1), r = target.exp();
        double Formula()
        {
            Tensor online = nn.functional.log_softmax(hidden.mm(predictor.t()).mm(head.t()).DividedBy(Temperature), 1), p = online.exp();
            Tensor tokens = (p * online).sum(1).neg().Plus((r * (target - online)).sum(1).Plus((p * (online - target)).sum(1)).Times(Alpha));
            return (tokens * weights).sum().item<double>();
        }

        Assert.Equal(Formula(), loss, 1e-12);
        Tensor[] inputs = [hidden, predictor, head];
        for (int input = 0; input < inputs.Length; input++)
        {
            Tensor flat = inputs[input].view(-1), gradient = leaves[input].grad!.view(-1);
            for (int i = 0; i < flat.shape[0]; i++)
            {
                const double Step = 1e-5;
                flat[i] = flat[i].Plus(Step);
                double up = Formula();
                flat[i] = flat[i].Minus(2 * Step);
                double down = Formula();
                flat[i] = flat[i].Plus(Step);
                Assert.Equal((up - down) / (2 * Step), gradient[i].item<double>(), 1e-7);
            }
        }
    }

    [Fact]
    public void With_the_identity_as_predictor_it_is_the_entropy_and_the_branches_are_equal_to_the_bit()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor states = Normal(1, 50, 32).to(ScalarType.Float32), matrix = Normal(2, 301, 32).Times(0.5).to(ScalarType.Float32), weights = ones(50);
        Tensor h1 = states.clone().requires_grad_(), w1 = matrix.clone().requires_grad_(), predictor = eye(32).requires_grad_();
        Tensor h2 = states.clone().requires_grad_(), w2 = matrix.clone().requires_grad_();
        using TokenBatch siamTokens = new(h1, weights), tentTokens = new(h2, weights);
        Tensor tops = zeros(301, ScalarType.Float64), siam = Backward(siamTokens, predictor, w1, 1, tops);
        Tensor tent = tentTokens.Backward([h2], w2, Tent.Entropy, Temperature);

        Assert.Equal(tent.item<float>(), siam.item<float>(), 1e-4);
        Assert.All(Floats.Of(siamTokens.Kept(ZeroSiam.Divergence)!), d => Assert.Equal(0, d));
        Assert.Equal(Floats.Of(siamTokens.Kept(Metrics.Entropy)!), Floats.Of(siamTokens.Kept(ZeroSiam.OnlineEntropy)!));
        Assert.InRange((h1.grad! - h2.grad!).abs().max().item<float>(), 0, 1e-5);
        Assert.InRange((w1.grad! - w2.grad!).abs().max().item<float>(), 0, 1e-5);
        Assert.True(predictor.grad!.abs().max().item<float>() > 0);

        Tensor logits = states.mm(matrix.t());
        Assert.Equal(Floats.Of(logits.argmax(1).bincount(null, minlength: 301)), Floats.Of(tops));
        Assert.InRange((logits.norm(1) - siamTokens.Kept(LogitStatistics.Norm)!).abs().max().item<float>(), 0, 1e-3);
    }

    private static Tensor Backward(TokenBatch tokens, Tensor predictor, Tensor head, double alpha, Tensor? tops = null) =>
        tokens.Backward(ZeroSiam.States(tokens.Hidden, predictor), head,
            (rows, batch) => ZeroSiam.Loss(rows, batch, alpha, Temperature, tops ?? zeros(head.shape[0], ScalarType.Float64)), Temperature);

    private static Tensor Normal(ulong seed, long rows, long columns)
    {
        var stream = new KeyedStream(seed, 5);
        double[] values = [.. Enumerable.Range(0, (int)(rows * columns)).Select(_ => stream.NextGaussian())];
        return tensor(values).view(rows, columns);
    }
}
