using System.Reflection;
using Reasoning.Trainer.Measures;

namespace Reasoning.Trainer.Recipes;

/// <summary>The objectives and rewards that recipes can name, with all that they declare; which they are says <c>Methods/Shipped.cs</c>.</summary>
internal sealed class Catalogue(IReadOnlyList<Objective> objectives, IReadOnlyList<Reward> rewards)
{
    private static readonly AsyncLocal<Catalogue?> s_own = new();

    /// <summary>Those of this program.</summary>
    public static Catalogue Shipped { get; } = typeof(Catalogue).Assembly.GetCustomAttribute<CatalogueAttribute>()!.Create();

    /// <summary>Those in use: of the caller and of what it calls, so that a test with methods of its own changes no run beside it.</summary>
    public static Catalogue Current
    {
        get => s_own.Value ?? Shipped;
        set => s_own.Value = value;
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
}

/// <summary>
/// On the assembly: lists what the program has. Recipes know methods and rewards by their declarations alone, so someone else, whom they do
/// not know, has to bring them together.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal abstract class CatalogueAttribute : Attribute
{
    public abstract Catalogue Create();
}
