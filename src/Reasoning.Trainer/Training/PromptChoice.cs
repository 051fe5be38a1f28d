using Reasoning.Eval;
using Reasoning.Models;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Training;

/// <summary>Sorts out prompts that cannot take part, by name; nothing is ever cut.</summary>
internal static class PromptChoice
{
    /// <summary>The prompts that leave room for an answer, and the ids of those that do not.</summary>
    /// <exception cref="UserErrorException">None does, or a labelled baseline has no labels.</exception>
    public static (IReadOnlyList<Prompt> Fitting, IReadOnlyList<string> Refused) Of(Policy policy, PromptSet set, Recipe recipe)
    {
        ILookup<bool, Prompt> fits = set.Prompts.ToLookup(prompt => policy.Fits(prompt, recipe.MaxNewTokens));
        Prompt[] fitting = [.. fits[true]];
        int positions = policy.Model.Config.MaxPositions;
        if (fitting.Length == 0)
        {
            int shortest = set.Prompts.Min(prompt => policy.Render(prompt).Length);
            throw new UserErrorException(
                $"{set.Path}: none of the {set.Prompts.Count} prompts leaves room for max-new-tokens {recipe.MaxNewTokens} in the model's "
                + $"{positions} positions; {Evaluator.MakeRoom(shortest, positions)}");
        }

        if (recipe.UsesGold && !Array.Exists(fitting, prompt => prompt.Answer is not null))
            throw new UserErrorException($"{set.Path}: reward gold needs prompts with answers, and none has one");
        return (fitting, [.. fits[false].Select(prompt => prompt.Id)]);
    }
}
