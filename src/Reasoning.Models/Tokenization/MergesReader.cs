using System.Text.Json;
using Reasoning.Models.Files;

namespace Reasoning.Models.Tokenization;

/// <summary>
/// Reads <c>model.merges</c>, an array of pairs in either spelling: <c>"a b"</c> or <c>["a", "b"]</c>. Notes on the way where a text may be
/// cut without changing its tokens.
/// </summary>
internal sealed class MergesReader
{
    private const char Mark = BpeModel.Mark;

    private readonly JsonFields _model;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _ids;
    private readonly HashSet<char> _beforeMark = [];
    private char[] _text = new char[256];
    private bool _joinsBytesToMark;
    private int _rank;

    private MergesReader(JsonFields model, Dictionary<string, int> ids)
    {
        _model = model;
        _ids = ids.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The merges, and the characters after which a merge may join a <see cref="BpeModel.Mark"/>: null means any.</summary>
    public static (BpeMerges Merges, HashSet<char>? JoinedToMark) Read(
        ReadOnlySpan<byte> json, JsonFields model, Dictionary<string, int> ids)
    {
        var reader = new MergesReader(model, ids);
        PairTable table = reader.ReadAll(json);
        return (new BpeMerges(table), reader._joinsBytesToMark ? null : reader._beforeMark);
    }

    private PairTable ReadAll(ReadOnlySpan<byte> json)
    {
        var table = new PairTable(Count(json));
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            (int cut, int length) = reader.TokenType switch
            {
                JsonTokenType.String => Spaced(ref reader),
                JsonTokenType.StartArray => Listed(ref reader),
                _ => throw Wrong(),
            };
            ReadOnlySpan<char> left = _text.AsSpan(0, cut), right = _text.AsSpan(cut, length - cut);
            table.Set(Id(left), Id(right), _rank, Id(_text.AsSpan(0, length)));
            if (right[0] == Mark) NoteMark(left);
            _rank++;
        }
        return table;
    }

    private static int Count(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        int count = 0;
        while (reader.Read())
        {
            bool isItem = reader.CurrentDepth == 1 && reader.TokenType is JsonTokenType.String or JsonTokenType.StartArray;
            if (isItem) count++;
        }
        return count;
    }

    // What a byte token stands for is not its own text, so what may stand before the mark is unknown.
    private void NoteMark(ReadOnlySpan<char> left)
    {
        _beforeMark.Add(left[^1]);
        _joinsBytesToMark |= left.Contains("<0x", StringComparison.Ordinal);
    }

    private (int Cut, int Length) Spaced(ref Utf8JsonReader reader)
    {
        int length = Append(ref reader, 0);
        Span<char> text = _text.AsSpan(0, length);
        int space = text.IndexOf(' ');
        bool hasTwo = space > 0 && space < length - 1 && text[(space + 1)..].IndexOf(' ') < 0;
        if (!hasTwo) throw Wrong();
        text[(space + 1)..].CopyTo(text[space..]);
        return (space, length - 1);
    }

    private (int Cut, int Length) Listed(ref Utf8JsonReader reader)
    {
        int cut = Half(ref reader, 0);
        int length = Half(ref reader, cut);
        reader.Read();
        bool isPair = reader.TokenType == JsonTokenType.EndArray && cut > 0 && length > cut;
        return isPair ? (cut, length) : throw Wrong();
    }

    private int Half(ref Utf8JsonReader reader, int at)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String ? Append(ref reader, at) : throw Wrong();
    }

    // Copies a string behind what is there; the end of it.
    private int Append(ref Utf8JsonReader reader, int at)
    {
        int needed = at + reader.ValueSpan.Length;
        if (needed > _text.Length) Array.Resize(ref _text, Math.Max(needed, 2 * _text.Length));
        try
        {
            return at + reader.CopyString(_text.AsSpan(at));
        }
        catch (InvalidOperationException e)
        {
            throw new UserErrorException(
                $"{_model.File}: field '{_model.Name($"merges[{_rank}]")}' has a \\u escape that is half of a surrogate pair", e);
        }
    }

    private int Id(ReadOnlySpan<char> token) => _ids.TryGetValue(token, out int id)
        ? id
        : throw _model.Error($"merges[{_rank}]", $"needs the token '{token}', which is not in the vocabulary");

    private UserErrorException Wrong() => _model.Error($"merges[{_rank}]", "must be \"a b\" or [\"a\", \"b\"]");
}
