using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Reasoning.Models;

/// <summary>
/// Byte pair encoding: a word starts as one symbol for each character; the adjacent pair whose merge was learned first is merged, the
/// leftmost of equals, until no pair has a merge (Sennrich et al. 2016).
/// </summary>
internal sealed class BpeModel
{
    public const int MaxId = (1 << 22) - 1;
    private const int MaxCachedLength = 48;
    private const int MaxCachedWords = 1 << 16;

    private readonly string _file;
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _idsBySpan;
    private readonly BpeMerges _merges;
    private readonly int[] _idOfChar = new int[0x10000];
    private readonly int[]? _byteIds;
    private readonly int? _unknown;
    private readonly bool _fuseUnknown;
    private readonly bool _ignoreMerges;
    private readonly ConcurrentDictionary<string, int[]> _cache = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int[]>.AlternateLookup<ReadOnlySpan<char>> _cacheBySpan;
    private int _cachedWords;

    private BpeModel(JsonFields fields, Dictionary<string, int> ids, string?[] tokens)
    {
        Tokens = tokens;
        _file = fields.File;
        _ids = ids;
        _idsBySpan = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _cacheBySpan = _cache.GetAlternateLookup<ReadOnlySpan<char>>();
        _merges = BpeMerges.Read(fields, ids);
        _ignoreMerges = fields.Bool("ignore_merges", false);
        _fuseUnknown = fields.Bool("fuse_unk", false);
        if (fields.OptionalString("unk_token") is { } unknown)
        {
            if (!ids.TryGetValue(unknown, out int id)) throw fields.Error("unk_token", $"is '{unknown}', which is not in the vocabulary");
            _unknown = id;
        }
        if (fields.Bool("byte_fallback", false))
        {
            _byteIds = [.. Enumerable.Range(0, 256).Select(value => ids.GetValueOrDefault($"<0x{value:X2}>", -1))];
        }
        Array.Fill(_idOfChar, -1);
        foreach ((string token, int id) in ids)
        {
            if (token.Length == 1) _idOfChar[token[0]] = id;
        }
    }

    /// <summary>All tokens with their ids.</summary>
    public IReadOnlyDictionary<string, int> Ids => _ids;

    /// <summary>The token of each id; null for an id that is none.</summary>
    public string?[] Tokens { get; }

    /// <summary>Reads the <c>model</c> of tokenizer.json.</summary>
    public static BpeModel Read(JsonFields fields)
    {
        string type = fields.OptionalString("type") ?? (fields.Has("merges") ? "BPE" : "unknown");
        if (type != "BPE") throw fields.Error("type", $"is '{type}', a model that is not supported; supported is BPE");
        if (fields.Double("dropout", 0, 1, 0) > 0)
            throw fields.Error("dropout", "is above 0, which would make encoding random; set it to null");
        foreach (string affix in (ReadOnlySpan<string>)["continuing_subword_prefix", "end_of_word_suffix"])
        {
            if (fields.OptionalString(affix) is { Length: > 0 }) throw fields.Error(affix, "is set, which is not supported");
        }
        (Dictionary<string, int> ids, string?[] tokens) = ReadVocabulary(fields.Object("vocab"));
        return new BpeModel(fields, ids, tokens);
    }

    /// <summary>Adds the ids of one pre-tokenized word.</summary>
    /// <exception cref="UserErrorException">A character has no token, and there is none for the unknown.</exception>
    public void Encode(ReadOnlySpan<char> word, List<int> output)
    {
        if (word.Length == 0) return;
        if (_ignoreMerges && _idsBySpan.TryGetValue(word, out int whole))
        {
            output.Add(whole);
            return;
        }
        if (word.Length > MaxCachedLength)
        {
            EncodeUncached(word, output);
            return;
        }
        if (!_cacheBySpan.TryGetValue(word, out int[]? ids))
        {
            var fresh = new List<int>();
            EncodeUncached(word, fresh);
            ids = [.. fresh];
            if (_cachedWords < MaxCachedWords && _cache.TryAdd(word.ToString(), ids)) Interlocked.Increment(ref _cachedWords);
        }
        output.AddRange(ids);
    }

    private static (Dictionary<string, int> Ids, string?[] Tokens) ReadVocabulary(JsonFields vocab)
    {
        var ids = new Dictionary<string, int>(vocab.Element.GetPropertyCount(), StringComparer.Ordinal);
        var tokens = new List<string?>(vocab.Element.GetPropertyCount());
        foreach (JsonProperty property in vocab.Element.EnumerateObject())
        {
            string token = property.Name;
            int id = vocab.ToInt(token, property.Value, 0, MaxId);
            if (id >= tokens.Count) CollectionsMarshal.SetCount(tokens, id + 1);
            if (tokens[id] is { } owner) throw vocab.Error(token, $"has the id {id} of '{owner}'");
            tokens[id] = token;
            ids.Add(token, id);
        }
        return ids.Count > 0 ? (ids, [.. tokens]) : throw new UserErrorException($"{vocab.File}: the vocabulary is empty");
    }

    private void EncodeUncached(ReadOnlySpan<char> word, List<int> output)
    {
        var symbols = new List<int>(word.Length);
        bool afterUnknown = false;
        int position = 0;
        foreach (Rune rune in word.EnumerateRunes())
        {
            ReadOnlySpan<char> text = word.Slice(position, rune.Utf16SequenceLength);
            position += text.Length;
            int id = text.Length == 1 ? _idOfChar[text[0]] : _idsBySpan.TryGetValue(text, out int found) ? found : -1;
            if (id >= 0) symbols.Add(id);
            else if (AddBytes(rune, symbols)) id = 0;
            else if (_unknown is not { } unknown) throw NoToken(rune);
            else if (!afterUnknown || !_fuseUnknown) symbols.Add(unknown);
            afterUnknown = id < 0;
        }
        _merges.Apply(symbols, output);
    }

    private bool AddBytes(Rune rune, List<int> symbols)
    {
        if (_byteIds is null) return false;
        Span<byte> bytes = stackalloc byte[4];
        bytes = bytes[..rune.EncodeToUtf8(bytes)];
        foreach (byte value in bytes)
        {
            if (_byteIds[value] < 0) return false;
        }
        foreach (byte value in bytes) symbols.Add(_byteIds[value]);
        return true;
    }

    private UserErrorException NoToken(Rune rune)
        => new($"{_file}: no token for the character U+{rune.Value:X4} ({rune.ToString()}), and no unk_token to stand for it");
}
