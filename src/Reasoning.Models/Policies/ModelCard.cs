using System.Globalization;
using System.Text;
using Reasoning.Models.Config;
using Reasoning.Models.Files;
using Reasoning.Models.SafeTensors;

namespace Reasoning.Models.Policies;

/// <summary>
/// The README.md of a saved folder: where the model comes from, how it was adapted, what that did, how to load it. It is for people, who may
/// edit it, so the folder's manifest does not cover it, and it can be written again once results are known.
/// </summary>
public sealed record ModelCard
{
    /// <summary>Name of the file.</summary>
    internal const string FileName = "README.md";

    /// <summary>The model that was adapted, as the person named it.</summary>
    public required string BaseModel { get; init; }

    /// <summary>One sentence on what was done, without a period at the end.</summary>
    public required string Summary { get; init; }

    /// <summary>What it takes to repeat it: recipe, steps, seed, prompts with their hash, and so on, in order.</summary>
    public IReadOnlyList<(string Name, string Value)> Facts { get; init; } = [];

    /// <summary>A table of plain text with the figures before and after and their conditions; null where nothing was measured.</summary>
    public string? Results { get; init; }

    /// <summary>Lines of the base model's own card that name its license, as <see cref="LicenseOf"/> finds them.</summary>
    public IReadOnlyList<string> License { get; init; } = [];

    /// <summary>The license lines in the card of a checkpoint folder; none where it has no card.</summary>
    public static IReadOnlyList<string> LicenseOf(string folder)
    {
        const int MostLines = 200;
        string file = Path.Combine(folder, FileName);
        if (!File.Exists(file)) return [];
        IEnumerable<string> lines = RegularFile.ReadLines(file).Take(MostLines);
        if (lines.FirstOrDefault()?.Trim() != "---") return [];
        return
        [
            .. lines.Skip(1).TakeWhile(line => line.Trim() != "---")
                .Where(line => line.StartsWith("license", StringComparison.Ordinal) && line.Contains(':', StringComparison.Ordinal)),
        ];
    }

    /// <summary>Writes the card into a folder, replacing an earlier one in one step.</summary>
    /// <exception cref="UserErrorException">The place cannot be written.</exception>
    public void Write(string folder)
    {
        string text = ToMarkdown(folder);
        Durable.Write(Path.Combine(folder, FileName), file => File.WriteAllText(file, text));
    }

    /// <summary>The text of the card for a folder that holds the model already.</summary>
    internal string ToMarkdown(string folder)
    {
        ModelConfig config = ModelConfig.Load(folder);
        using CheckpointFiles files = CheckpointFiles.Open(folder);
        long parameters = files.Entries.Values.Sum(entry => entry.Count);
        var text = new StringBuilder();
        text.Append("---\nlibrary_name: transformers\npipeline_tag: text-generation\n");
        foreach (string line in License) text.Append(line).Append('\n');
        text.Append("---\n\n");
        text.Append(CultureInfo.InvariantCulture, $"# {Cell(Path.GetFileName(Path.TrimEndingDirectorySeparator(BaseModel)))}, adapted\n\n");
        text.Append(CultureInfo.InvariantCulture, $"{Cell(Summary)}.\n\n");
        text.Append("| | |\n|---|---|\n");
        Row("base model", $"`{Cell(BaseModel)}`");
        Row("model", $"{config.ModelType}, {parameters.ToString("N0", CultureInfo.InvariantCulture)} parameters in {config.Dtype}");
        foreach ((string name, string value) in Facts) Row(name, Cell(value));
        if (Results is not null)
            text.Append(CultureInfo.InvariantCulture, $"\n## Before and after\n\n```text\n{Results.TrimEnd()}\n```\n");

        text.Append("""

            ## Loading

            ```python
            from transformers import AutoModelForCausalLM, AutoTokenizer

            model = AutoModelForCausalLM.from_pretrained("path/to/this/folder")
            tokenizer = AutoTokenizer.from_pretrained("path/to/this/folder")
            ```

            or, with the program that made it:

            ```sh
            reasoning sample --model path/to/this/folder --prompt "What is 12 + 30?" -n 4 --seed 1
            ```

            The prompt template that the model was adapted with is the field `prompt_template` of `reasoning.json`.

            """.ReplaceLineEndings("\n"));
        return text.ToString();

        void Row(string name, string value) => text.Append(CultureInfo.InvariantCulture, $"| {name} | {value} |\n");
    }

    // One line without the sign that separates the cells of a table.
    private static string Cell(string text) => UserErrorException.OneLine(text).Replace("|", "\\|", StringComparison.Ordinal);
}
