using Reasoning.Models;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Starter.Problems;

namespace Reasoning.Trainer.Starter.Data;

/// <summary>Makes and writes the prompt sets of a mix.</summary>
public static class DataSets
{
    /// <summary>Problems in each set.</summary>
    public const int Count = 256;

    /// <summary>Writes the sets as JSON lines, the same bytes every time.</summary>
    /// <param name="mix">Whose sets.</param>
    /// <param name="folder">Where the files go; created if needed.</param>
    /// <returns>The files.</returns>
    /// <exception cref="UserErrorException">The folder cannot be written.</exception>
    public static IReadOnlyList<string> Write(TrainingMix mix, string folder)
    {
        try
        {
            var files = new List<string>();
            foreach (DataSet set in mix.Sets)
            {
                files.Add(Path.Combine(folder, set.Plan.Name + ".jsonl"));
                Directory.CreateDirectory(Path.GetDirectoryName(files[^1])!);
                PromptSet.Write(files[^1], set.Prompts);
            }

            return files;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{folder}: cannot write the prompt sets: {e.Message}");
        }
    }

    internal static IReadOnlyList<DataSet> Make(IReadOnlyList<SetPlan> plans)
    {
        var made = new List<DataSet>();
        var texts = new HashSet<string>(StringComparer.Ordinal);
        foreach (SetPlan plan in plans)
        {
            var generator = new ProblemGenerator(plan.Seed);
            var problems = new List<Problem>();
            for (ulong index = 0; problems.Count < Count; index++)
            {
                Problem problem = generator.Draw(plan.Cells[problems.Count % plan.Cells.Count], index);
                if (texts.Add(problem.Text)) problems.Add(problem);
            }

            made.Add(new DataSet(plan, problems));
        }

        return made;
    }
}
