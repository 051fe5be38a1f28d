using System.Globalization;
using System.Text.Json;
using Reasoning.Eval.Results;
using Reasoning.Models;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Evaluation;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Reports;

/// <summary>What a page says about one run, read from its folder; a run that is going on has only some of it.</summary>
internal sealed class RunData
{
    private RunData(RunFolder folder)
    {
        Folder = folder;
        Record = RunRecord.Read(folder);
        Recipe = Record.Effective(folder).Recipe;
        ReadSteps();
        ReadGuard();
        Comparisons = RecordedComparisons.Of(folder, Recipe, LastStep);
        Base = [.. RecordedComparisons.Sets.Select(set => (set, folder.EvalFile(BeforeAndAfter.Base, set)))
            .Where(pair => Path.Exists(pair.Item2)).Select(pair => (pair.set, EvalFile.Read(pair.Item2)))];
        Checkpoints = [.. folder.CompleteCheckpoints().Select(path => int.Parse(Path.GetFileName(path).Split('-')[^1], CultureInfo.InvariantCulture))];
    }

    public RunFolder Folder { get; }

    public RunRecord Record { get; }

    public Recipe Recipe { get; }

    /// <summary>Numbers of each step, by name; <c>step</c> among them.</summary>
    public List<IReadOnlyDictionary<string, double>> Steps { get; } = [];

    /// <summary>Prompts that steps did not train on: how often, by reason.</summary>
    public Dictionary<string, int> Skipped { get; } = [];

    public List<GuardEvent> Alarms { get; } = [];

    /// <summary>Steps of the checkpoints that are kept.</summary>
    public IReadOnlyList<int> Checkpoints { get; }

    /// <summary>Base against adapted, for each set; empty before the end.</summary>
    public IReadOnlyList<RecordedComparison> Comparisons { get; }

    /// <summary>The base's results, for each set that has them.</summary>
    public IReadOnlyList<(string Set, EvalResult Result)> Base { get; }

    public int LastStep => Steps.Count == 0 ? 0 : (int)Steps[^1]["step"];

    /// <summary>Whether the run has done what it was asked to, evaluation included, or was stopped by its guard.</summary>
    public bool IsOver => IsStopped || (LastStep >= Recipe.Steps && (Recipe.EvalSamples == 0 || Comparisons.Count > 0));

    /// <summary>Whether the guard ended it.</summary>
    public bool IsStopped => Alarms.Count > 0 && Alarms[^1].Action == Words.Of(GuardActionKind.Stop);

    /// <summary>Whether nothing that it gains is the method's: a sham, or a temperature alone.</summary>
    public bool IsControl => Recipe.Control != ControlKind.None || Recipe.Objective.Name == "temperature";

    /// <summary>The run in a folder.</summary>
    /// <exception cref="UserErrorException">A file of it is damaged.</exception>
    public static RunData Read(string path) => new(RunFolder.Open(path));

    /// <summary>The values of a metric over the steps.</summary>
    public IReadOnlyList<(int Step, double Value)> Series(string metric) =>
        [.. Steps.Where(step => step.ContainsKey(metric)).Select(step => ((int)step["step"], step[metric]))];

    /// <summary>Sum of a metric over the steps.</summary>
    public double Sum(Measures.Metric metric) => Steps.Sum(step => step.GetValueOrDefault(metric.Name));

    /// <summary>The prompts that a run read, the first ones of a file, where they are still the same; else null.</summary>
    public static IReadOnlyList<Prompt>? Prompts(RecordedFile? file)
    {
        if (file is null || !File.Exists(file.Path)) return null;
        try
        {
            PromptSet read = EvalSet.Of("", PromptSet.Load(file.Path), file.Count ?? 0).Prompts;
            return file.Hash == read.Hash ? read.Prompts : null;
        }
        catch (UserErrorException)
        {
            return null; // damaged by now; the page says that the texts are missing
        }
    }

    private void ReadSteps()
    {
        if (!Path.Exists(Folder.MetricsFile)) return;
        foreach (JsonElement line in JsonLines.Objects(Folder.MetricsFile))
        {
            var numbers = new Dictionary<string, double>();
            foreach (JsonProperty field in line.EnumerateObject())
            {
                if (field.Value.ValueKind == JsonValueKind.Number && double.IsFinite(field.Value.GetDouble())) numbers[field.Name] = field.Value.GetDouble();
                if (field.Name != "skipped" || field.Value.ValueKind != JsonValueKind.Object) continue;
                foreach (string reason in field.Value.EnumerateObject().Where(prompt => prompt.Value.ValueKind == JsonValueKind.String).Select(prompt => prompt.Value.GetString()!))
                    Skipped[reason] = Skipped.GetValueOrDefault(reason) + 1;
            }

            if (numbers.TryGetValue("step", out double step) && step is > 0 and < int.MaxValue) Steps.Add(numbers);
        }
    }

    private void ReadGuard()
    {
        if (!Path.Exists(Folder.GuardFile)) return;
        foreach (JsonElement line in JsonLines.Objects(Folder.GuardFile))
        {
            string Text(string name) => line.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
            int? Whole(string name) => line.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : null;
            if (Whole("step") is { } step) Alarms.Add(new GuardEvent(step, Text("alarm"), Text("action"), Whole("to_step")));
        }
    }
}

/// <summary>An alarm of the guard.</summary>
internal sealed record GuardEvent(int Step, string Alarm, string Action, int? ToStep)
{
    public string What => ToStep is { } to ? $"{Action} to step {to}" : Action;
}
