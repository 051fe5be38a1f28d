using System.CommandLine;
using Reasoning.Eval;
using Reasoning.Eval.Results;
using Reasoning.Models;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Distributed;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Training;

namespace Reasoning.Trainer.Commands;

/// <summary><c>train</c>: adapts a model to prompts and compares it with its start.</summary>
internal static class TrainCommand
{
    /// <summary>The recipe of a run that names none.</summary>
    public const string DefaultRecipe = "zerosiam";

    public static Command Create(Terminal terminal, Launch launch, CancellationToken cancel)
    {
        var options = new TrainOptions(terminal);
        var resume = new Option<bool>("--resume")
        {
            Description = "Continue the run in --out after its newest complete checkpoint; --steps may ask for more steps. With --seeds: "
                + "continue the runs in it; finished ones stay, missing ones are run.",
        };
        var dryRun = new Option<bool>("--dry-run")
        {
            Description = "Train nothing and write nothing: do the first steps in memory and print what the run would take, prompts that fit, "
                + "lengths, peak memory by part, disk and time.",
        };
        Option<string> seeds = RunSeries.Seeds("--seed");
        Option<bool> json = CommonOptions.Json();
        Option<int> every = ReportCommand.Every();
        var command = new Command(
            "train", "Adapts a model to prompts without labels. Without options: the starter model, the shipped prompts, ZeroSiam.");
        options.AddTo(command);
        command.Add(dryRun);
        command.Add(seeds);
        command.Add(resume);
        command.Add(every);
        command.Add(json);
        command.Add(HelpText.SettingsOption(terminal));
        command.SetAction(parsed =>
        {
            if (launch.IsOneOfSeveral && (parsed.GetValue(dryRun) || parsed.GetValue(seeds) is not null))
                throw new UserErrorException("--dry-run and --seeds are for one process: leave mpirun away; it can start each run of a series on several ranks");
            if (parsed.GetValue(dryRun))
            {
                if (parsed.GetValue(seeds) is not null || parsed.GetValue(resume))
                    throw new UserErrorException("--dry-run is about one new run: remove --seeds and --resume");
                Forecast forecast = new DryRun(options.Request(parsed), terminal).Run(cancel);
                (parsed.GetValue(json) ? (Action<TextWriter, Forecast>)ForecastText.Json : ForecastText.Write)(terminal.Out, forecast);
                return ExitCode.Done;
            }

            if (parsed.GetValue(seeds) is { } several)
            {
                (string folder, IReadOnlyList<PlannedRun> plan) = options.Series(parsed, several, parsed.GetValue(resume));
                return new RunSeries(folder, terminal, parsed.GetValue(resume), parsed.GetValue(every)).Run(plan, parsed.GetValue(json), cancel);
            }

            TrainRequest request = parsed.GetValue(resume) ? options.Resumed(parsed) : options.Request(parsed);
            Action<RunFolder, int>? follow = ReportCommand.Follow(parsed.GetValue(every), terminal);
            TrainResult result = Adaptation.Run(request, terminal, follow, launch.Start(), cancel);
            int code = End(result, terminal, parsed.GetValue(json));
            launch.Finish();
            return code;
        });
        return command;
    }

    private static int End(TrainResult result, Terminal terminal, bool json)
    {
        string path = result.Run.Path;
        switch (result.End)
        {
            case LoopEnd.Interrupted:
                terminal.Progress($"interrupted after step {result.Step}; go on with: reasoning train --resume --out {path}");
                return ExitCode.Failed;
            case LoopEnd.Collapsed:
                terminal.Progress($"stopped by the guard after step {result.Step}: {result.Reason}");
                terminal.Progress(
                    $"  {(result.Good is null ? "no checkpoint from before is left but the start model" : $"the last good checkpoint is {result.Good}")}; look at "
                    + $"{result.Run.SamplesFile}, then start anew with a lower learning-rate, or with --set guard-action=rollback");
                return ExitCode.Collapsed;
            default:
                if (json) PrintJson(result, terminal.Out);
                else Print(result, terminal.Out);
                return ExitCode.Done;
        }
    }

    private static void Print(TrainResult result, TextWriter writer)
    {
        if (result.Comparisons.Count > 0) writer.WriteLine(EvalTable.Render(result.Comparisons));
        writer.WriteLine($"model collapse step: {CollapseSteps.Of(result.Run)}");
        writer.WriteLine(result.Model is null ? $"episodic run, no adapted model: {result.Run.Path}" : $"adapted model: {result.Model}");
    }

    private static void PrintJson(TrainResult result, TextWriter writer) => JsonOutput.Line(writer, json =>
    {
        json.WriteStartObject();
        json.WriteString("run", result.Run.Path);
        json.WriteString("model", result.Model);
        json.WriteNumber("steps", result.Step);
        ComparisonJson.Write(json, CollapseSteps.Of(result.Run));
        json.WriteStartObject("sets");
        foreach (EvalComparison comparison in result.Comparisons) ComparisonJson.Write(json, comparison);
        json.WriteEndObject();
        json.WriteEndObject();
    });
}
