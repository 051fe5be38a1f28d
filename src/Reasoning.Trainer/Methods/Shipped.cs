using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.RewardRules;

[assembly: Shipped]

namespace Reasoning.Trainer.Methods;

/// <summary>The methods of this program. A new one is its own file and one word in this list.</summary>
internal sealed class ShippedAttribute : CatalogueAttribute
{
    public override Catalogue Create() => new(
        [
            ZeroSiam.Declaration, Tent.Declaration, Sar.Declaration, Eata.Eta, Eata.Declaration, Cotta.Declaration, Tlm.Declaration,
            Grpo.Declaration, Gspo.Declaration, Epo.Declaration, Aepo.Declaration, TemperatureOnly.Declaration,
        ],
        RewardKind.All);
}
