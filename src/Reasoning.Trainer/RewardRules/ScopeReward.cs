using Reasoning.Rewards.Vote;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.RewardRules;

/// <summary>
/// SCOPE (arXiv:2512.15146): <see cref="SubgroupVote"/> has the labels of the blocks, the choice of their size, and the deviations. An answer
/// earns 1 if it equals the label of its own block. A step ends with the last of tokens in a row that have a line break in them; the paper
/// wants an empty line, which short solutions do not have.
/// Deviation: the paper compares all answers to a prompt, whatever their labels; here blocks of 8 and more are compared within themselves,
/// since different labels under one mean are noise. Where not even the gate gives a block a label its advantages are exactly zero.
/// </summary>
internal sealed class ScopeReward(RewardContext context) : RewardRule
{
    public static readonly Metric SubgroupSize = new("subgroup_size", "answers", "none", "Answers of a block that share a label, as chosen for the step.");
    public static readonly Metric SubgroupLabels =
        new("subgroup_labels", "labels", "none", "Different labels of the blocks of a prompt, mean over prompts.");
    public static readonly Metric SubgroupAccuracy =
        new("subgroup_accuracy", "share", "up", "Blocks with a label whose label equals the gold answer.");
    public static readonly Metric UnlabelledShare = new("unlabelled_share", "share", "down", "Blocks without a label.");

    /// <summary>Fewest answers of a block that are compared with each other alone.</summary>
    private const int OwnBaseline = 8;

    private readonly ScopeSettings _settings = context.Recipe.Of<ScopeSettings>();
    private readonly VoteGate _gate = new();
    private readonly Dictionary<int, bool> _breaksLine = [];
    private readonly Dictionary<PromptGroup, int[]> _labels = [];
    private int _size;

    public static RewardDeclaration Declaration { get; } = new(
        "scope", "1 if it equals the label of its block of answers, a vote of a random half weighed by how sure the steps are, else 0.",
        "SCOPE, arXiv:2512.15146", context => new ScopeReward(context))
    {
        Settings = [new ScopeSettings()],
        Metrics = [SubgroupSize, SubgroupLabels, SubgroupAccuracy, UnlabelledShare],
        Votes = true,
        IsBinary = true,
        NeedsEntropies = true,
    };

    public override void BeginStep(IReadOnlyList<PromptGroup> groups, int step)
    {
        _labels.Clear();
        if (groups.Count == 0) return;
        double[][] weights = [.. groups.Select(group => (double[])[.. group.Samples.Select(Weight)])];
        int[] sizes = SubgroupVote.Sizes(groups[0].Samples.Count);
        _size = SubgroupVote.Choose([.. sizes.Select(size => Outcome(size, Labels(size, draw: 0)))], _settings.SubgroupBalance);
        int[][] chosen = Labels(_size, draw: 1); // those that the size was chosen by would flatter it
        for (int g = 0; g < groups.Count; g++) _labels[groups[g]] = chosen[g];

        int[][] Labels(int size, int draw) =>
        [
            .. groups.Select((group, g) => SubgroupVote.Labels(
                group.Vote!, weights[g], size, _settings.WinnerWeight, _gate, context.Recipe.Seed, step, group.Prompt.Id, draw)),
        ];

        (int Size, double Reward, double Labels) Outcome(int size, int[][] labels) => (
            size,
            groups.Select((group, g) => Rewards(group, labels[g], size).Average()).Average(),
            labels.Average(own => own.Where(label => label >= 0).Distinct().Count()));
    }

    public override double[] Score(PromptGroup group)
    {
        int[] labels = _labels[group];
        for (int i = 0; i < group.Samples.Count; i++)
        {
            if (_size >= OwnBaseline) group.Samples[i].Baseline = i / _size;
            if (labels[i / _size] < 0) group.Samples[i].FixedAdvantage = 0;
        }

        return Rewards(group, labels, _size);
    }

    public override void Measure(Meter meter, IReadOnlyList<PromptGroup> groups)
    {
        if (_labels.Count == 0) return;
        meter.Set(SubgroupSize, _size);
        foreach ((PromptGroup group, int[] labels) in _labels)
        {
            meter.Mean(SubgroupLabels, labels.Where(label => label >= 0).Distinct().Count(), 1);
            meter.Mean(UnlabelledShare, labels.Count(label => label < 0), labels.Length);
            if (group.Prompt.Answer is not { } gold) continue;
            int[] given = [.. labels.Where(label => label >= 0)];
            meter.Mean(SubgroupAccuracy, given.Count(label => Sample.AreSame(gold, group.Vote!.Answers[label])), given.Length);
        }
    }

    /// <summary>What the vote of an answer with known entropies weighs.</summary>
    internal double Weight(Sample sample)
    {
        bool[] breaks = [.. sample.Rollout.Ids.Select(BreaksLine)];
        return SubgroupVote.Weight(sample.Entropies, [.. breaks.Select((here, t) => here && !(t + 1 < breaks.Length && breaks[t + 1]))]);
    }

    private static double[] Rewards(PromptGroup group, int[] labels, int size) =>
        [.. group.Vote!.Class.Select((c, i) => c >= 0 && c == labels[i / size] ? 1.0 : 0)];

    private bool BreaksLine(int id)
    {
        if (_breaksLine.TryGetValue(id, out bool known)) return known;
        return _breaksLine[id] = context.Policy.Tokenizer.Decode([id]).Contains('\n', StringComparison.Ordinal);
    }
}

/// <summary>Settings of SCOPE.</summary>
internal sealed record ScopeSettings : MethodSettings
{
    [Setting("weight",
        "Weight of the mean reward when the size of blocks is chosen; the rest is the weight of the number of different labels.", Min = 0, Max = 1)]
    public double SubgroupBalance { get; init; } = 0.7;

    [Setting("share", "Share of the drawn weight that a label needs; below it the vote of all answers decides where it is clear.", Min = 0, Max = 1)]
    public double WinnerWeight { get; init; } = 0.3;
}
