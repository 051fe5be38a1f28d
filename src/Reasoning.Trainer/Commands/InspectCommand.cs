using System.CommandLine;
using Reasoning.Eval;
using Reasoning.Models;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Commands;

/// <summary><c>inspect</c>: what is in a checkpoint folder, a safetensors file or a run folder.</summary>
internal static class InspectCommand
{
    public static Command Create(Terminal terminal)
    {
        var path = new Argument<string>("PATH") { Description = "Checkpoint folder, safetensors file or run folder." };
        var command = new Command("inspect", "Says what is in a checkpoint folder, safetensors file or run folder.") { path };
        command.SetAction(parsed =>
        {
            string place = parsed.GetValue(path)!;
            if (File.Exists(Path.Combine(place, "run.json"))) InspectRun(terminal, RunFolder.Open(place));
            else if (File.Exists(Path.Combine(place, "config.json"))) InspectCheckpoint(terminal, place);
            else if (File.Exists(place)) InspectTensors(terminal, place);
            else if (Directory.Exists(place)) throw new UserErrorException(
                $"{place}: neither a checkpoint (config.json) nor a run (run.json)");
            else throw new UserErrorException($"{place}: no such file or folder");
            return ExitCode.Done;
        });
        return command;
    }

    private static void InspectCheckpoint(Terminal terminal, string folder)
    {
        ModelConfig config = ModelConfig.Load(folder);
        Tokenizer tokenizer = Tokenizer.Load(folder);
        using CheckpointFiles files = CheckpointFiles.Open(folder);
        TextWriter writer = terminal.Out;
        writer.WriteLine($"checkpoint  {folder}, hash {FolderHash.Of(folder)}");
        writer.WriteLine($"model       {config.ModelType}: {config.Layers} layers, width {config.HiddenSize}, {config.Heads} heads "
            + $"({config.KeyValueHeads} for keys and values) of {config.HeadDim}, "
            + $"feed-forward {config.IntermediateSize}, {config.MaxPositions} positions, "
            + $"{(config.TieWordEmbeddings ? "tied" : "untied")} head");
        writer.WriteLine(
            $"weights     {Show.Whole(files.Entries.Values.Sum(entry => entry.Count))} values in {files.Entries.Count} tensors: "
                + $"{Types(files.Entries.Values)}");
        writer.WriteLine($"tokenizer   {tokenizer.VocabSize} tokens for {config.VocabSize} rows; stop at "
            + string.Join(
                ", ", GenerationDefaults.Load(folder).StopTokens(tokenizer).Select(
                    stop => $"{stop.Text} ({stop.Id}, from {string.Join(", ", stop.Sources)})")));
        if (File.Exists(Path.Combine(folder, CheckpointFolder.ManifestName)))
            writer.WriteLine($"manifest    {CheckpointFolder.Verify(folder).Count} files, all as they were written");
    }

    private static void InspectTensors(Terminal terminal, string file)
    {
        using SafeTensorsReader reader = SafeTensorsReader.Open(file);
        TextTable.Write(terminal.Out, terminal.Width, ["tensor", "type", "shape", "values"], reader.Entries.Values.OrderBy(
            entry => entry.Offset).Select(entry => (string[])
            [entry.Name, entry.DType.ToString(), $"[{string.Join(", ", entry.Shape)}]", Show.Whole(entry.Count)]));
        terminal.Out.WriteLine(
            $"{Show.Whole(reader.Entries.Values.Sum(entry => entry.Count))} values in {reader.Entries.Count} tensors: "
                + $"{Types(reader.Entries.Values)}");
    }

    private static void InspectRun(Terminal terminal, RunFolder run)
    {
        RunRecord record = RunRecord.Read(run);
        TextWriter writer = terminal.Out;
        writer.WriteLine(
            $"run         {run.Path}: recipe {record.Recipe}, started "
                + $"{string.Join(", ", record.Started.Select(time => time.ToString("u")))}");
        writer.WriteLine($"model       {record.Model.Path}, hash {record.Model.Hash}");
        writer.WriteLine($"prompts     {record.Prompts.Path}, {record.Prompts.Count} prompts, hash {record.Prompts.Hash}");
        writer.WriteLine(
            $"machine     {record.Machine.BackendName} on {record.Machine.Device}, {record.Machine.Threads} threads, "
                + $"{record.Machine.VectorUnits}, {record.Machine.Runtime}");
        writer.WriteLine(
            $"set by hand "
                + $"{string.Join(" ", record.Settings.Where(pair => pair.Value.Origin == EffectiveRecipe.FromCommandLine).Select(pair => $"{pair.Key}={pair.Value.Value}"))}".TrimEnd());
        writer.WriteLine(
            $"steps       {(File.Exists(run.MetricsFile) ? File.ReadLines(run.MetricsFile).Count() : 0)} of "
                + $"{record.Settings["steps"].Value} logged");
        foreach (string checkpoint in run.CompleteCheckpoints()) writer.WriteLine($"checkpoint  {checkpoint}");
        foreach (string file in Directory.EnumerateFiles(run.Path, "eval-*.json").Order(StringComparer.Ordinal))
            writer.WriteLine(EvalTable.Render(Path.GetFileNameWithoutExtension(file), EvalSummary.Of(EvalFile.Read(file))));
    }

    private static string Types(IEnumerable<SafeTensorEntry> entries) =>
        string.Join(
            ", ", entries.GroupBy(entry => entry.DType).Select(group => $"{Show.Whole(group.Sum(entry => entry.Count))} {group.Key}"));
}
