using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Reasoning.Models.Files;

/// <summary>
/// Reads JSON written by others. Whatever the bytes, the outcome is a document whose names and strings can all be read, or a
/// <see cref="UserErrorException"/> with file and line.
/// </summary>
internal static class JsonFile
{
    private static readonly JsonDocumentOptions s_options = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    /// <summary>All bytes of a file, without a byte order mark.</summary>
    public static byte[] ReadBytes(string file, long most = FileLimits.ModelFile)
    {
        byte[] bytes = RegularFile.ReadAllBytes(file, most);
        return bytes.AsSpan().StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
    }

    /// <summary>An object of our own as the text of a file.</summary>
    /// <param name="writeFields">Writes what stands between the braces.</param>
    /// <param name="encoder">What is escaped; by default no more than must be.</param>
    public static byte[] Text(Action<Utf8JsonWriter> writeFields, JavaScriptEncoder? encoder = null)
    {
        var options = new JsonWriterOptions
        {
            Indented = true,
            NewLine = "\n",
            Encoder = encoder ?? JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        };
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, options))
        {
            writer.WriteStartObject();
            writeFields(writer);
            writer.WriteEndObject();
        }
        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    /// <summary>The document in a file whose root must be an object.</summary>
    public static JsonDocument LoadObject(string file, long most = FileLimits.ModelFile) => ParseObject(ReadBytes(file, most), file);

    /// <summary>
    /// The document in <paramref name="bytes"/> whose root must be an object; <paramref name="file"/> names it in messages.
    /// </summary>
    public static JsonDocument ParseObject(ReadOnlyMemory<byte> bytes, string file)
    {
        JsonDocument document = Parse(bytes, file, firstLine: 1);
        if (document.RootElement.ValueKind == JsonValueKind.Object) return document;
        string found = Describe(document.RootElement);
        document.Dispose();
        throw new UserErrorException($"{file}: expected a JSON object, found {found}");
    }

    /// <summary>The document in <paramref name="bytes"/>; lines in messages count from <paramref name="firstLine"/>.</summary>
    public static JsonDocument Parse(ReadOnlyMemory<byte> bytes, string file, long firstLine)
    {
        CheckText(bytes.Span, file, firstLine);
        try
        {
            CheckEscapes(bytes.Span, file, firstLine);
            return JsonDocument.Parse(bytes, s_options);
        }
        catch (JsonException e)
        {
            throw Malformed(e, file, firstLine);
        }
    }

    /// <summary>
    /// Refuses bytes that are not UTF-8, and misspelled literals, naming the line. The parser would refuse the latter, too, but would quote
    /// all that follows, megabytes of it in a large file.
    /// </summary>
    public static void CheckText(ReadOnlySpan<byte> bytes, string file, long firstLine)
    {
        if (!Utf8.IsValid(bytes)) throw new UserErrorException($"{file}:{firstLine + InvalidUtf8Line(bytes)}: not valid UTF-8");
        int place = 0;
        while (place < bytes.Length)
        {
            int step = bytes[place] switch
            {
                (byte)'"' => 1 + LengthOfString(bytes[(place + 1)..]),
                (byte)'t' or (byte)'f' or (byte)'n' => LengthOfLiteral(bytes[place..]),
                _ => 1,
            };
            if (step == 0)
            {
                long line = firstLine + bytes[..place].Count((byte)'\n');
                throw new UserErrorException($"{file}:{line}: malformed JSON: '{(char)bytes[place]}' is not the beginning of true, false or null");
            }
            place += step;
        }
    }

    /// <summary>The error for what a parser found, with its line.</summary>
    public static UserErrorException Malformed(JsonException e, string file, long firstLine)
        => new($"{file}:{firstLine + (e.LineNumber ?? 0)}: malformed JSON: {Reason(e)}", e);

    /// <summary>A value as it should appear in a message: its kind, and its text where that is short.</summary>
    public static string Describe(JsonElement value)
    {
        string kind = value.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "an array",
            JsonValueKind.String => "the string",
            JsonValueKind.Number => "the number",
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => "null",
        };
        if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number)) return kind;
        string text = value.GetRawText();
        return $"{kind} {(text.Length <= 60 ? text : text[..57] + "...")}";
    }

    /// <summary>The part of a parser's message that does not repeat the position.</summary>
    public static string Reason(JsonException e)
    {
        string message = e.Message;
        int position = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        if (position < 0) position = message.IndexOf(" Path:", StringComparison.Ordinal);
        return position < 0 ? message : message[..position];
    }

    // An escaped half of a surrogate pair is well-formed JSON that no string can hold; without this check it fails on first use.
    private static void CheckEscapes(ReadOnlySpan<byte> bytes, string file, long firstLine)
    {
        if (bytes.IndexOf("\\ud"u8) < 0 && bytes.IndexOf("\\uD"u8) < 0) return;
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = s_options.MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName) || !reader.ValueIsEscaped) continue;
            try
            {
                char[] buffer = ArrayPool<char>.Shared.Rent(reader.ValueSpan.Length);
                reader.CopyString(buffer);
                ArrayPool<char>.Shared.Return(buffer);
            }
            catch (InvalidOperationException e)
            {
                long line = firstLine + bytes[..(int)reader.TokenStartIndex].Count((byte)'\n');
                throw new UserErrorException($"{file}:{line}: a \\u escape is half of a surrogate pair", e);
            }
        }
    }

    // Up to and with the closing quote; what is not closed goes to the end.
    private static int LengthOfString(ReadOnlySpan<byte> bytes)
    {
        int place = 0;
        while (place < bytes.Length)
        {
            int found = bytes[place..].IndexOfAny((byte)'"', (byte)'\\');
            if (found < 0) return bytes.Length;
            place += found;
            if (bytes[place] == '"') return place + 1;
            place += 2;
        }
        return bytes.Length;
    }

    // 0 where there is none.
    private static int LengthOfLiteral(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("true"u8) || bytes.StartsWith("null"u8)) return 4;
        return bytes.StartsWith("false"u8) ? 5 : 0;
    }

    private static long InvalidUtf8Line(ReadOnlySpan<byte> bytes)
    {
        long line = 0;
        while (bytes.Length > 0)
        {
            if (System.Text.Rune.DecodeFromUtf8(bytes, out _, out int consumed) != OperationStatus.Done) return line;
            if (bytes[0] == '\n') line++;
            bytes = bytes[consumed..];
        }
        return line;
    }
}
