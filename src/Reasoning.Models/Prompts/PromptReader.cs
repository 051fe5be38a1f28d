using System.Text.Json;
using Reasoning.Models.Files;

namespace Reasoning.Models.Prompts;

/// <summary>Parses the two JSON forms of a prompt file, keeping track of lines for messages.</summary>
internal sealed class PromptReader
{
    /// <summary>Names of the field that holds the prompt; the first one that is there counts.</summary>
    public static readonly string[] TextFields = ["prompt", "problem", "question"];

    private readonly string _file;
    private readonly PromptList _prompts;

    private PromptReader(string file)
    {
        _file = file;
        _prompts = new PromptList(file, "line");
    }

    public static PromptList Read(byte[] bytes, string file)
    {
        var reader = new PromptReader(file);
        int start = bytes.AsSpan().IndexOfAnyExcept(" \t\r\n"u8);
        if (start < 0) throw new UserErrorException($"{file}: the file is empty");
        switch (bytes[start])
        {
            case (byte)'[':
                reader.ReadArray(bytes);
                break;
            case (byte)'{':
                reader.ReadLines(bytes);
                break;
            default:
                long line = 1 + bytes.AsSpan(0, start).Count((byte)'\n');
                throw new UserErrorException($"{file}:{line}: expected a JSON array or JSON lines, found '{Printable(bytes[start])}'");
        }
        return reader._prompts;
    }

    private void ReadLines(byte[] bytes)
    {
        int start = 0;
        for (long line = 1; start < bytes.Length; line++)
        {
            int length = bytes.AsSpan(start).IndexOf((byte)'\n');
            if (length < 0) length = bytes.Length - start;
            ReadOnlyMemory<byte> content = bytes.AsMemory(start, length);
            start += length + 1;
            if (content.Span.IndexOfAnyExcept(" \t\r"u8) < 0) continue;
            using JsonDocument document = JsonFile.Parse(content, _file, line);
            Add(document.RootElement, line);
        }
    }

    // The array is walked by hand: an element of a parsed document no longer knows its line, and a document of all takes several times the file.
    private void ReadArray(byte[] bytes)
    {
        JsonFile.CheckText(bytes, _file, firstLine: 1);
        var reader = new Utf8JsonReader(bytes);
        long line = 1;
        int counted = 0;
        while (Next(ref reader))
        {
            if (reader.CurrentDepth == 0) continue; // the brackets of the array
            int start = (int)reader.TokenStartIndex;
            line += bytes.AsSpan(counted, start - counted).Count((byte)'\n');
            counted = start;
            Next(ref reader, isWhole: true);
            using JsonDocument element = JsonFile.Parse(bytes.AsMemory(start..(int)reader.BytesConsumed), _file, line);
            Add(element.RootElement, line);
        }
    }

    private bool Next(ref Utf8JsonReader reader, bool isWhole = false)
    {
        try
        {
            if (isWhole) reader.Skip();
            return isWhole || reader.Read();
        }
        catch (JsonException e)
        {
            throw JsonFile.Malformed(e, _file, firstLine: 1);
        }
    }

    private void Add(JsonElement element, long line)
    {
        if (element.ValueKind != JsonValueKind.Object) throw Error(line, $"expected an object, found {JsonFile.Describe(element)}");
        string text = Text(element, line);
        _prompts.Add(Scalar(element, "id", line), text, Answer(element, line), line);
    }

    private string Text(JsonElement element, long line)
    {
        foreach (string field in TextFields)
        {
            if (!element.TryGetProperty(field, out JsonElement value)) continue;
            string text = value.ValueKind switch
            {
                JsonValueKind.String => value.GetString()!,
                JsonValueKind.Array => _prompts.LastUserMessage(Messages(value, field, line), field, line),
                _ => throw Error(line, $"'{field}' must be a string or a list of messages, found {JsonFile.Describe(value)}"),
            };
            return string.IsNullOrWhiteSpace(text) ? throw Error(line, $"'{field}' is empty") : text;
        }

        string names = string.Join(", ", element.EnumerateObject().Select(property => property.Name).Take(8));
        throw Error(line, $"needs 'prompt', 'problem' or 'question', found {(names.Length == 0 ? "an empty object" : "only " + names)}");
    }

    private List<(string Role, string Content)> Messages(JsonElement chat, string field, long line)
    {
        var messages = new List<(string, string)>();
        foreach (JsonElement message in chat.EnumerateArray())
        {
            if (message.ValueKind != JsonValueKind.Object)
                throw Error(line, $"'{field}': message {messages.Count + 1} must be an object, found {JsonFile.Describe(message)}");
            messages.Add((Part(message, "role"), Part(message, "content")));
        }

        return messages;

        string Part(JsonElement message, string name)
        {
            string where = $"'{field}': message {messages.Count + 1}";
            if (!message.TryGetProperty(name, out JsonElement value)) throw Error(line, $"{where} has no '{name}'");
            return value.ValueKind == JsonValueKind.String
                ? value.GetString()!
                : throw Error(line, $"{where}: '{name}' must be a string, found {JsonFile.Describe(value)}");
        }
    }

    // The trainer verl keeps the gold answer in a structure of its own.
    private string? Answer(JsonElement element, long line)
    {
        bool isNested = !element.TryGetProperty("answer", out _) && element.TryGetProperty("reward_model", out JsonElement reward)
            && reward.ValueKind == JsonValueKind.Object;
        return isNested ? Scalar(element.GetProperty("reward_model"), "ground_truth", line) : Scalar(element, "answer", line);
    }

    private string? Scalar(JsonElement element, string field, long line)
    {
        if (!element.TryGetProperty(field, out JsonElement value)) return null;
        return value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.Null => null,
            _ => throw Error(line, $"'{field}' must be a string or a number, found {JsonFile.Describe(value)}"),
        };
    }

    private UserErrorException Error(long line, string problem) => _prompts.Error(line, problem);

    private static string Printable(byte value) => value is > 0x20 and < 0x7F ? ((char)value).ToString() : $"byte 0x{value:X2}";
}
