using Reasoning.Models;
using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Methods;

/// <summary>
/// AEPO (arXiv:2510.08141): a policy gradient whose entropy is held at a target by more answers, sampled hotter or colder.
/// <code>
/// ∇J = ∇J_GRPO + α E_{o∼π^T} [ R(o) ∇log π(o) ],  R ≥ 0        T = T_high where H &lt; H*, else T_low
/// H = − mean of log π(y_t) over the tokens of the step's answers
/// </code>
/// Learning from answers of a hotter policy makes the policy hotter, and from those of a colder one colder. R(o) is the mean reward of the
/// group's answers that equal o, or 0 where that is negative, or none does: such an answer does not learn. T_high and T_low are multiples
/// of <c>temperature</c>, H* is <c>regulated-entropy</c>, α is <c>reinforce-weight</c>. The answers stand beside those of the group with the
/// advantage α R(o), averaged and clipped together with them (<see cref="Grpo"/>); log π_old is recomputed without T.
/// Deviations: the released code puts such answers in the place of others, with an advantage of 1, from a quarter of the prompts, fewer of
/// them where it cools; here every prompt gets some, and α is a setting. It takes H from the update before, beginning at 0; here it is that
/// of the policy which is about to learn, so that no state is kept. Rewards are compared instead of the answers' own advantages, as in the
/// formula: with those a group that agrees could not be heated again. (Entropy-balanced policy optimization, arXiv:2510.14545, is another AEPO.)
/// </summary>
internal sealed class Aepo : Method
{
    public static readonly Metric PolicyEntropy =
        new("policy_entropy", "nats", "none", "Mean of minus the log-probabilities that the step's answers were drawn with: what regulated-entropy is compared with.");
    public static readonly Metric ReinforceTemperature =
        new("reinforce_temperature", "factor", "none", "What divided the logits for the answers that regulate the entropy.");
    public static readonly Metric ReinforcedShare = new("reinforced_share", "share", "none", "Those answers that had a reward and learnt.");

    private const string Steps = "aepo.steps";

    private readonly AepoSettings _settings;
    private readonly Grpo _policyGradient;
    private readonly ILookup<string, Sample> _none = Array.Empty<Sample>().ToLookup(sample => "");
    private ILookup<string, Sample> _reinforced; // by prompt
    private (double Entropy, double Temperature, int Sampled) _seen;

    private Aepo(MethodContext context) : base(context)
    {
        _settings = context.Recipe.Of<AepoSettings>();
        _policyGradient = new Grpo(context);
        _reinforced = _none;
    }

    public static MethodDeclaration Declaration { get; } = new(
        "aepo", "Policy gradient with the entropy held at a target by answers of a hotter or colder policy (AEPO).",
        "arXiv:2510.08141", context => new Aepo(context))
    {
        Settings = [.. Grpo.Declaration.Settings, new AepoSettings()],
        Metrics = [.. Grpo.Declaration.Metrics, PolicyEntropy, ReinforceTemperature, ReinforcedShare],
        Shown = [.. Grpo.Declaration.Shown, ("entropy", PolicyEntropy, 4)],
        UsesRewards = true,
        Check = CheckRecipe,
    };

    public override Dictionary<string, double> Numbers => _policyGradient.Numbers;

    public override IReadOnlyList<Tensor> Sums => _policyGradient.Sums;

    public override void BeginStep(IReadOnlyList<Sample> learning)
    {
        Numbers[Steps] = Numbers.GetValueOrDefault(Steps) + 1;
        _reinforced = learning.Count == 0 ? _none : Reinforced(learning);
        _policyGradient.BeginStep([.. learning, .. _reinforced.SelectMany(samples => samples)]);
    }

    public override Sample[] Learned(Sample[] batch) =>
        [.. batch, .. batch.Select(sample => sample.Rollout.PromptId).Distinct().SelectMany(id => _reinforced[id])];

    public override Tensor Loss(LogitRows rows, TokenBatch tokens) => _policyGradient.Loss(rows, tokens);

    public override void EndUpdate(Meter meter) => _policyGradient.EndUpdate(meter);

    public override void EndStep(Meter meter)
    {
        if (_seen.Sampled == 0) return;
        meter.Set(PolicyEntropy, _seen.Entropy);
        meter.Set(ReinforceTemperature, _seen.Temperature);
        meter.Set(ReinforcedShare, (double)_reinforced.Sum(samples => samples.Count()) / _seen.Sampled);
        _seen = default;
    }

    public override void Dispose()
    {
        base.Dispose();
        _policyGradient.Dispose();
    }

    private static void CheckRecipe(Recipe recipe)
    {
        var settings = recipe.Of<AepoSettings>();
        double lowest = recipe.Temperature * Math.Min(settings.HotTemperature, settings.ColdTemperature);
        Recipe.Require(
            lowest >= SamplingOptions.LowestTemperature,
            FormattableString.Invariant($"hot-temperature and cold-temperature are factors of temperature, {lowest} in all; at least {SamplingOptions.LowestTemperature} is needed"));
        if (recipe.Reward.Votes || recipe.Reward.UsesGold) return;
        throw new UserErrorException(
            $"objective aepo rewards an answer for what it says, and reward {recipe.Reward.Name} does not: set reward to majority");
    }

    /// <summary>Samples at the temperature that leads to the target, and keeps what has a reward.</summary>
    private ILookup<string, Sample> Reinforced(IReadOnlyList<Sample> learning)
    {
        Recipe recipe = Context.Recipe;
        double entropy = -learning.Average(sample => sample.Rollout.LogProbs.Sum(p => (double)p))
            / learning.Average(sample => sample.Rollout.Ids.Length);
        double temperature = recipe.Temperature * (entropy < _settings.RegulatedEntropy ? _settings.HotTemperature : _settings.ColdTemperature);
        Sample[][] groups = [.. learning.GroupBy(sample => sample.Rollout.PromptId).Select(group => group.ToArray())];
        GenerationRequest[] requests =
        [
            .. groups.Select(group => new GenerationRequest(
                group[0].Rollout.PromptId, group[0].Rollout.PromptIds, _settings.ReinforceSamples, FirstSample: recipe.SamplesPerPrompt)),
        ];
        IReadOnlyList<Rollout[]> rollouts = Context.Policy.Source.Generate(
            requests, GenerateSamples.Options(recipe, (int)Numbers[Steps]) with { Temperature = temperature });
        _seen = (entropy, temperature, requests.Length * _settings.ReinforceSamples);

        var rewarded = new List<Sample>();
        foreach ((Sample[] group, Rollout[] answers) in groups.Zip(rollouts))
        {
            foreach (Rollout rollout in answers)
            {
                var sample = new Sample(rollout, Context.Policy.Text(rollout), recipe.AnswerPlace) { Learns = true };
                sample.Reward = Reward(sample, group);
                sample.Advantage = sample.Reward * _settings.ReinforceWeight;
                if (sample.Advantage > 0) rewarded.Add(sample);
            }
        }

        return WithoutTemperature(rewarded).ToLookup(sample => sample.Rollout.PromptId);
    }

    /// <summary>The mean reward of the answers of the group that say the same; 0 where there is none, or less.</summary>
    private static double Reward(Sample sample, Sample[] group)
    {
        if (!sample.IsAnswered) return 0;
        double[] rewards =
        [
            .. group.Where(other => other.IsAnswered && sample.Gives(other.Extraction.Answer!))
                .Select(other => other.Reward),
        ];
        return rewards.Length == 0 ? 0 : Math.Max(0, rewards.Average());
    }

    /// <summary>The same answers with the log-probabilities that the policy itself gives them.</summary>
    private List<Sample> WithoutTemperature(List<Sample> samples)
    {
        var result = new List<Sample>();
        SampleScores.Each(
            Context.Policy.Model, [.. samples], Temperature, Context.Recipe.MicroBatchTokens, (rows, ids) => LogitRows.Pick(rows.LogProbs(), ids),
            (sample, logProbs) => result.Add(new Sample(sample.Rollout with { LogProbs = logProbs }, sample.Text, Context.Recipe.AnswerPlace)
            {
                Learns = true,
                Reward = sample.Reward,
                Advantage = sample.Advantage,
            }),
            Context.Ranks);
        return result;
    }
}

/// <summary>Settings of AEPO.</summary>
internal sealed record AepoSettings : MethodSettings
{
    [Setting("nats", "Target of the mean entropy over sampled tokens.", Min = 0)]
    public double RegulatedEntropy { get; init; } = 0.5;

    [Setting("factor", "Factor on temperature for the additional answers while the entropy is below its target.", Min = 0.01, Max = 100)]
    public double HotTemperature { get; init; } = 1.2;

    [Setting("factor", "Factor on temperature for the additional answers while it is not.", Min = 0.01, Max = 100)]
    public double ColdTemperature { get; init; } = 0.8;

    [Setting("answers", "Additional answers to each prompt, sampled at that temperature.", Min = 1, Max = 65536)]
    public int ReinforceSamples { get; init; } = 8;

    [Setting("weight", "Advantage of an additional answer, multiplied by its reward.", Min = 0)]
    public double ReinforceWeight { get; init; } = 0.1;
}
