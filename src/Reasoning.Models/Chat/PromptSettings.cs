using System.Globalization;
using System.Text;
using System.Text.Json;
using Reasoning.Models.Files;

namespace Reasoning.Models.Chat;

/// <summary>How a checkpoint's problems become input: kept with the checkpoint in <c>reasoning.json</c>.</summary>
internal sealed record PromptSettings
{
    /// <summary>The user's turn of a checkpoint that names none.</summary>
    internal const string DefaultChatPrompt = "{prompt}\n\nThink step by step, then give the final answer as \\boxed{answer}.";

    private const string FileName = "reasoning.json";
    private const string TemplateField = "prompt_template";
    private const string StyleField = "prompt_style";
    private const string ChatPromptField = "chat_prompt";
    private const string VariablesField = "chat_variables";
    private const string DateField = "chat_date";
    private const string DateLayout = "yyyy-MM-dd";

    /// <summary>The style it names; null where it names none.</summary>
    public PromptStyle? Style { get; init; }

    /// <summary>For the plain style: text with the place of the problem.</summary>
    public string Template { get; init; } = TemplateFile.Default;

    /// <summary>For the chat style: the user's turn, with the place of the problem.</summary>
    public string ChatPrompt { get; init; } = DefaultChatPrompt;

    /// <summary>For the chat style: a JSON object of variables for the chat template; null for none.</summary>
    public string? ChatVariables { get; init; }

    /// <summary>For the chat style: the date a template gets that asks for it.</summary>
    public DateTime? ChatDate { get; init; }

    /// <summary>Whether a file said so, rather than a default.</summary>
    public bool IsFromFile { get; init; }

    /// <summary>Whether a checkpoint folder has settings.</summary>
    public static bool ExistIn(string folder) => File.Exists(Path.Combine(folder, FileName));

    /// <summary>The settings of a checkpoint folder.</summary>
    /// <exception cref="UserErrorException">The file is malformed, or a template has no single place for the problem.</exception>
    public static PromptSettings Load(string folder)
    {
        string file = Path.Combine(folder, FileName);
        if (!File.Exists(file)) return new PromptSettings();
        using JsonDocument document = JsonFile.LoadObject(file);
        var fields = new JsonFields(file, document.RootElement);
        return new PromptSettings
        {
            Style = fields.OptionalString(StyleField) is { } style ? StyleOf(fields, style) : null,
            Template = Slotted(fields, TemplateField) ?? TemplateFile.Default,
            ChatPrompt = Slotted(fields, ChatPromptField) ?? DefaultChatPrompt,
            ChatVariables = Variables(fields),
            ChatDate = Date(fields),
            IsFromFile = true,
        };
    }

    /// <summary>Writes the settings; what is as by default is left out, except for the template.</summary>
    public void Save(string folder) => File.WriteAllBytes(Path.Combine(folder, FileName), JsonFile.Text(writer =>
    {
        writer.WriteString(TemplateField, Template);
        if (Style is { } style and not PromptStyle.Plain) writer.WriteString(StyleField, NameOf(style));
        if (ChatPrompt != DefaultChatPrompt) writer.WriteString(ChatPromptField, ChatPrompt);
        if (ChatVariables is not null)
        {
            writer.WritePropertyName(VariablesField);
            writer.WriteRawValue(ChatVariables);
        }
        if (ChatDate is { } date) writer.WriteString(DateField, date.ToString(DateLayout, CultureInfo.InvariantCulture));
    }));

    /// <summary>A conversation of one user's turn, with the variables.</summary>
    public ChatConversation Conversation(string problem)
    {
        ChatConversation conversation = ChatConversation.Of(("user", TemplateFile.Render(ChatPrompt, problem)));
        return WithVariables(conversation);
    }

    /// <summary>A conversation with the variables.</summary>
    public ChatConversation WithVariables(ChatConversation conversation)
    {
        if (ChatVariables is null) return conversation;
        using JsonDocument document = JsonFile.ParseObject(Encoding.UTF8.GetBytes(ChatVariables), FileName);
        return conversation.With(new JsonFields(FileName, document.RootElement, VariablesField));
    }

    /// <summary>A style as it is written in files and on the command line.</summary>
    public static string NameOf(PromptStyle style) => style switch
    {
        PromptStyle.Plain => "plain",
        PromptStyle.Chat => "chat",
        _ => "bare",
    };

    private static PromptStyle StyleOf(JsonFields fields, string name) => name switch
    {
        "plain" => PromptStyle.Plain,
        "chat" => PromptStyle.Chat,
        "bare" => PromptStyle.Bare,
        _ => throw fields.Wrong(StyleField, fields.Require(StyleField), "plain, chat or bare"),
    };

    private static string? Slotted(JsonFields fields, string field) =>
        fields.OptionalString(field) is { } text ? TemplateFile.Check(text, $"{fields.File}: field '{field}'") : null;

    private static string? Variables(JsonFields fields)
    {
        if (fields.OptionalObject(VariablesField) is not { } variables) return null;
        ChatConversation.Of().With(variables);
        return variables.Element.GetRawText();
    }

    private static DateTime? Date(JsonFields fields)
    {
        if (fields.OptionalString(DateField) is not { } text) return null;
        return DateTime.TryParseExact(text, DateLayout, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime date)
            ? date
            : throw fields.Wrong(DateField, fields.Require(DateField), "a date such as 2024-07-26");
    }
}
