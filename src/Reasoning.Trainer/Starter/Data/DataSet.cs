using Reasoning.Models.Prompts;
using Reasoning.Trainer.Starter.Problems;

namespace Reasoning.Trainer.Starter.Data;

/// <summary>A committed prompt set.</summary>
/// <param name="Name">Name of its file without extension; ids begin with it.</param>
/// <param name="Shifts">In which respects its problems differ from the source distribution.</param>
/// <param name="Seed">Seed of its problems, which no training run uses by default.</param>
/// <param name="Problems">The problems, no two with the same text.</param>
public sealed record DataSet(string Name, Shifts Shifts, ulong Seed, IReadOnlyList<Problem> Problems)
{
    /// <summary>The problems as prompts with their answers.</summary>
    public IEnumerable<Prompt> Prompts => Problems.Select((problem, i) => new Prompt($"{Name}-{i:000}", problem.Text, problem.Answer.ToString()));
}
