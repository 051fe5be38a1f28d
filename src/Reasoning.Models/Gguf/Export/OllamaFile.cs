using System.Text;
using Reasoning.Models.Chat;
using Reasoning.Models.Files;

namespace Reasoning.Models.Gguf.Export;

/// <summary>
/// Writes the <c>Modelfile</c> that Ollama makes a model from: the GGUF file, the template around a prompt, the texts that end an answer.
/// </summary>
internal static class OllamaFile
{
    internal const string Name = "Modelfile";

    // Chat formats by what marks a turn in the template of the checkpoint, and each in Ollama's template language.
    private static readonly (string Sign, string Label, string Template)[] s_chats =
    [
        ("<|im_start|>", "ChatML",
            "{{- range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}<|im_start|>assistant\n"),
        ("<|start_header_id|>", "Llama 3",
            "{{- range .Messages }}<|start_header_id|>{{ .Role }}<|end_header_id|>\n\n{{ .Content }}<|eot_id|>{{ end }}"
            + "<|start_header_id|>assistant<|end_header_id|>\n\n"),
        ("<start_of_turn>", "Gemma",
            "{{- range .Messages }}<start_of_turn>{{ if eq .Role \"assistant\" }}model{{ else }}user{{ end }}\n"
            + "{{ .Content }}<end_of_turn>\n{{ end }}<start_of_turn>model\n"),
        ("[INST]", "Mistral",
            "{{- range .Messages }}{{ if eq .Role \"assistant\" }} {{ .Content }}</s>{{ else }}[INST] {{ .Content }} [/INST]{{ end }}"
            + "{{ end }}"),
    ];

    /// <summary>Writes it beside the first of the files.</summary>
    public static void Write(GgufPlan plan, IReadOnlyList<string> files)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(files[0]))!;
        Durable.Write(Path.Combine(folder, Name), file => File.WriteAllText(file, Text(plan, files)));
    }

    private static string Text(GgufPlan plan, IReadOnlyList<string> files)
    {
        var text = new StringBuilder();
        text.Append("# ollama create ").Append(plan.Name).Append(" -f ").Append(Name).Append('\n');
        foreach (string file in files)
            text.Append(file == files[0] ? "FROM ./" : "# FROM ./").Append(Path.GetFileName(file)).Append('\n');
        (string label, string? template) = Template(plan);
        text.Append("# ").Append(label).Append('\n');
        if (template is not null) text.Append("TEMPLATE \"\"\"").Append(template).Append("\"\"\"\n");
        foreach (StopToken stop in plan.Stops)
            text.Append("PARAMETER stop \"").Append(stop.Text.Replace("\\", @"\\").Replace("\"", "\\\"")).Append("\"\n");
        return text.ToString();
    }

    private static (string Label, string? Template) Template(GgufPlan plan)
    {
        if (plan.Templates.Default is { } jinja)
        {
            foreach ((string sign, string label, string template) in s_chats)
            {
                if (jinja.Contains(sign, StringComparison.Ordinal)) return ($"chat template: {label}", template);
            }

            return ("chat template of a form this program does not know; Ollama takes the one in the GGUF file", null);
        }

        string prompt = plan.PromptTemplate ?? TemplateFile.Slot;
        int slot = prompt.IndexOf(TemplateFile.Slot, StringComparison.Ordinal);
        if (prompt.Contains("\"\"\"", StringComparison.Ordinal))
            return ("the prompt template has three quotes, which TEMPLATE cannot hold", null);
        return (
            "plain prompt, no chat template",
            Literal(prompt[..slot]) + "{{ .Prompt }}" + Literal(prompt[(slot + TemplateFile.Slot.Length)..]));
    }

    // Braces that open an action of the template language are written as a text.
    private static string Literal(string text) => text.Replace("{{", "{{ \"{{\" }}", StringComparison.Ordinal);
}
