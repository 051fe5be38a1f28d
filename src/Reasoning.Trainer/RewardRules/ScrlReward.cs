using Reasoning.Rewards.Shaping;
using Reasoning.Rewards.Vote;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.RewardRules;

/// <summary>
/// SCRL (arXiv:2603.19880): <see cref="SelectiveReward"/> has the formula and the deviations. What the gate made of prompts whose gold
/// answer is known is logged, and never trained on.
/// </summary>
internal sealed class ScrlReward(Recipe recipe) : RewardRule
{
    public static readonly Metric LabelledShare =
        new("labelled_share", "share", "none", "Prompts whose vote passes the gate, so that its winner is a label.");
    public static readonly Metric GatedLabelAccuracy =
        new("gated_label_accuracy", "share", "up", "Those labels that equal the gold answer.");
    public static readonly Metric NegativeShare =
        new("negative_share", "share", "none", "Answers that are taken for wrong because they are rare and the model was unsure of them.");
    public static readonly Metric NegativeAccuracy =
        new("negative_accuracy", "share", "up", "Those answers that do not equal the gold answer.");

    private readonly double _certaintyWeight = recipe.Of<ScrlSettings>().CertaintyWeight;
    private readonly VoteGate _gate = recipe.Of<GateSettings>().Gate with { RareShare = recipe.Of<ScrlSettings>().RareShare };
    private readonly List<(PromptGroup PromptGroup, SelectiveResult Result)> _results = [];

    public static RewardDeclaration Declaration { get; } = new(
        "scrl",
        "The share of a clear vote for those who gave it, less than nothing for rare answers the model was unsure of, a little for certainty.",
        "SCRL, arXiv:2603.19880", context => new ScrlReward(context.Recipe))
    {
        Settings = [new VoteSettings(), new GateSettings(), new ScrlSettings()],
        Metrics = [LabelledShare, GatedLabelAccuracy, NegativeShare, NegativeAccuracy],
        Votes = true,
        NeedsEntropies = true,
    };

    public override void BeginStep(IReadOnlyList<PromptGroup> groups, int step) => _results.Clear();

    public override double[] Score(PromptGroup group)
    {
        double[] entropies = [.. group.Samples.Select(sample => sample.MeanEntropy)];
        SelectiveResult result = SelectiveReward.Score(group.Vote!, entropies, _gate, _certaintyWeight);
        _results.Add((group, result));
        if (result.Advantages is { } advantages)
        {
            for (int i = 0; i < advantages.Length; i++) group.Samples[i].FixedAdvantage = advantages[i];
        }

        return result.Rewards;
    }

    public override void Measure(Meter meter, IReadOnlyList<PromptGroup> groups)
    {
        meter.Mean(LabelledShare, _results, scored => scored.Result.Label >= 0 ? 1 : 0);
        foreach ((PromptGroup group, SelectiveResult result) in _results)
        {
            meter.Mean(NegativeShare, result.Negatives.Count(negative => negative), result.Negatives.Length);
            if (group.Prompt.Answer is not { } gold) continue;
            if (result.Label >= 0)
                meter.Mean(GatedLabelAccuracy, Sample.AreSame(gold, group.Vote!.Answers[result.Label]) ? 1 : 0, 1);
            Sample[] negatives = [.. group.Samples.Where((_, i) => result.Negatives[i])];
            meter.Mean(NegativeAccuracy, negatives.Count(sample => !sample.IsCorrect(group.Prompt)), negatives.Length);
        }
    }
}

/// <summary>Settings of SCRL.</summary>
internal sealed record ScrlSettings : MethodSettings
{
    [Setting("share",
        "Answers with less than this share of the votes, or with a single one, may be treated as wrong; 0 treats none so.", Min = 0, Max = 1)]
    public double RareShare { get; init; } = 0.125;

    [Setting("weight", "Weight of the certainty of an answer's class, relative to the mean entropy of the group.", Min = 0)]
    public double CertaintyWeight { get; init; } = 0.1;
}
