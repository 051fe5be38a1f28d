using System.Text;
using Reasoning.Models.Chat;
using Reasoning.Models.Files;

namespace Reasoning.Models.Gguf.Export;

/// <summary>
/// How other programs run an export: the <c>Modelfile</c> that Ollama makes a model from (the GGUF file, the template around a prompt, the
/// texts that end an answer), and the commands.
/// </summary>
internal static class RunnerFiles
{
    /// <summary>Ending of the name of a Modelfile, where that of its GGUF file was.</summary>
    public const string Extension = ".Modelfile";

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

    /// <summary>Writes the Modelfile of a GGUF file.</summary>
    public static void Write(GgufPlan plan, string gguf, string modelfile) =>
        Durable.Write(modelfile, file => File.WriteAllText(file, Text(plan, gguf, modelfile)));

    /// <summary>Commands that run the file in llama.cpp and in Ollama, to paste into a shell of the current folder.</summary>
    public static IReadOnlyList<string> Commands(GgufPlan plan, string gguf, string modelfile)
    {
        const string Problem = "What is 3 + 4?";
        string name = NameOf(gguf), asked = (plan.PromptTemplate ?? TemplateFile.Slot).Replace(TemplateFile.Slot, Problem, StringComparison.Ordinal);
        bool isChat = plan.Templates.Default is not null;
        return
        [
            isChat
                ? $"llama-cli -m {Quoted(gguf)} --single-turn -p {Quoted(Problem)}"
                : $"llama-completion -m {Quoted(gguf)} -no-cnv -n 160 -p {Quoted(asked.Replace("\\", @"\\\\").Replace("\n", "\\n"))}",
            $"ollama create {name} -f {Quoted(modelfile)} && ollama run {name} {Quoted(Problem)}",
        ];
    }

    private static string Text(GgufPlan plan, string gguf, string modelfile)
    {
        var text = new StringBuilder();
        text.Append("# ollama create ").Append(NameOf(gguf)).Append(" -f ").Append(Path.GetFileName(modelfile)).Append('\n');
        text.Append("FROM ./").Append(Path.GetFileName(gguf)).Append('\n');
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

    // Names of models in Ollama are lower case letters, digits, dots, dashes and underscores.
    private static string NameOf(string gguf) => string.Concat(
        Path.GetFileNameWithoutExtension(gguf).ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '-'));

    // As a POSIX shell reads it back.
    private static string Quoted(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '/') ? text : $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
