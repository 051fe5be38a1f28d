using Reasoning.Models;
using Reasoning.Trainer.Measures;

namespace Reasoning.Trainer.Recipes;

/// <summary>
/// What the program knows of an objective or a reward before it runs: recipes, checks, help, console and docs/metrics.md are made from this.
/// </summary>
/// <param name="Name">The word for it in recipes.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Source">Paper and section.</param>
internal abstract record Declaration(string Name, string Summary, string Source)
{
    /// <summary>Its settings with their defaults; several may share a record of them.</summary>
    public IReadOnlyList<MethodSettings> Settings { get; init; } = [];

    /// <summary>What it measures beside <see cref="Measures.Metrics"/>.</summary>
    public IReadOnlyList<Metric> Metrics { get; init; } = [];

    /// <summary>Refuses settings that cannot mean what they say, with a <see cref="UserErrorException"/>.</summary>
    public Action<Recipe>? Check { get; init; }
}

/// <summary>Settings of a method or a reward, declared with <see cref="SettingAttribute"/>; found in a recipe by their type.</summary>
internal abstract record MethodSettings;

/// <summary>What is minimized (<c>objective</c>).</summary>
internal abstract record Objective(string Name, string Summary, string Source) : Declaration(Name, Summary, Source)
{
    /// <summary>What the line of a step shows: a label, a metric, and how many digits.</summary>
    public required IReadOnlyList<(string Label, Metric Metric, int Digits)> Shown { get; init; }

    /// <summary>Whether it learns from advantages, so that answers need a reward.</summary>
    public bool UsesRewards { get; init; }

    /// <summary>Whether it needs what learns as it was at the start, which costs a copy.</summary>
    public bool KeepsStart { get; init; }
}

/// <summary>What an answer is worth (<c>reward</c>).</summary>
internal record Reward(string Name, string Summary, string Source) : Declaration(Name, Summary, Source)
{
    /// <summary>For objectives that need no reward.</summary>
    public static Reward None { get; } = new("none", "The objective needs no reward.", "none");

    /// <summary>Whether it needs a winner of the vote: a prompt without one is skipped.</summary>
    public bool Votes { get; init; }

    /// <summary>Whether all it asks of the vote is who agrees. Then a control deals out agreement; else it deals out the rewards.</summary>
    public bool UsesAgreement { get; init; }

    /// <summary>Whether rewards are 1 for right and 0 for wrong, so that pass@k has a meaning.</summary>
    public bool IsBinary { get; init; }

    /// <summary>Whether the gold answers of the prompts take part in training: a labelled baseline.</summary>
    public bool UsesGold { get; init; }

    /// <summary>Whether it needs the entropies of the sampled tokens, which takes a pass over all answers.</summary>
    public bool NeedsEntropies { get; init; }

    /// <summary>What the header of a run says of it: a label and a text.</summary>
    public Func<Recipe, (string Label, string Text)>? Header { get; init; }
}
