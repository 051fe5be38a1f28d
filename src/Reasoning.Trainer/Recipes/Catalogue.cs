using Reasoning.Trainer.Measures;

namespace Reasoning.Trainer.Recipes;

/// <summary>The objectives and rewards that recipes can name, with all that they declare; which they are says <c>Methods/Shipped.cs</c>.</summary>
internal sealed class Catalogue(IReadOnlyList<Objective> objectives, IReadOnlyList<Reward> rewards)
{
    private static Func<Catalogue>? s_source;

    /// <summary>Those of this program.</summary>
    public static Catalogue Shipped => field ??= s_source!();

    /// <summary>Those in use.</summary>
    public static Catalogue Current
    {
        get => field ??= Shipped;
        set;
    }

    public IReadOnlyList<Objective> Objectives => objectives;

    public IReadOnlyList<Reward> Rewards => rewards;

    /// <summary>Every setting, those of objectives and rewards between those of the recipe.</summary>
    public IReadOnlyList<Setting> Settings { get; } = Setting.Of(objectives, rewards);

    /// <summary>Everything that may stand in metrics.jsonl, in the order in which it is written.</summary>
    public Metric[] Metrics { get; } =
    [
        .. Measures.Metrics.Common,
        .. rewards.SelectMany(reward => reward.Metrics).Distinct(), .. objectives.SelectMany(objective => objective.Metrics).Distinct(),
    ];

    /// <summary>Says, before anyone asks, how to list them.</summary>
    public static void Register(Func<Catalogue> source) => s_source = source;
}
