using System.Runtime.InteropServices;
using System.Text.Json;
using Reasoning.Models.Files;

namespace Reasoning.Models.Tokenization;

/// <summary>Reads <c>model.vocab</c>: an object from token to id.</summary>
internal static class VocabularyReader
{
    // Ids may leave gaps, as of rows kept for later use, but a file of a few tokens makes no table of millions.
    private const int FreeIds = 1 << 14;
    private const int IdsPerToken = 8;

    /// <summary>The largest id that a file with this many tokens may use.</summary>
    public static int MaxId(int tokens) => (int)Math.Min(BpeModel.MaxId, FreeIds + ((long)IdsPerToken * tokens));

    public static (Dictionary<string, int> Ids, string?[] Tokens) Read(ReadOnlySpan<byte> json, JsonFields vocab)
    {
        int count = Count(json);
        int maxId = MaxId(count);
        var ids = new Dictionary<string, int>(count, StringComparer.Ordinal);
        var tokens = new List<string?>(count);
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string token = Text(ref reader, vocab);
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int id) || id < 0 || id > maxId)
                throw vocab.Error(token, $"must be an integer from 0 to {maxId}, found {Found(ref reader)}");
            if (id >= tokens.Count) CollectionsMarshal.SetCount(tokens, id + 1);
            if (tokens[id] is { } owner) throw vocab.Error(token, $"has the id {id} of '{owner}'");
            if (!ids.TryAdd(token, id)) throw vocab.Error(token, "occurs twice");
            tokens[id] = token;
        }
        return ids.Count > 0 ? (ids, [.. tokens]) : throw new UserErrorException($"{vocab.File}: the vocabulary is empty");
    }

    private static int Count(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        int count = 0;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1) count++;
        }
        return count;
    }

    private static string Text(ref Utf8JsonReader reader, JsonFields vocab)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new UserErrorException(
                $"{vocab.File}: a token of '{vocab.Name("*")}' has a \\u escape that is half of a surrogate pair", e);
        }
    }

    private static string Found(ref Utf8JsonReader reader)
    {
        using JsonDocument value = JsonDocument.ParseValue(ref reader);
        return JsonFile.Describe(value.RootElement);
    }
}
