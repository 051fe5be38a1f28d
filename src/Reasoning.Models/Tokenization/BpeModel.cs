using System.Text;
using Reasoning.Models.Files;

namespace Reasoning.Models.Tokenization;

/// <summary>
/// Byte pair encoding: a word starts as one symbol for each character; the adjacent pair whose merge was learned first is merged, the
/// leftmost of equals, until no pair has a merge (Sennrich et al. 2016).
/// </summary>
internal sealed class BpeModel
{
    public const int MaxId = (1 << 22) - 1;

    /// <summary>What stands for a space in vocabularies of the SentencePiece kind.</summary>
    public const char Mark = '\u2581';

    private const int MaxOnStack = 256;
    private static readonly string[] s_affixes = ["continuing_subword_prefix", "end_of_word_suffix"];

    private readonly string _file;
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _idsBySpan;
    private readonly BpeMerges _merges;
    private readonly int[] _idOfChar = new int[0x10000];
    private readonly int[] _idOfSpelledByte = new int[256];
    private readonly int[]? _byteIds;
    private readonly bool[]? _cutBeforeMark;
    private readonly int? _unknown;
    private readonly bool _fuseUnknown;
    private readonly bool _ignoreMerges;
    private readonly WordCache _words = new();

    private BpeModel(TokenizerDocument source, JsonFields fields)
    {
        (_ids, Tokens) = VocabularyReader.Read(source.Vocabulary.Span, fields.Object("vocab"));
        (_merges, HashSet<char>? joinedToMark) = MergesReader.Read(source.Merges.Span, fields, _ids);
        _file = fields.File;
        _idsBySpan = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _ignoreMerges = fields.Bool("ignore_merges", false);
        _fuseUnknown = fields.Bool("fuse_unk", false);
        if (fields.OptionalString("unk_token") is { } unknown)
        {
            if (!_ids.TryGetValue(unknown, out int id)) throw fields.Error("unk_token", $"is '{unknown}', which is not in the vocabulary");
            _unknown = id;
        }
        if (fields.Bool("byte_fallback", false))
            _byteIds = [.. Enumerable.Range(0, 256).Select(value => _ids.GetValueOrDefault($"<0x{value:X2}>", -1))];
        Array.Fill(_idOfChar, -1);
        foreach ((string token, int id) in _ids)
        {
            if (token.Length == 1) _idOfChar[token[0]] = id;
        }
        for (int value = 0; value < 256; value++) _idOfSpelledByte[value] = _idOfChar[ByteAlphabet.ToChar((byte)value)];
        SpellsAllBytes = !_idOfSpelledByte.Contains(-1);
        _cutBeforeMark = _ignoreMerges || _idOfChar[Mark] < 0 || joinedToMark is null ? null : Cuts(joinedToMark);
    }

    /// <summary>All tokens with their ids.</summary>
    public IReadOnlyDictionary<string, int> Ids => _ids;

    /// <summary>The token of each id; null for an id that is none.</summary>
    public string?[] Tokens { get; }

    /// <summary>Whether each byte has a token of its own in the spelling of <see cref="ByteAlphabet"/>.</summary>
    public bool SpellsAllBytes { get; }

    /// <summary>Reads the <c>model</c> of tokenizer.json.</summary>
    public static BpeModel Read(TokenizerDocument source)
    {
        JsonFields fields = source.Fields.Object("model");
        string type = fields.OptionalString("type") ?? (fields.Has("merges") ? "BPE" : "unknown");
        if (type != "BPE") throw fields.Error("type", $"is '{type}', a model that is not supported; supported is BPE");
        if (fields.Double("dropout", 0, 1, 0) > 0)
            throw fields.Error("dropout", "is above 0, which would make encoding random; set it to null");
        foreach (string affix in s_affixes)
        {
            if (fields.OptionalString(affix) is { Length: > 0 }) throw fields.Error(affix, "is set, which is not supported");
        }
        fields.Object("vocab");
        if (source.Merges.Length == 0) throw fields.Wrong("merges", fields.Require("merges"), "an array");
        return new BpeModel(source, fields);
    }

    /// <summary>Adds the ids of one pre-tokenized word.</summary>
    /// <param name="word">The word.</param>
    /// <param name="output">Receives the ids.</param>
    /// <param name="areBytes">
    /// Whether the model's symbols are the bytes of the word's UTF-8 form, rather than its characters. Needs <see cref="SpellsAllBytes"/>.
    /// </param>
    /// <exception cref="UserErrorException">A character has no token, and there is none for the unknown.</exception>
    public void Encode(ReadOnlySpan<char> word, List<int> output, bool areBytes)
    {
        if (!areBytes && _cutBeforeMark is { } cuts && word.Length > 1)
        {
            // No merge joins what stands on the two sides of a cut, so the parts come out as they would in the whole.
            int start = 0;
            for (int i = 1; i < word.Length; i++)
            {
                if (word[i] != Mark || !cuts[word[i - 1]]) continue;
                EncodeWord(word[start..i], output, areBytes: false);
                start = i;
            }
            word = word[start..];
        }
        EncodeWord(word, output, areBytes);
    }

    /// <summary>
    /// Where the ids of a word come from in it. An id that ends inside a character ends before it, and the last of the character's ids
    /// takes it in.
    /// </summary>
    public List<Range> Locate(ReadOnlySpan<char> word, ReadOnlySpan<int> ids, bool areBytes)
    {
        if (ids.Length == 1) return [0..word.Length];
        var starts = new List<int>(word.Length);
        if (areBytes) Piece.AddByteStarts(word, starts);
        else Characters(word, new int[3 * word.Length], starts);
        starts.Add(word.Length);
        var places = new List<Range>(ids.Length);
        int symbol = 0;
        for (int i = 0; i < ids.Length; i++)
        {
            int from = symbol;
            symbol = i == ids.Length - 1 ? starts.Count - 1 : Math.Min(symbol + Symbols(ids[i]), starts.Count - 1);
            places.Add(starts[from]..starts[symbol]);
        }
        return places;
    }

    private static bool[] Cuts(HashSet<char> joinedToMark)
    {
        bool[] cuts = new bool[0x10000];
        Array.Fill(cuts, true);
        foreach (char joined in joinedToMark) cuts[joined] = false;
        return cuts;
    }

    // A tokenizer asks for one kind of word only, so that one cache serves both.
    private void EncodeWord(ReadOnlySpan<char> word, List<int> output, bool areBytes)
    {
        if (word.Length == 0) return;
        if (word.Length > WordCache.MaxLength)
        {
            EncodeNew(word, output, areBytes);
            return;
        }
        int[]? ids = _words.Find(word);
        if (ids is null)
        {
            var fresh = new List<int>();
            EncodeNew(word, fresh, areBytes);
            _words.Keep(word, ids = [.. fresh]);
        }
        if (ids.Length == 1) output.Add(ids[0]);
        else output.AddRange(ids);
    }

    private void EncodeNew(ReadOnlySpan<char> word, List<int> output, bool areBytes)
    {
        if (_ignoreMerges && _idsBySpan.TryGetValue(areBytes ? ByteAlphabet.Encode(word) : word, out int whole))
        {
            output.Add(whole);
            return;
        }
        int room = areBytes || _byteIds is not null ? 3 * word.Length : word.Length;
        Span<int> symbols = room <= MaxOnStack ? stackalloc int[room] : new int[room];
        int count = areBytes ? Bytes(word, symbols) : Characters(word, symbols);
        _merges.Apply(symbols[..count], output);
    }

    private int Bytes(ReadOnlySpan<char> word, Span<int> symbols)
    {
        Span<byte> bytes = symbols.Length <= MaxOnStack ? stackalloc byte[symbols.Length] : new byte[symbols.Length];
        int count = Encoding.UTF8.GetBytes(word, bytes);
        for (int i = 0; i < count; i++) symbols[i] = _idOfSpelledByte[bytes[i]];
        return count;
    }

    // How many of a word's first symbols a token stands for: its characters, if it is not one of the two kinds that spell none.
    private int Symbols(int id)
    {
        if (id == _unknown || (_byteIds is not null && Array.IndexOf(_byteIds, id) >= 0)) return 1;
        return Tokens[id]!.EnumerateRunes().Count();
    }

    private int Characters(ReadOnlySpan<char> word, Span<int> symbols, List<int>? starts = null)
    {
        bool afterUnknown = false;
        int position = 0, count = 0;
        foreach (Rune rune in word.EnumerateRunes())
        {
            ReadOnlySpan<char> text = word.Slice(position, rune.Utf16SequenceLength);
            int id = text.Length == 1 ? _idOfChar[text[0]] : _idsBySpan.TryGetValue(text, out int found) ? found : -1;
            int added = id >= 0 ? 0 : ByteTokens(rune, symbols[count..]);
            if (id >= 0) symbols[count++] = id;
            else if (added > 0) count += added;
            else if (_unknown is not { } unknown) throw NoToken(rune);
            else if (!afterUnknown || !_fuseUnknown) symbols[count++] = unknown;
            afterUnknown = id < 0 && added == 0;
            while (starts?.Count < count) starts.Add(position);
            position += text.Length;
        }
        return count;
    }

    // The tokens of a character's bytes; none unless all of them exist.
    private int ByteTokens(Rune rune, Span<int> symbols)
    {
        if (_byteIds is null) return 0;
        Span<byte> bytes = stackalloc byte[4];
        bytes = bytes[..rune.EncodeToUtf8(bytes)];
        foreach (byte value in bytes)
        {
            if (_byteIds[value] < 0) return 0;
        }
        for (int i = 0; i < bytes.Length; i++) symbols[i] = _byteIds[bytes[i]];
        return bytes.Length;
    }

    private UserErrorException NoToken(Rune rune)
        => new($"{_file}: no token for the character U+{rune.Value:X4} ({rune.ToString()}), and no unk_token to stand for it");
}
