using Reasoning.Eval;
using Reasoning.Eval.Results;
using Reasoning.Models.Policies;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Training;

/// <summary>The model card of a run's adapted model. It says nothing of places and times, so the same run writes the same card.</summary>
internal static class RunCard
{
    /// <summary>The card.</summary>
    /// <param name="record">What was asked.</param>
    /// <param name="recipe">The settings.</param>
    /// <param name="comparisons">Base against adapted; empty while, or where, nothing was evaluated.</param>
    public static ModelCard Of(RunRecord record, Recipe recipe, IReadOnlyList<EvalComparison> comparisons)
    {
        IEnumerable<string> byHand = record.Settings
            .Where(pair => pair.Value.Origin == EffectiveRecipe.FromCommandLine).Select(pair => $"{pair.Key}={pair.Value.Value}");
        string labels = recipe.UsesGold ? "with their gold answers" : "without labels";
        return new ModelCard
        {
            BaseModel = record.Model.Path,
            Summary = $"Adapted at test time to {record.Prompts.Count} prompts, {labels}, by the recipe {record.Recipe} of `reasoning`",
            Facts =
            [
                ("base model hash", record.Model.Hash),
                ("recipe", record.Recipe),
                .. ((string[])["steps", "seed", "trainable", "objective", "learning-rate"]).Where(record.Settings.ContainsKey)
                    .Select(name => (name, record.Settings[name].Value)),
                ("settings of the command line", string.Join(" ", byHand.DefaultIfEmpty("none"))),
                ("prompts", $"{Path.GetFileName(record.Prompts.Path)}, {record.Prompts.Count} prompts, hash {record.Prompts.Hash}"),
            ],
            Results = comparisons.Count == 0 ? null : EvalTable.Render(comparisons),
            License = ModelCard.LicenseOf(record.Model.Path),
        };
    }
}
