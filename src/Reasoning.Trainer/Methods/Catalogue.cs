using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.RewardRules;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Methods;

/// <summary>
/// The methods and rewards that recipes can name, with all that they declare. A new method is its own file and one word in this list, a new
/// reward its own file and one line of <see cref="RewardKind"/>.
/// </summary>
internal sealed class Catalogue(IReadOnlyList<MethodDeclaration> methods, IReadOnlyList<RewardDeclaration>? rewards = null)
{
    public static Catalogue Shipped { get; } = new(
    [
        ZeroSiam.Declaration, Tent.Declaration, Sar.Declaration, Eata.Eta, Eata.Declaration, Cotta.Declaration, Tlm.Declaration,
        Grpo.Declaration, Gspo.Declaration, Epo.Declaration, Aepo.Declaration, TemperatureOnly.Declaration,
    ]);

    /// <summary>The one in use.</summary>
    public static Catalogue Current { get; set; } = Shipped;

    public IReadOnlyList<MethodDeclaration> Methods => methods;

    /// <summary>Those of <see cref="RewardKind"/> unless others were given.</summary>
    public IReadOnlyList<RewardDeclaration> Rewards { get; } = rewards ?? RewardKind.All;

    /// <summary>Every setting, the methods' own between those of the recipe.</summary>
    public IReadOnlyList<Setting> Settings { get; } = Setting.Of(methods, rewards ?? RewardKind.All);

    /// <summary>Everything that may stand in metrics.jsonl, in the order in which it is written.</summary>
    public Metric[] Metrics { get; } =
        [.. Runs.Metrics.Common, .. (rewards ?? RewardKind.All).SelectMany(reward => reward.Metrics).Distinct(), .. methods.SelectMany(method => method.Metrics).Distinct()];
}
