using System.Text;
using System.Text.Json;
using Reasoning.Jinja;
using Reasoning.Models.Files;

namespace Reasoning.Models.Chat;

/// <summary>Messages with what else a chat template is given: tools and variables of its own. Immutable.</summary>
public sealed class ChatConversation
{
    private static readonly HashSet<string> s_reserved = ["messages", "tools", "add_generation_prompt"];

    private ChatConversation(IReadOnlyList<Value> messages, Value tools, IReadOnlyDictionary<string, Value> variables)
    {
        Messages = messages;
        Tools = tools;
        Variables = variables;
    }

    /// <summary>Number of messages.</summary>
    internal int Count => Messages.Count;

    /// <summary>Whether tools are offered.</summary>
    internal bool HasTools => Tools.IsTrue;

    internal IReadOnlyList<Value> Messages { get; }

    internal Value Tools { get; }

    internal IReadOnlyDictionary<string, Value> Variables { get; }

    /// <summary>Messages with a role and a text.</summary>
    public static ChatConversation Of(params IReadOnlyList<(string Role, string Content)> messages)
    {
        IEnumerable<Value> values = messages.Select(message => new DictValue(
            [(new StringValue("role"), new StringValue(message.Role)), (new StringValue("content"), new StringValue(message.Content))]));
        return new ChatConversation([.. values], NoneValue.Instance, new Dictionary<string, Value>());
    }

    /// <summary>
    /// Reads a JSON file: an array of messages, or an object with <c>messages</c> and optionally <c>tools</c> (an array) and
    /// <c>variables</c> (an object). A message is an object with a <c>role</c>; all its fields reach the template.
    /// </summary>
    /// <exception cref="UserErrorException">It is of another form; the message names file and field.</exception>
    public static ChatConversation Load(string file) => Parse(JsonFile.ReadBytes(file, FileLimits.Handwritten), file);

    /// <summary>Reads the text of such a file.</summary>
    /// <exception cref="UserErrorException">As <see cref="Load"/>.</exception>
    public static ChatConversation Parse(string json) => Parse(Encoding.UTF8.GetBytes(json), "messages");

    /// <summary>The conversation with one more variable, or with another value for it.</summary>
    /// <param name="name">Name of the variable.</param>
    /// <param name="text">JSON such as <c>true</c>, <c>3</c> or <c>"text"</c>; anything else is a text as it stands.</param>
    /// <exception cref="UserErrorException">The name belongs to something else.</exception>
    public ChatConversation With(string name, string text)
    {
        Value value;
        try
        {
            using JsonDocument document = JsonFile.Parse(Encoding.UTF8.GetBytes(text), name, 1);
            value = JsonValues.Of(document.RootElement, name);
        }
        catch (UserErrorException)
        {
            value = new StringValue(text);
        }
        CheckName(name, "the variable");
        return new ChatConversation(Messages, Tools, new Dictionary<string, Value>(Variables) { [name] = value });
    }

    /// <summary>The conversation with the variables of a JSON object.</summary>
    internal ChatConversation With(JsonFields variables)
    {
        var all = new Dictionary<string, Value>(Variables);
        foreach (JsonProperty variable in variables.Element.EnumerateObject())
        {
            CheckName(variable.Name, $"{variables.File}: field '{variables.Name(variable.Name)}'");
            all[variable.Name] = JsonValues.Of(variable.Value, $"{variables.File}: field '{variables.Name(variable.Name)}'");
        }
        return new ChatConversation(Messages, Tools, all);
    }

    private static ChatConversation Parse(byte[] bytes, string file)
    {
        using JsonDocument document = JsonFile.Parse(bytes, file, 1);
        JsonElement root = document.RootElement;
        if (root.ValueKind == JsonValueKind.Array)
            return new ChatConversation(ReadMessages(root, file), NoneValue.Instance, new Dictionary<string, Value>());
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw new UserErrorException(
                $"{file}: expected an array of messages or an object with messages, found {JsonFile.Describe(root)}");
        }
        var fields = new JsonFields(file, root);
        JsonElement messages = fields.Require("messages");
        if (messages.ValueKind != JsonValueKind.Array) throw fields.Wrong("messages", messages, "an array of messages");
        Value tools = NoneValue.Instance;
        if (fields.Find("tools") is { } found)
        {
            if (found.ValueKind != JsonValueKind.Array) throw fields.Wrong("tools", found, "an array of tools");
            tools = JsonValues.Of(found, $"{file}: field 'tools'");
        }
        var conversation = new ChatConversation(ReadMessages(messages, file), tools, new Dictionary<string, Value>());
        return fields.OptionalObject("variables") is { } variables ? conversation.With(variables) : conversation;
    }

    private static List<Value> ReadMessages(JsonElement messages, string file)
    {
        var values = new List<Value>(messages.GetArrayLength());
        foreach (JsonElement message in messages.EnumerateArray())
        {
            string where = $"{file}: message {values.Count + 1}";
            if (message.ValueKind != JsonValueKind.Object)
                throw new UserErrorException($"{where} must be an object, found {JsonFile.Describe(message)}");
            _ = new JsonFields(where, message).String("role");
            values.Add(JsonValues.Of(message, where));
        }
        return values;
    }

    private static void CheckName(string name, string where)
    {
        if (s_reserved.Contains(name)) throw new UserErrorException($"{where} cannot be '{name}', which the conversation itself gives");
    }
}
