using Reasoning.Eval.Results;
using Reasoning.Eval.Statistics;
using Reasoning.Models;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Reports;

/// <summary>Runs that differ in their seed alone.</summary>
/// <param name="Name">The recipe, and where other runs have the same what sets this one apart.</param>
/// <param name="Runs">By seed.</param>
internal sealed record Arm(string Name, IReadOnlyList<RunData> Runs)
{
    public bool IsControl => Runs[0].IsControl;

    /// <summary>Whether that is a name of it: its own, or that of the folder of one of its runs.</summary>
    public bool IsCalled(string name) => Name == name || Runs.Any(run => Path.GetFileName(Path.TrimEndingDirectorySeparator(run.Folder.Path)) == name);

    /// <summary>The spread over seeds of what is measured of each run; null where no run has it.</summary>
    public SeedSpread? Over(Func<RunData, double?> measured)
    {
        double[] values = [.. Runs.Select(measured).OfType<double>()];
        return values.Length == 0 ? null : SeedSpread.Of(values);
    }

    /// <summary>The paired difference of a metric on a set, over seeds.</summary>
    public SeedSpread? Difference(string set, string metric) => Over(run => Change(run, set, metric)?.Difference.Mean);

    /// <summary>A metric of a run on a set.</summary>
    public static MetricChange? Change(RunData run, string set, string metric) => run.Comparisons.FirstOrDefault(one => one.Set == set) is { } found
        ? found.Comparison.Changes.Append(found.Comparison.VoteShare).FirstOrDefault(change => change.Name == metric)
        : null;

    /// <summary>The run or runs in some folders, by what was asked of them; by their pass@1 on problems that were not adapted to, controls last.</summary>
    /// <param name="paths">Folders of runs, or folders that hold those.</param>
    /// <exception cref="UserErrorException">One is neither, or a file of a run is damaged.</exception>
    public static IReadOnlyList<Arm> Read(IEnumerable<string> paths)
    {
        RunData[] runs = [.. paths.SelectMany(Folders).Distinct(StringComparer.Ordinal).Select(RunData.Read)];
        return
        [
            .. runs.GroupBy(run => NameOf(run, runs)).Select(same => new Arm(same.Key, [.. same.OrderBy(run => run.Recipe.Seed)]))
                .OrderBy(arm => arm.IsControl)
                .ThenByDescending(arm => arm.Difference("held-out", "pass@1")?.Mean ?? arm.Difference(RunFolder.TargetSet, "pass@1")?.Mean ?? double.NegativeInfinity),
        ];
    }

    private static IEnumerable<string> Folders(string path)
    {
        if (IsRun(path)) return [path];
        string[] inner = Directory.Exists(path) ? [.. Directory.EnumerateDirectories(path).Where(IsRun).Order(StringComparer.Ordinal)] : [];
        return inner.Length > 0 ? inner : throw new UserErrorException($"{path}: neither a run (run.json) nor a folder of runs");

        static bool IsRun(string folder) => File.Exists(Path.Combine(folder, "run.json"));
    }

    private static string NameOf(RunData run, RunData[] all)
    {
        RunData[] same = [.. all.Where(other => other.Record.Recipe == run.Record.Recipe)];
        IEnumerable<string> own = Setting.All.Where(setting => setting.Name != "seed").Select(setting => (setting.Name, Text: setting.Text(run.Recipe)))
            .Where(setting => same.Any(other => Setting.Find(setting.Name, "").Text(other.Recipe) != setting.Text)).Select(setting => $"{setting.Name}={setting.Text}");
        return string.Join('+', own.Prepend(Path.GetFileNameWithoutExtension(run.Record.Recipe)));
    }
}
