using Reasoning.Jinja;
using Reasoning.Models.Files;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Chat;

/// <summary>
/// How a checkpoint wants conversations: one or several chat templates, and the special tokens they name. A template is read when it is
/// first used, so one that is not supported hinders nobody who does not use it.
/// </summary>
public sealed class ChatFormat
{
    /// <summary>Name of the template for conversations without tools, and of the only one.</summary>
    internal const string DefaultName = "default";

    /// <summary>Name of the template for conversations with tools, where there is one of its own.</summary>
    internal const string ToolUseName = "tool_use";

    private readonly Dictionary<string, (string Text, Lazy<Template> Template)> _templates;
    private readonly IReadOnlyList<(string Name, Value Value)> _tokens;

    internal ChatFormat(
        IEnumerable<(string Name, string Text, string Where)> templates, IReadOnlyList<(string Name, Value Value)> tokens, string source)
    {
        _templates = templates.ToDictionary(
            template => template.Name,
            template => (template.Text, new Lazy<Template>(() => Template.Parse(template.Text, template.Where))));
        _tokens = tokens;
        Source = source;
    }

    /// <summary>The file the templates stand in.</summary>
    internal string Source { get; }

    /// <summary>Names of the templates.</summary>
    internal IReadOnlyCollection<string> Names => _templates.Keys;

    /// <summary>The chat templates of a checkpoint folder, or null where it has none.</summary>
    /// <exception cref="UserErrorException">A file is malformed.</exception>
    public static ChatFormat? Load(string folder) => ChatFormatReader.Read(folder);

    /// <summary>Chat templates from elsewhere, such as the metadata of a GGUF file.</summary>
    /// <param name="templates">Text by name.</param>
    /// <param name="specialTokens">Text by name as templates use it, e.g. <c>bos_token</c>.</param>
    /// <param name="source">Where they come from, for messages.</param>
    internal static ChatFormat Create(
        IReadOnlyDictionary<string, string> templates, IReadOnlyDictionary<string, string> specialTokens, string source) => new(
            templates.Select(pair => (pair.Key, pair.Value, $"{source}: chat template")),
            [.. specialTokens.Select(pair => (pair.Key, (Value)new StringValue(pair.Value)))],
            source);

    /// <summary>The text of a template, or null where there is none of the name.</summary>
    internal string? TemplateText(string name = DefaultName) => _templates.TryGetValue(name, out var template) ? template.Text : null;

    /// <summary>
    /// The one way from a conversation to ids. The template alone decides which special tokens there are: the tokenizer adds none, as in
    /// transformers, so the beginning of the sequence cannot double.
    /// </summary>
    /// <exception cref="UserErrorException">
    /// The template refuses the conversation, is not supported, or writes the beginning-of-sequence token twice; or a message spells it.
    /// </exception>
    public RenderedChat Render(ChatConversation conversation, Tokenizer tokenizer, ChatOptions options)
    {
        string? bos = tokenizer.BosId is { } id ? tokenizer.IdToToken(id) : null;
        if (bos is not null) CheckSpelling(conversation, bos);
        string text = Text(conversation, options);
        FileLimits.Check(text, $"{Source}: what the chat template writes");
        int[] ids = tokenizer.Encode(text, addSpecialTokens: false);
        for (int i = 1; i < ids.Length; i++)
        {
            if (ids[i] == tokenizer.BosId && ids[i - 1] == tokenizer.BosId && tokenizer.BosId != tokenizer.EosId)
                throw new UserErrorException($"{Source}: the chat template writes {bos} twice in a row; a sequence begins once");
        }
        return new RenderedChat(text, ids);
    }

    /// <summary>What the template writes, for its own end or to look at; the ids come from <see cref="Render"/>.</summary>
    internal string Text(ChatConversation conversation, ChatOptions options)
    {
        var variables = new List<(string, Value)>
        {
            ("messages", SequenceValue.List(conversation.Messages)),
            ("tools", conversation.Tools),
            ("documents", NoneValue.Instance),
            ("add_generation_prompt", BoolValue.Of(options.AddGenerationPrompt)),
        };
        variables.AddRange(_tokens);
        variables.AddRange(conversation.Variables.Select(pair => (pair.Key, pair.Value)));
        Lazy<Template> template = Choose(conversation, options);
        try
        {
            return template.Value.Render(variables, options.Date);
        }
        catch (TemplateException e)
        {
            throw new UserErrorException(e.Message, e);
        }
    }

    private Lazy<Template> Choose(ChatConversation conversation, ChatOptions options)
    {
        string name = options.Template ?? (conversation.HasTools && _templates.ContainsKey(ToolUseName) ? ToolUseName : DefaultName);
        if (options.Template is null && _templates.Count == 1) name = _templates.Keys.First();
        return _templates.TryGetValue(name, out var template)
            ? template.Template
            : throw new UserErrorException(
                $"{Source}: has no chat template '{name}', but {string.Join(", ", _templates.Keys)}; choose one by name");
    }

    private void CheckSpelling(ChatConversation conversation, string bos)
    {
        for (int i = 0; i < conversation.Count; i++)
        {
            if (!Spells(conversation.Messages[i])) continue;
            throw new UserErrorException(
                $"message {i + 1} spells {bos}, which begins a sequence: only the template may write it ({Source})");
        }

        bool Spells(Value value) => value switch
        {
            StringValue text => text.Text.Contains(bos, StringComparison.Ordinal),
            SequenceValue sequence => sequence.Items.Any(Spells),
            DictValue dict => dict.Entries.Any(entry => Spells(entry.Value)),
            _ => false,
        };
    }
}

/// <summary>A conversation as a model reads it.</summary>
/// <param name="Text">What the template writes.</param>
/// <param name="Ids">Its tokens: the text's own and no others, so that its special tokens are those the template writes.</param>
public sealed record RenderedChat(string Text, int[] Ids);
