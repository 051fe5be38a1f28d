using System.CommandLine;
using Reasoning.Eval;
using Reasoning.Eval.Results;
using Reasoning.Models;
using Reasoning.Models.Config;
using Reasoning.Models.Gguf.Format;
using Reasoning.Models.Policies;
using Reasoning.Models.SafeTensors;
using Reasoning.Models.Tokenization;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Tables;

namespace Reasoning.Trainer.Commands;

/// <summary><c>inspect</c>: what is in a checkpoint folder, a safetensors or GGUF file or a run folder.</summary>
internal static class InspectCommand
{
    private const int LabelWidth = 12;

    public static Command Create(Terminal terminal)
    {
        var path = new Argument<string>("PATH") { Description = "Checkpoint folder, safetensors or GGUF file, or run folder." };
        var parquet = new Option<string>("--to-parquet")
        {
            HelpName = "FOLDER",
            Description =
                $"Of a run: also write its steps and logged rollouts there, as {RunTables.MetricsName} and {RunTables.RolloutsName}.",
        };
        var prompt = new Option<string>("--prompt")
        {
            HelpName = "ID",
            Description = "Of a run: why each answer to this prompt got its reward: problem, vote with counts, how each answer was read, novelty, "
                + "reward and advantage.",
        };
        var step = new Option<int?>("--step")
        {
            HelpName = "N",
            Description = "With --prompt: the step to look at. Default: the last one that was logged of this prompt.",
        };
        var command = new Command("inspect", "Says what is in a checkpoint folder, safetensors or GGUF file, or run folder.")
        {
            path, prompt, step, parquet,
        };
        command.SetAction(parsed =>
        {
            string place = parsed.GetValue(path)!;
            string? tables = parsed.GetValue(parquet);
            bool isRun = File.Exists(Path.Combine(place, "run.json"));
            if (tables is not null && !isRun)
                throw new UserErrorException($"{place}: not a run folder; --to-parquet writes the rollouts of a run");
            if (parsed.GetValue(prompt) is null && parsed.GetValue(step) is not null)
                throw new UserErrorException("--step is a step of a prompt: add --prompt ID");
            if (parsed.GetValue(prompt) is { } id)
            {
                if (!isRun) throw new UserErrorException($"{place}: not a run folder; --prompt explains the rewards of a run");
                InspectPrompt.Print(terminal, RunFolder.Open(place), id, parsed.GetValue(step));
            }
            else if (isRun) InspectRun(terminal, RunFolder.Open(place));
            else if (File.Exists(Path.Combine(place, "config.json")) || File.Exists(Path.Combine(place, "adapter_config.json")))
                InspectCheckpoint(terminal, place);
            else if (GgufReader.IsGguf(place) && File.Exists(place)) InspectGguf.Print(terminal, place);
            else if (File.Exists(place)) InspectTensors(terminal, place);
            else throw Unknown(place);
            if (tables is null) return ExitCode.Done;
            foreach ((string file, string content) in RunTables.Write(RunFolder.Open(place), tables))
                Line(terminal, "wrote", $"{file}: {content}");
            return ExitCode.Done;
        });
        return command;
    }

    private static UserErrorException Unknown(string place) => new(
        Directory.Exists(place) ? $"{place}: neither a checkpoint (config.json) nor a run (run.json)" : $"{place}: no such file or folder");

    private static void InspectCheckpoint(Terminal terminal, string folder)
    {
        ModelConfig config = ModelConfig.Load(folder);
        Tokenizer tokenizer = ModelFiles.Tokenizer(folder);
        using CheckpointFiles files = CheckpointFiles.Open(folder);
        IEnumerable<string> stops = GenerationDefaults.Load(folder).StopTokens(tokenizer)
            .Select(stop => $"{stop.Text} ({stop.Id}, from {string.Join(", ", stop.Sources)})");

        Line(terminal, "checkpoint", $"{folder}, hash {FolderHash.Of(folder)}");
        Line(terminal, "model", $"{config.ModelType}: {config.Layers} layers, width {config.HiddenSize}, "
            + $"{config.Heads} heads ({config.KeyValueHeads} for keys and values) of {config.HeadDim}, feed-forward "
            + $"{config.IntermediateSize}, "
            + $"{config.MaxPositions} positions, {(config.TieWordEmbeddings ? "tied" : "untied")} head");
        if (config.SlidingWindow is { } window)
        {
            int sliding = Enumerable.Range(0, config.Layers).Count(layer => config.Window(layer) is not null);
            Line(terminal, "window", $"{window} tokens in {sliding} of {config.Layers} layers");
        }

        if (config.UnknownFields.Length > 0)
            Line(terminal, "unknown", $"unknown fields of config.json, which have no effect: {string.Join(", ", config.UnknownFields)}");
        Line(terminal, "weights", $"{Sizes(files.Entries.Values)}, in {Show.Names([.. files.Files.Select(file => Path.GetFileName(file)!)], 2)}");
        if (files.Renamed is { } renamed) Line(terminal, "", renamed);
        Line(terminal, "tokenizer", $"{tokenizer.VocabSize} tokens for {config.VocabSize} rows; stop at {string.Join(", ", stops)}");
        if (File.Exists(Path.Combine(folder, CheckpointFolder.ManifestName)))
            Line(terminal, "manifest", $"{CheckpointFolder.Verify(folder).Count} files, all as they were written");
    }

    private static void InspectTensors(Terminal terminal, string file)
    {
        using SafeTensorsReader reader = SafeTensorsReader.Open(file);
        IEnumerable<SafeTensorEntry> entries = reader.Entries.Values.OrderBy(entry => entry.Offset);
        TextTable.Write(terminal.Out, terminal.Width, ["tensor", "type", "shape", "values"], entries.Select(entry => (string[])
            [entry.Name, entry.DType.ToString(), $"[{string.Join(", ", entry.Shape)}]", Show.Whole(entry.Count)]));
        terminal.Out.WriteLine(Sizes(reader.Entries.Values));
    }

    private static void InspectRun(Terminal terminal, RunFolder run)
    {
        RunRecord record = RunRecord.Read(run);
        Machine machine = record.Machine;
        IEnumerable<string> byHand = record.Settings
            .Where(pair => pair.Value.Origin == EffectiveRecipe.FromCommandLine).Select(pair => $"{pair.Key}={pair.Value.Value}");
        long logged = JsonLines.Count(run.MetricsFile);

        Line(
            terminal, "run", $"{run.Path}: recipe {record.Recipe}, started "
                + $"{string.Join(", ", record.Started.Select(time => time.ToString("u")))}");
        Line(terminal, "settings", $"of the command line: {string.Join(" ", byHand.DefaultIfEmpty("none"))}");
        Line(terminal, "model", $"{record.Model.Path}, hash {record.Model.Hash}");
        Line(terminal, "target", $"{record.Prompts.Path}, {record.Prompts.Count} prompts, hash {record.Prompts.Hash}");
        Line(
            terminal, "machine", $"{machine.Engine} on {machine.Device}, {machine.Threads} threads, {machine.VectorUnits}, "
                + $"{machine.Runtime}");
        Line(terminal, "steps", $"{logged} of {record.Settings.GetValueOrDefault("steps")?.Value ?? "?"} logged");
        Line(terminal, "collapse", $"model collapse step: {CollapseSteps.Of(run)}");
        foreach (string checkpoint in run.CompleteCheckpoints()) Line(terminal, "checkpoint", checkpoint);
        foreach (string file in Directory.EnumerateFiles(run.Path, "eval-*.json").Order(StringComparer.Ordinal))
            terminal.Out.WriteLine(EvalTable.Render(Path.GetFileNameWithoutExtension(file), EvalSummary.Of(EvalFile.Read(file))));
    }

    private static void Line(Terminal terminal, string label, string text) =>
        terminal.Out.WriteLine(Wrap.Labelled(label.PadRight(LabelWidth), text, terminal.Width));

    private static string Sizes(IEnumerable<SafeTensorEntry> entries)
    {
        IEnumerable<string> types =
            entries.GroupBy(entry => entry.DType).Select(group => $"{Show.Whole(group.Sum(entry => entry.Count))} {group.Key}");
        return $"{Show.Whole(entries.Sum(entry => entry.Count))} values in {entries.Count()} tensors: {string.Join(", ", types)}";
    }
}
