using Reasoning.Models.Prompts;

namespace Reasoning.Trainer.Evaluation;

/// <summary>Prompts that are evaluated before and after.</summary>
/// <param name="Name">Name in tables: target (the prompts that the run adapts to), held-out or source.</param>
/// <param name="Prompts">At most as many as the recipe says, the first ones of the file.</param>
internal sealed record EvalSet(string Name, PromptSet Prompts)
{
    /// <summary>The first <paramref name="most"/> prompts of a set; 0 means all.</summary>
    public static EvalSet Of(string name, PromptSet prompts, int most) =>
        new(name, most > 0 && prompts.Prompts.Count > most ? new PromptSet(prompts.Path, prompts.Prompts.Take(most)) : prompts);
}
