using Reasoning.Models;
using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Rewards.Vote;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.RewardRules;

namespace Reasoning.Trainer.Tests.Loop;

/// <summary>What votes weigh, and advantages of pass@k and by entropy, from a model's answers on.</summary>
public sealed class VoteSwitchTests
{
    private static readonly Recipe s_majority = new Recipe
    {
        Objective = Grpo.Declaration,
        Reward = RewardKind.Majority,
        Truncated = TruncatedKind.Keep,
        SamplesPerPrompt = 12,
        MaxNewTokens = 12,
    }.With(new PolicyGradientSettings { KlCoefficient = 0 });

    [Fact]
    public void Votes_weigh_by_the_entropies_that_the_model_gives_every_token()
    {
        using Learner learner = Learner.Start(Policy.Load(TinyModel.Folder), s_majority, TinyModel.Folder);
        foreach (Reward reward in RewardKind.All.Where(reward => reward.Settings.OfType<VoteSettings>().Any()))
        {
            Recipe recipe = (s_majority with { Reward = reward }).With(new VoteSettings { Vote = VoteKind.Confidence, VoteKeep = 0.5 });
            PromptGroup group = Judged(learner, recipe);
            float[][] entropies = [.. group.Samples.Select(sample => Entropies(learner.Policy, sample))];
            VoteResult plain = MajorityVote.Vote([.. group.Samples.Select(sample => new Ballot(sample.Extraction.Answer, sample.IsTruncated))]);
            VoteResult expected = plain.Weighted(ConfidenceWeights.Of(plain, entropies, 0.5));

            Assert.NotEqual(plain.Weights, expected.Weights);
            Assert.Equal(expected.Weights, group.Vote!.Weights, (a, b) => Math.Abs(a - b) < 1e-3);
            Assert.Equal(expected.Winner, group.Vote.Winner);
            Assert.Equal(expected.Agrees, group.Samples.Select(sample => sample.Agrees));
        }
    }

    [Fact]
    public void Entropy_shapes_the_advantages_of_every_estimator()
    {
        using Learner learner = Learner.Start(Policy.Load(TinyModel.Folder), s_majority, TinyModel.Folder);
        foreach (AdvantageKind advantage in Enum.GetValues<AdvantageKind>())
        {
            Recipe recipe = s_majority with { Advantage = advantage, PassK = 2 };
            PromptGroup plain = Judged(learner, recipe), shaped = Judged(learner, recipe with { EntropyShaping = true });
            double mean = shaped.Samples.Average(sample => sample.MeanEntropy);

            Assert.Contains(plain.Samples, sample => sample.Advantage != 0);
            foreach ((Sample before, Sample after) in plain.Samples.Zip(shaped.Samples))
                Assert.Equal(before.Advantage * Math.Clamp(2 - (after.MeanEntropy / mean), 0, 2), after.Advantage, 9);
        }
    }

    [Fact]
    public void Pass_at_k_is_refused_where_rewards_do_not_say_what_is_right()
    {
        Recipe recipe = s_majority with { Advantage = AdvantageKind.PassAtK };
        recipe.Check();
        (recipe with { Reward = RewardKind.Gold }).Check();
        Refused("only says how good", recipe with { Reward = RewardKind.SoftMajority });
        Refused("format-weight", recipe with { FormatWeight = 0.1 });
        Refused("pass-k is 13", recipe with { PassK = 13 });

        static void Refused(string expected, Recipe recipe) =>
            Assert.Contains(expected, Assert.Throws<UserErrorException>(recipe.Check).Message);
    }

    [Fact]
    public void Gold_answers_change_no_advantage_but_those_of_the_labelled_baseline()
    {
        using Learner learner = Learner.Start(Policy.Load(TinyModel.Folder), s_majority, TinyModel.Folder);
        string[] given = [.. Judged(learner, s_majority).Samples.Select(sample => sample.Extraction.Answer).OfType<string>().Distinct()];
        foreach (Reward reward in RewardKind.All.Where(reward => reward != Reward.None))
        {
            Recipe recipe = (s_majority with { Reward = reward }).With(new GateSettings { LabelShare = 0, LabelMargin = 0 })
                .With(new TeacherSettings { TeacherSamples = 31 });
            double[] none = Advantages(null), one = Advantages(given[0]), other = Advantages(given[1]);
            Assert.True(one.Any(advantage => advantage != 0), $"{reward.Name} says nothing");
            Assert.Equal(reward.UsesGold, !one.SequenceEqual(other));
            if (!reward.UsesGold) Assert.Equal(one, none);

            double[] Advantages(string? gold) => [.. Judged(learner, recipe, gold).Samples.Select(sample => sample.Advantage)];
        }
    }

    private static PromptGroup Judged(Learner learner, Recipe recipe, string? gold = null)
    {
        PromptGroup group = GenerateSamples.From(learner.Policy, [new Prompt("a", "Take 1 and 2", gold)], recipe, step: 1, null, default)[0];
        using var judge = new Judge(recipe, learner.Policy, _ => { }, learner);
        judge.SampleMore([group], 1, default);
        judge.Score([group], step: 1);
        Advantage.Assign([group], recipe);
        using var meter = new Meter();
        judge.Measure(meter, [group]);
        return group;
    }

    private static float[] Entropies(Policy policy, Sample sample)
    {
        (_, _, double[] entropies) = Scorer.Score(policy.Model, [.. sample.Rollout.PromptIds, .. sample.Rollout.Ids]);
        return [.. entropies.TakeLast(sample.Rollout.Ids.Length).Select(entropy => (float)entropy)];
    }
}
