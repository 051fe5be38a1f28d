using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.RewardRules;

namespace Reasoning.Trainer.Tests.Methods;

public sealed class AepoTests
{
    private static readonly Recipe s_recipe =
        new Recipe { Objective = Aepo.Declaration, Reward = RewardKind.Majority }.With(new PolicyGradientSettings { KlCoefficient = 0 });

    /// <summary>All answers are right, and the policy gradient prefers one of them: alone it knows of no target.</summary>
    [Theory]
    [InlineData(0.6)]
    [InlineData(1.5)]
    public void It_reaches_its_target_entropy(double ratio)
    {
        double start = Entropies(new AepoSettings { ReinforceWeight = 0 }, steps: 1)[0], target = ratio * start;
        double[] held = Entropies(new AepoSettings { RegulatedEntropy = target, ReinforceSamples = 24, ReinforceWeight = 0.5 }, steps: 200);

        double reached = held[^100..].Average();
        Assert.True(reached > 0.8 * target && reached < 1.2 * target, $"target {target}, reached {reached} by {string.Join(" ", held)}");
    }

    [Theory]
    [InlineData(100, 0.8 * 1.2)]
    [InlineData(0, 0.8 * 0.7)]
    public void It_samples_hotter_below_the_target_and_colder_above(double target, double temperature)
    {
        using var fixture = new MethodFixture((s_recipe with { Temperature = 0.8 }).With(
            new AepoSettings { RegulatedEntropy = target, ColdTemperature = 0.7 }));
        fixture.Step(1);

        Assert.Equal(temperature, fixture.Meter[Aepo.ReinforceTemperature]!.Value, 12);
        Assert.Equal(
            -fixture.Samples.SelectMany(sample => sample.Rollout.LogProbs).Average(), fixture.Meter[Aepo.PolicyEntropy]!.Value, 1e-6);
    }

    [Fact]
    public void Answers_learn_with_the_mean_reward_of_those_that_say_the_same_and_with_the_policys_own_log_probabilities()
    {
        using var fixture = new MethodFixture(s_recipe.With(new AepoSettings { RegulatedEntropy = 100, HotTemperature = 2, ReinforceSamples = 20, ReinforceWeight = 0.5 }));
        for (int i = 0; i < fixture.Samples.Length; i++) fixture.Samples[i].Reward = (i % 4) - 1;
        fixture.Learner.BeginStep(fixture.Samples);
        Sample[] learned = fixture.Learner.Method.Learned(fixture.Samples);

        Assert.Equal(fixture.Samples, learned[..fixture.Samples.Length]);
        Sample[] more = learned[fixture.Samples.Length..];
        Assert.NotEmpty(more);
        Assert.Empty(more.Select(Key).Intersect(fixture.Samples.Select(Key)));
        foreach (Sample sample in more)
        {
            double[] same =
            [
                .. fixture.Samples.Where(other => other.Rollout.PromptId == sample.Rollout.PromptId && other.IsAnswered
                    && other.Extraction.Answer == sample.Extraction.Answer).Select(other => other.Reward),
            ];
            Assert.Equal(0.5 * same.Average(), sample.Advantage, 12);
            Assert.True(sample.Advantage > 0);
            (_, double[] own, _) = Scorer.Score(fixture.Learner.Policy.Model, [.. sample.Rollout.PromptIds, .. sample.Rollout.Ids]);
            float[] expected = [.. own[(sample.Rollout.PromptIds.Length - 1)..].Select(p => (float)p)];
            Assert.All(expected.Zip(sample.Rollout.LogProbs), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        }

        static (string, int) Key(Sample sample) => (sample.Rollout.PromptId, sample.Rollout.Sample);
    }

    [Fact]
    public void Without_weight_it_is_grpo()
    {
        using var aepo = new MethodFixture(s_recipe.With(new AepoSettings { ReinforceWeight = 0 }));
        using var grpo = new MethodFixture(s_recipe with { Objective = Grpo.Declaration });

        Assert.Equal(grpo.Differentiate().Gradients, aepo.Differentiate().Gradients);
    }

    [Fact]
    public void Groups_without_an_advantage_can_still_be_heated()
    {
        using var fixture = new MethodFixture(s_recipe.With(new AepoSettings { RegulatedEntropy = 100 }));
        foreach (Sample sample in fixture.Samples) (sample.Reward, sample.Advantage) = (1, 0);

        Assert.Contains(fixture.Differentiate().Gradients, values => values.Any(value => value != 0));
    }

    [Fact]
    public void A_reward_that_an_answers_text_does_not_have_is_refused()
    {
        using var folder = new TempFolder();
        string error = Cli.Train(folder, "aepo", "run", "--set", "updates-per-rollout=1", "--set", "reward=likelihood").BadInput();
        Assert.Contains("set reward to majority", error);
        Assert.False(Directory.Exists(folder.File("run")));
    }

    [Fact]
    public void A_resumed_run_samples_the_same_answers()
    {
        using var folder = new TempFolder();
        Cli verified = Cli.Run(
            [
                "verify-resume", "--recipe", "aepo", "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--steps", "2", .. Cli.Small,
                "--set", "updates-per-rollout=2", "--set", "learning-rate=1e-3",
            ]);

        Assert.True(verified.ExitCode == 0, verified.Out + verified.Error);
    }

    /// <summary>Entropy of the policy in each step, as its own answers show it.</summary>
    private static double[] Entropies(AepoSettings settings, int steps)
    {
        Recipe recipe = s_recipe.With(settings) with { SamplesPerPrompt = 48, MaxNewTokens = 16, LearningRate = 0.05, MaxGradNorm = 0, Optimizer = OptimizerKind.Sgd, Momentum = 0 };
        using Learner learner = Learner.Start(Policy.Load(TinyModel.Folder), recipe, TinyModel.Folder);
        Prompt[] prompts = [new("a", "Take 1 and 2")];
        var entropies = new double[steps];
        for (int step = 1; step <= steps; step++)
        {
            using var meter = new Meter();
            Sample[] samples = [.. GenerateSamples.From(learner.Policy, prompts, recipe, step, null, default).SelectMany(group => group.Samples)];
            foreach (Sample sample in samples)
            {
                sample.Learns = true;
                sample.Reward = sample.IsAnswered ? 1 : 0;
                sample.Advantage = sample.Extraction.Answer == "2" ? 0.3 : -0.1;
            }

            learner.BeginStep(samples);
            learner.Method.Rule.Update(learner, samples, step, meter);
            learner.Method.EndStep(meter);
            entropies[step - 1] = meter[Aepo.PolicyEntropy]!.Value;
        }

        return entropies;
    }
}
