using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.Gguf.Format;
using Reasoning.Trainer.Cli;

namespace Reasoning.Trainer.Commands;

/// <summary>What is in a GGUF file: metadata, tensors, and how much of each type.</summary>
internal static class InspectGguf
{
    public static void Print(Terminal terminal, string file)
    {
        using GgufReader reader = GgufReader.Open(file);
        TextTable.Write(
            terminal.Out, terminal.Width, ["metadata", "value"],
            reader.Metadata.Keys.Select(key => (string[])[key, reader.Metadata.Describe(key)]));
        TextTable.Write(
            terminal.Out, terminal.Width, ["tensor", "type", "shape", "values"],
            reader.Tensors.Values.OrderBy(tensor => tensor.Offset).Select(tensor => (string[])
                [tensor.Name, tensor.Type.Name(), $"[{string.Join(", ", tensor.Shape)}]", Show.Whole(tensor.Count)]));
        IEnumerable<string> types = reader.Tensors.Values.GroupBy(tensor => tensor.Type)
            .Select(group => $"{Show.Whole(group.Sum(tensor => tensor.Count))} {group.Key.Name()}");
        string values = Show.Whole(reader.Tensors.Values.Sum(tensor => tensor.Count));
        terminal.Out.WriteLine(
            $"{values} values in {reader.Tensors.Count} tensors: {string.Join(", ", types)}; {Show.Whole(reader.Length)} bytes");
    }
}
