using Reasoning.Models;
using Reasoning.Models.Policies;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.RewardRules;

/// <summary>What the program knows of a reward before it runs: recipes, checks, help and docs/metrics.md are made from this.</summary>
/// <param name="Name">The word for it in recipes (<c>reward</c>).</param>
/// <param name="Summary">What an answer is worth, in one sentence.</param>
/// <param name="Source">Paper and section.</param>
/// <param name="Create">Begins it for one run.</param>
internal sealed record RewardDeclaration(string Name, string Summary, string Source, Func<RewardContext, RewardRule> Create)
{
    /// <summary>Its settings with their defaults; rewards may share a record of them.</summary>
    public IReadOnlyList<MethodSettings> Settings { get; init; } = [];

    /// <summary>What it measures beside <see cref="Runs.Metrics"/>.</summary>
    public IReadOnlyList<Metric> Metrics { get; init; } = [];

    /// <summary>Whether it needs a winner of the vote: a prompt without one is skipped.</summary>
    public bool Votes { get; init; }

    /// <summary>
    /// Whether all it asks of the vote is <see cref="Group.Agreement"/>. Then a control deals out agreement; else it deals out the rewards.
    /// </summary>
    public bool UsesAgreement { get; init; }

    /// <summary>Whether rewards are 1 for right and 0 for wrong, so that pass@k has a meaning.</summary>
    public bool IsBinary { get; init; }

    /// <summary>Whether the gold answers of the prompts take part in training: a labelled baseline.</summary>
    public bool UsesGold { get; init; }

    /// <summary>Whether it needs <see cref="Sample.Entropies"/>, which takes a pass over all answers.</summary>
    public bool NeedsEntropies { get; init; }

    /// <summary>Refuses settings that cannot mean what they say, with a <see cref="UserErrorException"/>.</summary>
    public Action<Recipe>? Check { get; init; }

    /// <summary>What the header of a run says of it: a label and a text.</summary>
    public Func<Recipe, (string Label, string Text)>? Header { get; init; }
}

/// <summary>What a reward gets when a run begins.</summary>
/// <param name="Recipe">All settings.</param>
/// <param name="Policy">The model that samples and learns.</param>
/// <param name="Notice">Told, in one line, when the reward changes its meaning in mid-run.</param>
/// <param name="Learner">What learns, still at the start; null where nobody does.</param>
internal sealed record RewardContext(Recipe Recipe, Policy Policy, Action<string> Notice, Learner? Learner = null);
