using System.CommandLine;
using System.Text.Json;
using Reasoning.Models;
using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.Gguf.Export;
using Reasoning.Models.Gguf.Format;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Commands;

/// <summary><c>export</c>: a checkpoint as GGUF files, checked after writing.</summary>
internal static class ExportCommand
{
    private const int NameWidth = 15;

    public static Command Create(Terminal terminal)
    {
        string known = string.Join(", ", GgufTensorTypes.Writable.Select(type => type.Name()));
        var model = new Option<string>("--model")
        {
            HelpName = "DIR",
            Description = $"Checkpoint folder in Hugging Face layout, with float weights. Default: {DefaultFiles.Model}, the starter "
                + "model.",
        };
        var file = new Option<string>("--out")
        {
            HelpName = "FILE.gguf",
            Description = "File to write. With several types each file has its type in the name: FILE-q8_0.gguf. A Modelfile for Ollama is "
                + "written beside each: FILE-q8_0.Modelfile.",
            Required = true,
        };
        var types = new Option<string>("--type")
        {
            HelpName = "TYPES",
            Description = $"Type of the weights, or several separated by commas: {known}. Norms and biases stay f32.",
            DefaultValueFactory = _ => "f16",
        };
        var pre = new Option<string>("--pre")
        {
            HelpName = "NAME",
            Description = "Name of the pre-tokenizer, for a tokenizer that the rules do not know. Default: chosen by model type and "
                + "pattern.",
        };
        Option<bool> json = CommonOptions.Json();
        var command = new Command(
            "export",
            "Writes a checkpoint as GGUF, reads it back, compares ids, values and flags, and prints the checklist and the commands that run the file in llama.cpp "
                + "and Ollama. A file that fails a check is deleted.")
        {
            model, file, types, pre, json,
        };
        command.SetAction(parsed =>
        {
            string target = parsed.GetValue(file)!;
            if (!target.EndsWith(GgufReader.Extension, StringComparison.OrdinalIgnoreCase))
                throw new UserErrorException($"--out {target}: must end in {GgufReader.Extension}");
            IReadOnlyList<GgufReport> reports = GgufExport.Write(
                CommonOptions.ModelFolder(parsed.GetValue(model)), target, Types(parsed.GetValue(types)!, known), parsed.GetValue(pre),
                terminal.Show);
            foreach (GgufReport report in reports)
            {
                if (parsed.GetValue(json)) PrintJson(terminal.Out, report);
                else Print(terminal.Out, report);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static List<GgufTensorType> Types(string text, string known)
    {
        var types = new List<GgufTensorType>();
        foreach (string name in text.Split(',', StringSplitOptions.TrimEntries))
        {
            GgufTensorType type = GgufTensorTypes.Parse(name)
                ?? throw new UserErrorException($"--type {name}: unknown{Nearest.Hint(name, GgufTensorTypes.Writable.Select(writable => writable.Name()))}; choose from {known}");
            if (types.Contains(type)) throw new UserErrorException($"--type {text}: names {name} twice");
            types.Add(type);
        }

        return types;
    }

    private static void Print(TextWriter writer, GgufReport report)
    {
        writer.WriteLine($"{report.File}: {report.Type.Name()}, {Show.Whole(report.Bytes)} bytes, {report.Tensors} tensors");
        foreach (GgufCheck check in report.Checks)
            writer.WriteLine($"  {(check.IsNote ? "note" : "ok  ")} {check.Name.PadRight(NameWidth)}{OneLine(check.Text)}");
        writer.WriteLine($"  Modelfile for Ollama: {report.Modelfile}; to run it:");
        foreach (string command in report.Commands) writer.WriteLine($"    {command}");
    }

    private static void PrintJson(TextWriter writer, GgufReport report) => JsonOutput.Line(writer, json =>
    {
        json.WriteStartObject();
        json.WriteString("file", report.File);
        json.WriteString("type", report.Type.Name());
        json.WriteNumber("bytes", report.Bytes);
        json.WriteNumber("tensors", report.Tensors);
        json.WriteString("pre", report.PreTokenizer);
        json.WriteString("pre_reason", report.PreTokenizerReason);
        json.WriteString("modelfile", report.Modelfile);
        json.WriteStartArray("commands");
        foreach (string command in report.Commands) json.WriteStringValue(command);
        json.WriteEndArray();
        json.WriteStartArray("checks");
        foreach (GgufCheck check in report.Checks) Write(json, check);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, GgufCheck check)
    {
        json.WriteStartObject();
        json.WriteString("name", check.Name);
        json.WriteString("state", check.IsNote ? "note" : "ok");
        json.WriteString("text", check.Text);
        json.WriteEndObject();
    }

    // Tokens are texts of strangers: a line break in one must not look like a line of the checklist.
    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
