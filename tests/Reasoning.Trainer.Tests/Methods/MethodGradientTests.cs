using Reasoning.Models;
using Reasoning.Models.Random;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.RewardRules;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Tests.Methods;

/// <summary>
/// Loss and gradient of a method in float64, against its formula written out over all logits and against finite differences of that.
/// The constant branches of ZeroSiam and CoTTA ask for tests of their own.
/// </summary>
public sealed class MethodGradientTests
{
    private const int Width = 4;
    private static readonly Recipe s_rewarded = new() { Reward = RewardKind.Majority };

    [Fact]
    public void Tent() => Check(
        new Recipe { Objective = Trainer.Methods.Tent.Declaration }.With(new EntropySettings { LossTemperature = 0.8 }), 0.8,
        row => row.Entropy);

    [Fact]
    public void Grpo_with_all_its_terms() => Check(
        (s_rewarded with { Objective = Grpo.Declaration })
            .With(new PolicyGradientSettings { KlCoefficient = 0.1, EntropyCoefficient = 0.05 }), 1, PolicyGradient);

    [Fact]
    public void Grpo_with_an_entropy_bonus_whose_weight_has_moved() => Check(
        (s_rewarded with { Objective = Grpo.Declaration }).With(new PolicyGradientSettings { KlCoefficient = 0.1, EntropyTarget = 1 }), 1, PolicyGradient,
        method => (method.Numbers["entropy.coefficient"], method.Numbers["entropy.last"]) = (0.05, 0.9));

    [Fact]
    public void Sar_over_the_tokens_below_its_threshold() => Check(
        new Recipe { Objective = Sar.Declaration }, 1, row => row.Entropy * AtMost(row.Entropy, row.Method.Numbers[ReliableTokens.Threshold]),
        method => method.Numbers[ReliableTokens.Threshold] = 3.7);

    /// <summary>The weight is constant: in the formula it is that of the start, whatever the differences do.</summary>
    [Fact]
    public void Eata_weighs_reliable_tokens_by_a_constant()
    {
        Tensor? weights = null;
        Check(
            new Recipe { Objective = Eata.Declaration }, 1, row =>
            {
                weights ??= (AtMost(row.Entropy, 3.7) * row.Entropy.neg().Plus(3.7).exp()).DetachFromDisposeScope();
                return row.Entropy * weights;
            },
            method => method.Numbers[ReliableTokens.Threshold] = 3.7);
        weights!.Dispose();
    }

    /// <summary>The formula has the ratio of the whole answer as a function of all its tokens; the method has it token by token.</summary>
    [Fact]
    public void Gspo_has_the_gradient_of_the_ratio_of_the_whole_answer() => Check(
        (s_rewarded with { Objective = Gspo.Declaration }).With(new PolicyGradientSettings { KlCoefficient = 0, DualClip = 0, ClipLow = 1, ClipHigh = 10 }),
        1, row =>
        {
            Tensor change = row.LogProb - row.Tokens.OldLogProbs, advantage = row.Tokens.Advantages;
            using Scalar zero = 0;
            Tensor first = advantage.gt(zero).to(change.dtype), second = ones_like(first) - first; // the two answers differ in sign
            Tensor ratio = (first * ((change * first).sum() / first.sum())).Plus(second * ((change * second).sum() / second.sum())).exp();
            return maximum(-advantage * ratio, -advantage * Within(ratio, 0, 11));
        });

    [Fact]
    public void Tlm_weighs_the_log_probabilities_of_a_prompt() => Check(
        new Recipe { Objective = Trainer.Methods.Tlm.Declaration }.With(new TlmSettings { SurpriseWeight = 0.125 }), 1,
        row => row.LogProb.Times(-1.25), method => method.Numbers["tlm.threshold"] -= 5); // far beyond the bound of the weight

    [Fact]
    public void Epo_with_a_corridor_that_tokens_leave_on_both_sides() => Check(
        (s_rewarded with { Objective = Epo.Declaration, Steps = 20 })
            .With(new PolicyGradientSettings { KlCoefficient = 0.1, EntropyCoefficient = 0.05 })
            .With(new EpoSettings { CorridorWeight = 2, CorridorLow = 0.9, CorridorHigh = 1.1 }), 1,
        row => PolicyGradient(row).Plus(
            row.Entropy.neg().Plus(3.24).relu().Plus(row.Entropy.Minus(3.96).relu()).Times(0.05 * 2 * (1 + Math.Exp(-3 * 5 / 10.0)))),
        method => (method.Numbers["epo.entropies"], method.Numbers["epo.steps"]) = (5 * 3.6, 5));

    private static Tensor PolicyGradient(Row row)
    {
        Tensor ratio = (row.LogProb - row.Tokens.OldLogProbs).exp(), advantage = row.Tokens.Advantages;
        Tensor loss = maximum(-advantage * ratio, -advantage * Within(ratio, 0.8, 1.2));
        using Scalar zero = 0;
        loss = where(advantage.lt(zero), minimum(loss, advantage.Times(-3)), loss);
        Tensor start = row.Tokens.Kept("start log-probabilities")!, k = Within(start - row.LogProb, -20, 20);
        return loss.Plus(Within((k.exp() - k).Minus(1), -10, 10).Times(0.1)) - row.Entropy.Times(0.05);
    }

    private static Tensor AtMost(Tensor x, double bound)
    {
        using Scalar most = bound;
        return x.le(most);
    }

    private static Tensor Within(Tensor x, double low, double high)
    {
        using Scalar least = low, most = high;
        return x.clamp(least, most);
    }

    private static void Check(Recipe recipe, double temperature, Func<Row, Tensor> formula, Action<Method>? prepare = null)
    {
        using var fixture = new MethodFixture(recipe);
        Method method = fixture.Learner.Method;
        Sample[] samples = fixture.Samples[..2];
        samples[0].Advantage = 0.7;
        samples[1].Advantage = -1.1;
        fixture.Learner.BeginStep(samples);
        prepare?.Invoke(method);

        using DisposeScope scope = NewDisposeScope();
        var rows = new AnswerRows([.. samples.Select(sample => sample.Rollout)]);
        Tensor hidden = Normal(1, rows.Count, Width), head = Normal(2, fixture.Learner.Policy.Model.Config.VocabSize, Width);
        Tensor h = hidden.clone().requires_grad_(), w = head.clone().requires_grad_();
        using TokenBatch tokens = TokenBatch.Choose(method, samples, rows, h, w, [0.3, 0.1]);
        method.BeforeLoss(tokens, w);
        double loss = tokens.Backward(method.States(tokens.Hidden), w, method.Loss, method.Temperature).item<double>();

        Tensor counts = tokens.Of("counts", sample => Enumerable.Repeat(sample == samples[0] ? 0.3f : 0.1f, sample.Rollout.Ids.Length));
        double Formula()
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor all = nn.functional.log_softmax(hidden.mm(head.t()).DividedBy(temperature), 1);
            var row = new Row(all.gather(1, tokens.Targets!.unsqueeze(1)).squeeze(1), (all.exp() * all).sum(1).neg(), tokens, method);
            return (formula(row) * counts).sum().item<double>();
        }

        Assert.Equal(Formula(), loss, 1e-10 * Math.Max(1, Math.Abs(loss)));
        foreach ((Tensor input, Tensor gradient) in (IEnumerable<(Tensor, Tensor)>)[(hidden, h.grad!), (head, w.grad!)])
        {
            Tensor flat = input.view(-1), found = gradient.view(-1);
            for (long i = 0; i < flat.shape[0]; i += Math.Max(1, flat.shape[0] / 60))
            {
                const double Step = 1e-5;
                using DisposeScope inner = NewDisposeScope();
                flat[i] = flat[i].Plus(Step);
                double up = Formula();
                flat[i] = flat[i].Minus(2 * Step);
                double down = Formula();
                flat[i] = flat[i].Plus(Step);
                double expected = (up - down) / (2 * Step);
                Assert.Equal(expected, found[i].item<double>(), 1e-6 * Math.Max(1, Math.Abs(expected)));
            }
        }

        Assert.True(h.grad!.abs().max().item<double>() > 1e-4);
    }

    /// <summary>[rows, columns] float64 draws from the standard normal distribution.</summary>
    internal static Tensor Normal(ulong seed, long rows, long columns)
    {
        var stream = new KeyedStream(seed, 5);
        double[] values = [.. Enumerable.Range(0, (int)(rows * columns)).Select(_ => stream.NextGaussian())];
        return tensor(values).view(rows, columns);
    }

    /// <summary>What formulas are made of, all [n].</summary>
    private sealed record Row(Tensor LogProb, Tensor Entropy, TokenBatch Tokens, Method Method);
}
