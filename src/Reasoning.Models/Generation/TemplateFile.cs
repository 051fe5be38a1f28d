using System.Text.Encodings.Web;
using System.Text.Json;

namespace Reasoning.Models;

/// <summary>How a problem becomes the text a model continues: kept with the checkpoint in <c>reasoning.json</c>.</summary>
internal static class TemplateFile
{
    /// <summary>The place of the problem's text.</summary>
    internal const string Slot = "{prompt}";

    /// <summary>The template of a checkpoint that names none.</summary>
    internal const string Default = "Question: {prompt}\nAnswer:";

    private const string FileName = "reasoning.json";
    private const string Field = "prompt_template";

    private static readonly JsonWriterOptions s_options = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The template of a checkpoint folder.</summary>
    /// <exception cref="UserErrorException">The file is malformed, or its template has no single place for the problem.</exception>
    internal static string Load(string folder)
    {
        string file = Path.Combine(folder, FileName);
        if (!File.Exists(file))
            return Default;
        using JsonDocument document = JsonFile.LoadObject(file);
        return Check(new JsonFields(file, document.RootElement).OptionalString(Field) ?? Default, $"{file}: field '{Field}'");
    }

    internal static void Save(string folder, string template)
    {
        using FileStream stream = File.Create(Path.Combine(folder, FileName));
        using (var writer = new Utf8JsonWriter(stream, s_options))
        {
            writer.WriteStartObject();
            writer.WriteString(Field, template);
            writer.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    internal static string Render(string template, string text) => template.Replace(Slot, text, StringComparison.Ordinal);

    /// <summary>Returns the template if it holds the slot exactly once; <paramref name="where"/> names it in the error.</summary>
    internal static string Check(string template, string where)
    {
        int first = template.IndexOf(Slot, StringComparison.Ordinal);
        if (first < 0 || template.IndexOf(Slot, first + 1, StringComparison.Ordinal) >= 0)
            throw new UserErrorException($"{where} must hold {Slot} exactly once, the place of the problem: {JsonFile.OneLine(template)}");
        return template;
    }
}
