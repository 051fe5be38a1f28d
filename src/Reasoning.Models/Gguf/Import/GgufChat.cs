using Reasoning.Models.Chat;
using Reasoning.Models.Gguf.Export;
using Reasoning.Models.Gguf.Format;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Gguf.Import;

/// <summary>What a GGUF file says about prompts: its chat templates, and the prompt template that files of this program keep.</summary>
internal static class GgufChat
{
    /// <summary>The format of prompts for the model of a file, read without its weights.</summary>
    /// <exception cref="UserErrorException">The file is damaged, or has no chat template while the style chat is asked for.</exception>
    public static PromptFormat Load(string file, PromptStyle? style)
    {
        Tokenizer tokenizer = GgufImport.Tokenizer(file);
        using GgufReader reader = GgufReader.Open(file);
        return Format(reader, tokenizer, style);
    }

    /// <summary>The format of prompts for the model of a file.</summary>
    /// <exception cref="UserErrorException">The style chat is asked for, and the file has no chat template.</exception>
    public static PromptFormat Format(GgufReader reader, Tokenizer tokenizer, PromptStyle? style)
    {
        string? template = reader.Metadata.OptionalText(GgufPlan.PromptTemplateKey);
        var settings = new PromptSettings { Template = template ?? TemplateFile.Default, IsFromFile = template is not null };
        return PromptFormat.Create(tokenizer, settings, Templates(reader, tokenizer), style, reader.File);
    }

    /// <summary>Whether a file keeps a prompt template.</summary>
    public static bool HasPromptTemplate(string file)
    {
        using GgufReader reader = GgufReader.Open(file);
        return reader.Metadata.OptionalText(GgufPlan.PromptTemplateKey) is not null;
    }

    private static ChatFormat? Templates(GgufReader reader, Tokenizer tokenizer)
    {
        var templates = new Dictionary<string, string>();
        if (reader.Metadata.OptionalText(ChatTemplates.Key) is { } text) templates[ChatFormat.DefaultName] = text;
        string toolsKey = $"{ChatTemplates.Key}.{ChatFormat.ToolUseName}";
        if (reader.Metadata.OptionalText(toolsKey) is { } tools) templates[ChatFormat.ToolUseName] = tools;
        if (templates.Count == 0) return null;
        var tokens = new Dictionary<string, string>();
        Add("bos_token", tokenizer.BosId);
        Add("eos_token", tokenizer.EosId);
        Add("pad_token", tokenizer.PadId);
        return ChatFormat.Create(templates, tokens, reader.File);

        void Add(string name, int? id)
        {
            if (id is { } known) tokens[name] = tokenizer.IdToToken(known);
        }
    }
}
