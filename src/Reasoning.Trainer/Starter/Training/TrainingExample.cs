using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Starter.Problems;

namespace Reasoning.Trainer.Starter.Training;

/// <summary>A problem as the model reads it: the rendered prompt, the worked solution, the end-of-text token.</summary>
/// <param name="Ids">All tokens.</param>
/// <param name="PromptLength">How many of them are the prompt; only the others are learned.</param>
internal sealed record TrainingExample(int[] Ids, int PromptLength)
{
    internal static TrainingExample Of(Problem problem, Policy policy, int endOfText)
    {
        int[] prompt = policy.Render(new Prompt("training", problem.Text));
        int[] answer = policy.Tokenizer.Encode(" " + problem.Solution, addSpecialTokens: false);
        return new TrainingExample([.. prompt, .. answer, endOfText], prompt.Length);
    }
}
