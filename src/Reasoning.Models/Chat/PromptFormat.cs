using Reasoning.Models.Files;
using Reasoning.Models.Prompts;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Chat;

/// <summary>
/// From a problem to ids, in the style that was chosen for a checkpoint. Plain unless its <c>reasoning.json</c> or the caller says otherwise,
/// also where there is a chat template: a base model often comes with one it was never trained on.
/// </summary>
public sealed class PromptFormat
{
    /// <summary>What stop tokens name as their source that the chat template ends its turns with.</summary>
    public const string TurnEndSource = "chat template";

    private const string ProbeAnswer = "probe answer";

    private readonly PromptSettings _settings;
    private readonly string _reason;
    private readonly Lazy<string> _template;

    private PromptFormat(Tokenizer tokenizer, PromptSettings settings, ChatFormat? chat, PromptStyle style, string reason)
    {
        Tokenizer = tokenizer;
        _settings = settings;
        _reason = reason;
        Chat = chat;
        Style = style;
        _template = new Lazy<string>(() => style switch
        {
            PromptStyle.Plain => settings.Template,
            PromptStyle.Bare => TemplateFile.Slot,
            _ => chat!.Text(settings.Conversation(TemplateFile.Slot), ChatOptions),
        });
    }

    /// <summary>The style.</summary>
    public PromptStyle Style { get; }

    /// <summary>The checkpoint's tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>The checkpoint's chat templates; null where it has none.</summary>
    public ChatFormat? Chat { get; }

    /// <summary>
    /// Text with <c>{prompt}</c> where the problem goes. In chat style it is what the chat template makes of that, to look at and to compare:
    /// a template may treat another text differently, as by trimming it.
    /// </summary>
    public string Template => _template.Value;

    private ChatOptions ChatOptions => new() { Date = _settings.ChatDate };

    /// <summary>The format of a checkpoint folder.</summary>
    /// <param name="folder">Folder with <c>reasoning.json</c> and a chat template, or without.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="style">What was asked for; null for what the checkpoint says.</param>
    /// <exception cref="UserErrorException">A file is malformed, or there is no chat template to use.</exception>
    public static PromptFormat Load(string folder, Tokenizer tokenizer, PromptStyle? style = null) =>
        Create(tokenizer, PromptSettings.Load(folder), ChatFormat.Load(folder), style, folder);

    /// <summary>The line that says what was chosen, and why.</summary>
    /// <param name="reason">Why, where the caller chose rather than the person or the checkpoint; null for what is known here.</param>
    public string Describe(string? reason = null)
    {
        string unused = Style != PromptStyle.Chat && Chat is not null
            ? $"; the chat template of {Path.GetFileName(Chat.Source)} is not used"
            : "";
        return $"{PromptSettings.NameOf(Style)} ({reason ?? _reason}): {Template.Replace("\n", "\\n", StringComparison.Ordinal)}{unused}";
    }

    internal static PromptFormat Create(Tokenizer tokenizer, PromptSettings settings, ChatFormat? chat, PromptStyle? style, string where)
    {
        TemplateFile.Check(settings.Template, "The prompt template");
        PromptStyle chosen = style ?? settings.Style ?? PromptStyle.Plain;
        string reason = style is not null ? "asked for" : settings.IsFromFile ? "by the checkpoint" : "the default";
        if (chosen == PromptStyle.Chat && chat is null)
        {
            throw new UserErrorException(
                $"{where}: the prompt style chat needs a chat template, and there is none in tokenizer_config.json, chat_template.jinja or "
                + "chat_template.json; use plain or bare");
        }
        return new PromptFormat(tokenizer, settings, chat, chosen, reason);
    }

    /// <summary>The ids of a problem. In plain and bare style they begin with what the tokenizer puts before every text.</summary>
    /// <exception cref="UserErrorException">
    /// The sequence would begin twice, because template or problem spell what begins it; or the chat template refuses the problem.
    /// </exception>
    internal int[] Render(Prompt prompt)
    {
        int[] ids = Style switch
        {
            PromptStyle.Chat => RenderChat(prompt),
            PromptStyle.Plain => Continue(prompt, TemplateFile.Render(_settings.Template, prompt.Text)),
            _ => Continue(prompt, prompt.Text),
        };
        if (Style != PromptStyle.Chat && Tokenizer.BosId is { } bos && ids.Count(id => id == bos) > 1)
        {
            throw new UserErrorException(
                $"Prompt {prompt.Id} begins its sequence twice: remove {Tokenizer.IdToToken(bos)} from the prompt template and the problem, "
                + "the tokenizer adds it.");
        }

        return ids;
    }

    /// <summary>The tokens that end an answer; in chat style with the one that ends a turn of the template among them.</summary>
    internal IReadOnlyList<StopToken> WithTurnEnd(IReadOnlyList<StopToken> stops)
    {
        if (Style != PromptStyle.Chat || TurnEnd() is not { } end) return stops;
        StopToken? known = stops.FirstOrDefault(stop => stop.Id == end);
        var token = new StopToken(end, Tokenizer.IdToToken(end), [.. known?.Sources ?? [], TurnEndSource]);
        return [.. stops.Where(stop => stop.Id != end).Append(token).OrderBy(stop => stop.Id)];
    }

    /// <summary>The special token that the chat template writes first after what the assistant says; null where it writes none.</summary>
    internal int? TurnEnd()
    {
        string text;
        try
        {
            ChatConversation probe = _settings.WithVariables(ChatConversation.Of(("user", "probe"), ("assistant", ProbeAnswer)));
            text = Chat!.Text(probe, ChatOptions with { AddGenerationPrompt = false });
        }
        catch (UserErrorException)
        {
            return null; // A template for single questions has no end of an answer to show.
        }
        int answer = text.LastIndexOf(ProbeAnswer, StringComparison.Ordinal);
        if (answer < 0) return null;
        int[] after = Tokenizer.Encode(text[(answer + ProbeAnswer.Length)..], addSpecialTokens: false);
        int index = Array.FindIndex(after, Tokenizer.IsSpecial);
        return index < 0 ? null : after[index];
    }

    internal void Save(string folder) => (_settings with { Style = Style }).Save(folder);

    private int[] RenderChat(Prompt prompt)
    {
        try
        {
            return Chat!.Render(_settings.Conversation(prompt.Text), Tokenizer, ChatOptions).Ids;
        }
        catch (UserErrorException e)
        {
            throw new UserErrorException($"Prompt {prompt.Id}: {e.Message}", e);
        }
    }

    private int[] Continue(Prompt prompt, string text)
    {
        FileLimits.Check(text, $"Prompt {prompt.Id}");
        return [.. Tokenizer.Prefix, .. Tokenizer.Encode(text, addSpecialTokens: false)];
    }
}
