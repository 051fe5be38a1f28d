using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reasoning.Eval.Results;
using Reasoning.Eval.Statistics;
using Reasoning.Models;
using Reasoning.Models.Files;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Distributed;
using Reasoning.Trainer.Evaluation;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Reports;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Training;

namespace Reasoning.Trainer.Commands;

/// <summary>
/// Several runs one after the other, each a run folder of its own, and what they have in common: of one recipe with several seeds
/// (<c>train --seeds</c>), of several recipes with several seeds (<c>compare</c>).
/// </summary>
/// <param name="folder">Holds the runs and summary.json, which is written anew after each of them.</param>
/// <param name="terminal">Is told which run begins.</param>
/// <param name="resume">Whether to go on with runs that are there.</param>
/// <param name="every">After how many steps the pages are written anew; 0 for at the end alone.</param>
/// <param name="against">The recipe that the others are compared with beside the base; null for none.</param>
internal sealed class RunSeries(string folder, Terminal terminal, bool resume, int every = 0, string? against = null)
{
    private const int MostSeeds = 1000;

    private const string Legend =
        "\n  Percent, means over seeds. The interval is that of the mean difference over seeds (Student's t), p its test against no difference, after "
        + "Holm's correction for all rows here; gain and loss: how many seeds show a significant gain or loss over their own problems.";

    private string SummaryFile => Path.Combine(folder, "summary.json");

    /// <summary>How many seeds, or which.</summary>
    public static Option<string> Seeds(string first) => new("--seeds")
    {
        HelpName = "N",
        Description = $"Runs of each recipe, with N seeds from {first} on, or with those of a list such as 1,2,5. The intervals of the summary are over seeds.",
    };

    public static Option<bool> Resume() => new("--resume")
    {
        Description = "Continue the runs in --out: finished ones stay, missing ones are run. Give the same options as at first.",
    };

    /// <summary>The seeds that <c>--seeds</c> asks for.</summary>
    /// <exception cref="UserErrorException">It asks for none, too many, or for one twice.</exception>
    public static IReadOnlyList<ulong> SeedsOf(string text, ulong first)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        List<ulong> numbers = [];
        foreach (string part in parts)
        {
            numbers.Add(ulong.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number)
                ? number
                : throw new UserErrorException($"--seeds {text}: write how many, for example --seeds 3, or which, for example --seeds 1,2,5"));
        }

        if (numbers.Count == 1) return [.. Enumerable.Range(0, (int)CommonOptions.InRange<ulong>(numbers[0], 1, MostSeeds, "--seeds")).Select(i => first + (ulong)i)];
        if (numbers.Distinct().Count() < numbers.Count) throw new UserErrorException($"--seeds {text}: a seed occurs twice");
        CommonOptions.InRange(numbers.Count, 1, MostSeeds, "the number of --seeds");
        return numbers;
    }

    /// <summary>Where the runs are: what <c>--out</c> says, else the first free <c>runs/NAME-N</c>.</summary>
    /// <exception cref="UserErrorException">Runs to go on with have to be named.</exception>
    public static string Folder(string? given, bool resume, string name) => given
        ?? (resume ? throw new UserErrorException("--resume: say which runs to go on with, --out DIR") : RunFolder.FirstFree("runs", name));

    /// <summary>A seed as a setting of the command line.</summary>
    public static (string Key, string Value, string Where) Setting(ulong seed) => ("seed", seed.ToString(CultureInfo.InvariantCulture), "--seeds");

    /// <summary>Does the runs, prints their summary and writes it to summary.json.</summary>
    /// <returns>One of <see cref="ExitCode"/>; a run that the guard stops is named in the summary and does not stop the others.</returns>
    /// <exception cref="OperationCanceledException">Someone asked to stop; runs that are done stay.</exception>
    public int Run(IReadOnlyList<PlannedRun> plan, bool json, CancellationToken cancel)
    {
        Dictionary<string, string> collapsed = resume ? CollapsedBefore() : [];
        var results = new List<ComparedRun>();
        Action<RunFolder, int>? follow = ReportCommand.Follow(every, terminal, folder);
        foreach (PlannedRun planned in plan)
        {
            terminal.Progress($"=== {planned.Recipe}, seed {planned.Seed} ({results.Count + 1} of {plan.Count})");
            TrainRequest request = Resumed(planned) with { BaseFrom = results.Find(run => run.Seed == planned.Seed)?.Result.Run.Path };
            TrainResult result = collapsed.TryGetValue(Name(request.Out!), out string? reason) && request.Resume
                ? new TrainResult(RunFolder.Open(request.Out!), LoopEnd.Collapsed, 0, reason)
                : Adaptation.Run(request, terminal, follow, new Ranks(), cancel);
            if (result.End == LoopEnd.Interrupted)
            {
                Report.Beside(folder, terminal);
                terminal.Progress($"interrupted; the same command with --resume --out {folder} goes on");
                throw new OperationCanceledException();
            }

            if (result.End == LoopEnd.Collapsed) terminal.Progress($"stopped by the guard: {result.Reason}");
            results.Add(new ComparedRun(planned.Recipe, planned.Seed, result));
            using var summary = new StringWriter();
            WriteSummary(summary, results);
            Durable.Write(SummaryFile, file => File.WriteAllText(file, summary.ToString()));
        }

        Report.Beside(folder, terminal, against: results.Find(run => run.Recipe == against) is { } other ? Name(other.Result.Run.Path) : null);
        if (json) PrintJson(results);
        else Print(results);
        return ExitCode.Done;
    }

    private TrainRequest Resumed(PlannedRun planned)
    {
        TrainRequest request = planned.Request;
        if (!resume || !File.Exists(Path.Combine(request.Out!, "run.json"))) return request;
        RunFolder run = RunFolder.Open(request.Out!);
        RunRecord record = RunRecord.Read(run);
        if (record.Recipe != request.Recipe.Name)
            throw new UserErrorException($"--resume: the run in {request.Out} has the recipe {record.Recipe}, not {request.Recipe.Name}; choose another --out");
        return request with { Resume = true, Recipe = ResumedRun.Settings(record.Effective(run), planned.Overrides) };
    }

    /// <summary>Why the guard stopped runs of this series before, by their folders: they are not taken up again.</summary>
    private Dictionary<string, string> CollapsedBefore()
    {
        try
        {
            return !File.Exists(SummaryFile) ? [] : JsonNode.Parse(RegularFile.ReadAllText(SummaryFile, FileLimits.Document))!["runs"]!.AsArray()
                .Where(run => run!["collapsed"] is not null)
                .ToDictionary(run => run!["run"]!.GetValue<string>(), run => run!["collapsed"]!.GetValue<string>());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or FormatException)
        {
            throw new UserErrorException($"{SummaryFile}: not a summary that this program has written; delete it to go on without it", e);
        }
    }

    private void Print(List<ComparedRun> runs)
    {
        terminal.Out.WriteLine(
            runs.SelectMany(run => run.Result.Comparisons).FirstOrDefault()?.Before.Settings
                .Describe($"seeds {Show.Names([.. runs.Select(run => $"{run.Seed}").Distinct()], 10)}") ?? "not evaluated");
        bool isOne = runs.Select(run => run.Recipe).Distinct().Count() == 1;
        SeedRow[] rows = [.. Rows(runs)];
        foreach (IGrouping<(string What, string Prompts, string Against, int Seeds), SeedRow> table in rows
            .GroupBy(row => (isOne ? row.Recipe : row.Metric, row.Prompts, row.Against, row.Difference.Seeds)))
        {
            string Label(SeedRow row) => isOne ? row.Metric : row.Recipe;
            int label = Math.Max(10, table.Max(row => Label(row).Length) + 1);
            terminal.Out.WriteLine();
            string start = table.Key.Against == SeedRow.Base ? "" : $" against {table.Key.Against}";
            terminal.Out.WriteLine($"{table.Key.What} on {table.Key.Prompts} prompts{start}, {table.Key.Seeds} {(table.Key.Seeds == 1 ? "seed" : "seeds")}");
            terminal.Out.WriteLine($"  {"".PadRight(label)}{(table.Key.Against is SeedRow.Base or SeedRow.Matched ? "base" : "other"),6}{"adapted",8}{"difference",11} {"95 % interval",-17}{"p",6}{"gain",5}{"loss",5}");
            foreach (SeedRow row in table)
            {
                string interval = row.Difference.Seeds == 1 ? "one seed: none" : $"[{Figures.Signed(row.Difference.Low),6}, {Figures.Signed(row.Difference.High),6}]";
                terminal.Out.WriteLine(
                    $"  {Label(row).PadRight(label)}{Figures.Percent(row.Before.Mean),6}{Figures.Percent(row.After.Mean),8}{Figures.Signed(row.Difference.Mean),11} {interval,-17}"
                    + $"{Figures.PValue(row.CorrectedP),6}{row.Up,5}{row.Down,5}");
            }
        }

        if (runs.Exists(run => run.Result.Comparisons.Count > 0)) terminal.Out.WriteLine(Wrap.At(Legend, terminal.Width, indent: 2));
        if (!isOne) PrintOverview(rows);
        foreach (ComparedRun run in runs)
            terminal.Out.WriteLine($"{run.Recipe}, seed {run.Seed}: model collapse step: {CollapseSteps.Of(run.Result.Run)}");
        foreach (ComparedRun run in runs.Where(run => run.Result.End == LoopEnd.Collapsed))
            terminal.Out.WriteLine($"{run.Recipe}, seed {run.Seed}: stopped by the guard: {run.Result.Reason}");
        terminal.Out.WriteLine($"summary: {SummaryFile}");
    }

    /// <summary>One line a recipe: all accuracies on the prompts that it adapted to, and pass@1 against the matched base and on the other sets.</summary>
    private void PrintOverview(SeedRow[] rows)
    {
        (string Prompts, string Against, string Metric)[] columns =
        [
            .. rows.Where(row => row.Metric == "pass@1" || (row is { Against: SeedRow.Base, Metric: not "vote share" } && row.Prompts == rows[0].Prompts))
                .Where(row => row.Against == SeedRow.Base || row.Prompts == rows[0].Prompts).Select(Column).Distinct(),
        ];
        if (columns.Length == 0) return;
        terminal.Out.WriteLine("\ndifferences in points, means over seeds; * where p is below 0.05");
        TextTable.Write(
            terminal.Out, terminal.Width, ["recipe", .. columns.Select(Head)],
            rows.GroupBy(row => row.Recipe).Select(recipe => (string[])[recipe.Key, .. columns.Select(column => Cell(recipe.FirstOrDefault(row => Column(row) == column)))]));

        static (string, string, string) Column(SeedRow row) => (row.Prompts, row.Against, row.Metric);

        string Head((string Prompts, string Against, string Metric) column) =>
            column.Against == SeedRow.Matched ? $"{column.Metric} over matched" : column.Against != SeedRow.Base ? $"{column.Metric} over {column.Against}" : column.Prompts == rows[0].Prompts ? column.Metric : $"{column.Prompts} {column.Metric}";

        static string Cell(SeedRow? row) => row is null ? "" : Figures.Signed(row.Difference.Mean).PadLeft(5) + (row.CorrectedP < 0.05 ? "*" : "");
    }

    private void PrintJson(List<ComparedRun> runs)
    {
        foreach (ComparedRun run in runs)
        {
            JsonOutput.Line(terminal.Out, json =>
            {
                json.WriteStartObject();
                json.WriteString("recipe", run.Recipe);
                json.WriteNumber("seed", run.Seed);
                json.WriteString("run", run.Result.Run.Path);
                json.WriteString("collapsed", run.Result.Reason);
                ComparisonJson.Write(json, CollapseSteps.Of(run.Result.Run));
                json.WriteStartObject("sets");
                foreach (EvalComparison comparison in run.Result.Comparisons) ComparisonJson.Write(json, comparison);
                json.WriteEndObject();
                json.WriteEndObject();
            });
        }

        WriteSummary(terminal.Out, runs);
    }

    private void WriteSummary(TextWriter writer, List<ComparedRun> runs) => JsonOutput.Line(writer, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("runs");
        foreach (ComparedRun run in runs)
        {
            json.WriteStartObject();
            json.WriteString("recipe", run.Recipe);
            json.WriteNumber("seed", run.Seed);
            json.WriteString("run", Name(run.Result.Run.Path));
            json.WriteString("collapsed", run.Result.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("summary");
        foreach (SeedRow row in Rows(runs))
        {
            json.WriteStartObject();
            json.WriteString("recipe", row.Recipe);
            json.WriteString("prompts", row.Prompts);
            json.WriteString("metric", row.Metric);
            json.WriteString("against", row.Against);
            json.WriteNumber("seeds", row.Difference.Seeds);
            foreach ((string name, SeedSpread spread) in ((string, SeedSpread)[])[("base", row.Before), ("adapted", row.After), ("difference", row.Difference)])
            {
                json.WriteStartObject(name);
                JsonLines.Number(json, "mean", spread.Mean);
                JsonLines.Number(json, "deviation", spread.Deviation);
                JsonLines.Number(json, "low", spread.Low);
                JsonLines.Number(json, "high", spread.High);
                JsonLines.Number(json, "min", spread.Min);
                JsonLines.Number(json, "max", spread.Max);
                json.WriteEndObject();
            }

            JsonLines.Number(json, "p", row.Difference.PValue);
            JsonLines.Number(json, "p_corrected", row.CorrectedP);
            json.WriteNumber("seeds_with_gain", row.Up);
            json.WriteNumber("seeds_with_loss", row.Down);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    // Before its first run is done the other recipe is not there to be compared with.
    private IReadOnlyList<SeedRow> Rows(List<ComparedRun> runs) => SeedRow.Of(
        [.. runs.Select(run => new SeriesRun(run.Recipe, run.Seed, run.Result.Comparisons))], runs.Exists(run => run.Recipe == against) ? against : null);

    private static string Name(string run) => Path.GetFileName(Path.TrimEndingDirectorySeparator(run));

    private sealed record ComparedRun(string Recipe, ulong Seed, TrainResult Result);
}

/// <summary>A run of a series.</summary>
/// <param name="Recipe">What the summary calls its recipe.</param>
/// <param name="Seed">Of every draw.</param>
/// <param name="Request">What is asked of it, as a new run.</param>
/// <param name="Overrides">Settings of the command line, for when it is taken up again.</param>
internal sealed record PlannedRun(string Recipe, ulong Seed, TrainRequest Request, IReadOnlyList<(string Key, string Value, string Where)> Overrides);
