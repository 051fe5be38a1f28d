using Reasoning.Models.Prompts;
using Reasoning.Trainer.Starter.Problems;

namespace Reasoning.Trainer.Starter.Data;

/// <summary>A prompt set that belongs to a mix.</summary>
/// <param name="Plan">What it is made from.</param>
/// <param name="Problems">The problems, no two with the same text.</param>
public sealed record DataSet(SetPlan Plan, IReadOnlyList<Problem> Problems)
{
    /// <summary>The problems as prompts with their answers. An id names the file, the cell where there are several, and the place.</summary>
    public IEnumerable<Prompt> Prompts => Problems.Select((problem, i) => new Prompt(
        $"{Path.GetFileName(Plan.Name)}{(Plan.Cells.Count > 1 ? $"-{problem.Cell.Name}" : "")}-{i:000}", problem.Text, problem.Answer.ToString()));
}
