using System.Buffers;
using System.Text.Json;
using Reasoning.Models.Files;

namespace Reasoning.Models.Tokenization;

/// <summary>
/// A tokenizer.json with its two long lists apart: vocabulary and merges, megabytes of one shape, are read straight from the bytes; the
/// rest is a small document.
/// </summary>
internal sealed class TokenizerDocument : IDisposable
{
    private static readonly JsonReaderOptions s_options = new() { MaxDepth = 64 };
    private readonly JsonDocument _document;

    private TokenizerDocument(JsonDocument document, string file)
    {
        _document = document;
        Fields = new JsonFields(file, document.RootElement);
    }

    /// <summary>The fields of the file; <c>model.vocab</c> and <c>model.merges</c> are empty where they are in the two lists.</summary>
    public JsonFields Fields { get; }

    /// <summary>The JSON object <c>model.vocab</c>; empty where there is no such object.</summary>
    public ReadOnlyMemory<byte> Vocabulary { get; private init; }

    /// <summary>The JSON array <c>model.merges</c>; empty where there is no such array.</summary>
    public ReadOnlyMemory<byte> Merges { get; private init; }

    public static TokenizerDocument Parse(byte[] json, string file)
    {
        (Range vocabulary, Range merges) = Find(json, file);
        var rest = new ArrayBufferWriter<byte>();
        int position = 0;
        (Range List, byte[] Empty)[] lists = [(vocabulary, "{}"u8.ToArray()), (merges, "[]"u8.ToArray())];
        foreach ((Range list, byte[] empty) in lists.OrderBy(pair => pair.List.Start.Value))
        {
            if (list.End.Value == 0) continue;
            rest.Write(json.AsSpan(position, list.Start.Value - position));
            rest.Write(empty);
            position = list.End.Value;
        }
        rest.Write(json.AsSpan(position));
        return new TokenizerDocument(JsonFile.ParseObject(rest.WrittenMemory, file), file)
        {
            Vocabulary = json.AsMemory()[vocabulary],
            Merges = json.AsMemory()[merges],
        };
    }

    public void Dispose() => _document.Dispose();

    // Walks the whole file once, so that what is malformed is found here, with its line.
    private static (Range Vocabulary, Range Merges) Find(byte[] json, string file)
    {
        JsonFile.CheckText(json, file, firstLine: 1);
        Range vocabulary = ..0, merges = ..0;
        var reader = new Utf8JsonReader(json, s_options);
        try
        {
            bool inModel = false;
            while (reader.Read())
            {
                if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName) inModel = reader.ValueTextEquals("model"u8);
                bool isField = inModel && reader.CurrentDepth == 2 && reader.TokenType == JsonTokenType.PropertyName;
                if (!isField) continue;
                if (reader.ValueTextEquals("vocab"u8)) vocabulary = Skip(ref reader, JsonTokenType.StartObject) ?? vocabulary;
                else if (reader.ValueTextEquals("merges"u8)) merges = Skip(ref reader, JsonTokenType.StartArray) ?? merges;
            }
        }
        catch (JsonException e)
        {
            throw JsonFile.Malformed(e, file, firstLine: 1);
        }
        return (vocabulary, merges);
    }

    // Where the value of a field lies, if it is of this kind. A second field of the same name stays in the document, which refuses it.
    private static Range? Skip(ref Utf8JsonReader reader, JsonTokenType kind)
    {
        reader.Read();
        if (reader.TokenType != kind) return null;
        int start = (int)reader.TokenStartIndex;
        reader.Skip();
        return start..(int)reader.BytesConsumed;
    }
}
