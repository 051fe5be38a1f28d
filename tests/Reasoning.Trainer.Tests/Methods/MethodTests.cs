using Reasoning.Models.Devices;
using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.RewardRules;

namespace Reasoning.Trainer.Tests.Methods;

public sealed class MethodTests
{
    private static readonly Recipe s_tent = new() { Objective = Tent.Declaration };
    private static readonly Recipe s_zerosiam = new() { Objective = ZeroSiam.Declaration };
    private static readonly Recipe s_grpo = new Recipe { Objective = Grpo.Declaration, Reward = RewardKind.Majority }
        .With(new PolicyGradientSettings { EntropyCoefficient = 0.01, KlCoefficient = 0.1 });

    public static TheoryData<string, string> Splits => new()
    {
        { "tent", "token-mean" }, { "tent", "sequence-mean" }, { "zerosiam", "token-mean" }, { "zerosiam", "sequence-mean" },
        { "grpo", "token-mean" }, { "grpo", "sequence-mean" }, { "grpo", "constant" },
    };

    [Theory]
    [MemberData(nameof(Splits))]
    public void The_micro_batch_split_changes_neither_loss_nor_gradients(string objective, string aggregation)
    {
        Recipe recipe = Of(objective) with { Aggregation = (AggregationKind)Words.Parse(typeof(AggregationKind), aggregation)! };
        (double whole, float[][] wholeGradients) = Differentiate(recipe with { MicroBatchTokens = 1_000_000 });
        (double single, float[][] singleGradients) = Differentiate(recipe with { MicroBatchTokens = 1 });

        Assert.Equal(whole, single, 1e-5 * Math.Max(1, Math.Abs(whole)));
        Assert.InRange(MethodFixture.Distance(wholeGradients, singleGradients), 0, 1e-4);
    }

    [Fact]
    public void The_first_zerosiam_step_on_the_model_equals_tents()
    {
        (double tent, float[][] tentGradients) = Differentiate(s_tent);
        (double siam, float[][] siamGradients) = Differentiate(s_zerosiam);

        Assert.Equal(tent, siam, 1e-5);
        Assert.InRange(MethodFixture.Distance(tentGradients, siamGradients[..^1]), 0, 1e-4);
        Assert.Contains(siamGradients[^1], value => value != 0);
    }

    [Fact]
    public void A_frozen_predictor_keeps_zerosiam_equal_to_tent_for_several_steps()
    {
        float[][] tent = AfterSteps(s_tent with { Optimizer = OptimizerKind.Sgd, LearningRate = 0.01 });
        float[][] siam = AfterSteps(s_zerosiam.With(new PredictorSettings { PredictorRatio = 0 }) with { Optimizer = OptimizerKind.Sgd, LearningRate = 0.01 });
        float[][] moving = AfterSteps(s_zerosiam.With(new PredictorSettings { PredictorRatio = 10 }) with { Optimizer = OptimizerKind.Sgd, LearningRate = 0.01 });

        Assert.InRange(MethodFixture.Distance(tent, siam), 0, 1e-5);
        Assert.InRange(MethodFixture.Distance(tent, moving), 1e-5, 1);
    }

    [Fact]
    public void Tent_minimizes_the_mean_entropy_of_the_sampled_tokens()
    {
        using var fixture = new MethodFixture(s_tent);
        (double loss, _) = fixture.Differentiate();
        double expected = fixture.Samples.SelectMany(sample => Entropies(fixture.Learner.Policy, sample)).Average();

        Assert.Equal(expected, loss, 1e-4);
        Assert.Equal(expected, fixture.Meter[Metrics.Entropy]!.Value, 1e-4);
        Assert.InRange(fixture.Meter[Metrics.LogProbGapMax]!.Value, 0, 1e-4);
    }

    [Theory]
    [InlineData("first", 2)]
    [InlineData("top-entropy", 1)]
    [InlineData("answer", 1)]
    public void A_choice_of_tokens_narrows_what_is_minimized(string tokens, int least)
    {
        EntropySettings settings =
            new() { Tokens = (TokensKind)Words.Parse(typeof(TokensKind), tokens)!, FirstTokens = 2, TopEntropyShare = 0.2 };
        using var fixture = new MethodFixture(s_tent.With(settings));
        Sample[] boxed = [.. fixture.Samples.Where(sample => sample.IsAnswered)];
        Assert.NotEmpty(boxed);
        TokenChoice choice = fixture.Learner.Method.Choice;
        foreach (Sample sample in boxed)
        {
            float[] entropies = [.. Entropies(fixture.Learner.Policy, sample).Select(h => (float)h)];
            int[] places = [.. choice.Places(sample, entropies)];
            Assert.Equal(choice.Count(sample), places.Length);
            Assert.InRange(places.Length, least, sample.Rollout.Ids.Length - 1);
            Assert.Equal(places.Order(), places);
            if (tokens == "first") Assert.Equal([0, 1], places);
            if (tokens == "top-entropy") Assert.Contains(Array.IndexOf(entropies, entropies.Max()), places);
            if (tokens == "answer") Assert.Contains(
                "\\boxed", fixture.Learner.Policy.Tokenizer.Decode([.. places.Select(place => sample.Rollout.Ids[place])]));
        }

        (double loss, _) = fixture.Differentiate(boxed);
        Assert.InRange(loss, 0, 10);
        Assert.Equal(boxed.Sum(choice.Count), fixture.Meter[Metrics.TrainedTokens]);
    }

    private static Recipe Of(string objective) => objective switch { "tent" => s_tent, "zerosiam" => s_zerosiam, _ => s_grpo };

    private static (double Loss, float[][] Gradients) Differentiate(Recipe recipe)
    {
        using var fixture = new MethodFixture(recipe);
        return fixture.Differentiate();
    }

    private static float[][] AfterSteps(Recipe recipe)
    {
        using var fixture = new MethodFixture(recipe);
        for (int step = 1; step <= 3; step++) fixture.Step(step);
        return [.. fixture.Learner.Parameters.Select(pair => Floats.Of(pair.Parameter))];
    }

    private static double[] Entropies(Policy policy, Sample sample)
    {
        (_, _, double[] entropies) = Scorer.Score(policy.Model, [.. sample.Rollout.PromptIds, .. sample.Rollout.Ids]);
        return entropies[(sample.Rollout.PromptIds.Length - 1)..];
    }
}
