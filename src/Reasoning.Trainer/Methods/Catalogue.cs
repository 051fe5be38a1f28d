using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Methods;

/// <summary>The methods that recipes can name, with all that they declare. A new one is its own file and one word in this list.</summary>
internal sealed class Catalogue(IReadOnlyList<MethodDeclaration> methods)
{
    public static Catalogue Shipped { get; } = new(
    [
        ZeroSiam.Declaration, Tent.Declaration, Sar.Declaration, Eata.Eta, Eata.Declaration, Cotta.Declaration, Tlm.Declaration,
        Grpo.Declaration, Gspo.Declaration, Epo.Declaration, Aepo.Declaration, TemperatureOnly.Declaration,
    ]);

    /// <summary>The one in use.</summary>
    public static Catalogue Current { get; set; } = Shipped;

    public IReadOnlyList<MethodDeclaration> Methods => methods;

    /// <summary>Every setting, the methods' own between those of the recipe.</summary>
    public IReadOnlyList<Setting> Settings { get; } = Setting.Of(methods);

    /// <summary>Everything that may stand in metrics.jsonl, in the order in which it is written.</summary>
    public Metric[] Metrics { get; } =
        [.. Runs.Metrics.Common, .. methods.SelectMany(method => method.Metrics).Distinct()];
}
