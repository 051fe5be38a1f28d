using Reasoning.Models;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Starter.Problems;

namespace Reasoning.Trainer.Starter.Data;

/// <summary>The prompt sets in the folder <c>data</c>. They share no problem with each other or with the starter's training.</summary>
public static class DataSets
{
    /// <summary>Problems in each set.</summary>
    public const int Count = 256;

    /// <summary>What a run adapts to, the same distribution never adapted to, and what the starter was trained on.</summary>
    public static IReadOnlyList<DataSet> All { get; } = Make(
        ("shifted", Shifts.All | Shifts.Factors, 1001UL), ("shifted-heldout", Shifts.All | Shifts.Factors, 1002UL), ("source", Shifts.None, 1003UL));

    /// <summary>The texts of all problems, to keep them out of training.</summary>
    public static IReadOnlySet<string> Texts { get; } = All.SelectMany(set => set.Problems).Select(problem => problem.Text).ToHashSet(StringComparer.Ordinal);

    /// <summary>Writes the sets as JSON lines, the same bytes every time.</summary>
    /// <param name="folder">Where the files go; created if needed.</param>
    /// <returns>The files.</returns>
    /// <exception cref="UserErrorException">The folder cannot be written.</exception>
    public static IReadOnlyList<string> Write(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            var files = new List<string>();
            foreach (DataSet set in All)
            {
                files.Add(Path.Combine(folder, set.Name + ".jsonl"));
                PromptSet.Write(files[^1], set.Prompts);
            }

            return files;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{folder}: cannot write the prompt sets: {e.Message}");
        }
    }

    private static List<DataSet> Make(params ReadOnlySpan<(string Name, Shifts Shifts, ulong Seed)> sets)
    {
        var made = new List<DataSet>();
        var texts = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string name, Shifts shifts, ulong seed) in sets)
        {
            var generator = new ProblemGenerator(seed);
            var problems = new List<Problem>();
            for (ulong index = 0; problems.Count < Count; index++)
            {
                Problem problem = generator.Draw(shifts, index);
                if (texts.Add(problem.Text)) problems.Add(problem);
            }

            made.Add(new DataSet(name, shifts, seed, problems));
        }

        return made;
    }
}
