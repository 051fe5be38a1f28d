using System.Runtime.CompilerServices;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.RewardRules;

namespace Reasoning.Trainer.Methods;

/// <summary>The methods of this program. A new one is its own file and one word in this list.</summary>
internal static class Shipped
{
    private static readonly Objective[] s_methods =
    [
        ZeroSiam.Declaration, Tent.Declaration, Sar.Declaration, Eata.Eta, Eata.Declaration, Cotta.Declaration, Tlm.Declaration,
        Grpo.Declaration, Gspo.Declaration, Epo.Declaration, Aepo.Declaration, TemperatureOnly.Declaration,
    ];

    // Recipes know methods by their declarations alone, so somebody has to bring the two together before the first recipe is read.
#pragma warning disable CA2255
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Register() => Catalogue.Register(() => new Catalogue(s_methods, RewardKind.All));
}
