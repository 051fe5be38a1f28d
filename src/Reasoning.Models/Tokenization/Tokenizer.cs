using System.Text;
using Reasoning.Models.Files;
using Reasoning.Models.Policies;
using Reasoning.Models.Random;
using Library = Microsoft.ML.Tokenizers;

namespace Reasoning.Models.Tokenization;

/// <summary>
/// Text to token ids and back, as the Hugging Face file tokenizer.json says: byte-level BPE (GPT-2, Llama 3, Qwen) and SentencePiece-style
/// BPE with byte fallback (Llama 2). Fits wherever .NET code takes a tokenizer of Microsoft.ML.Tokenizers. Immutable apart from a cache of
/// words; safe to use from several threads.
/// </summary>
public sealed partial class Tokenizer : Library.Tokenizer
{
    private static readonly string[] s_companions =
        ["tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "chat_template.jinja", "vocab.json", "merges.txt"];

    private readonly TokenizerParts _parts;
    private readonly PostProcessor _around;
    private readonly string?[] _tokens;
    private readonly Dictionary<string, int> _addedIds;
    private readonly Dictionary<int, bool> _isSpecial;
    private readonly byte[] _source;
    private readonly Dictionary<string, byte[]> _companions;

    private Tokenizer(byte[] source, string file, TokenizerConfig config, Dictionary<string, byte[]> companions)
    {
        _source = source;
        _companions = companions;
        _parts = TokenizerParts.Parse(source, file);
        _addedIds = _parts.Added.ToDictionary(token => token.Content, token => token.Id, StringComparer.Ordinal);
        _isSpecial = _parts.Added.ToDictionary(token => token.Id, token => token.IsSpecial);
        _tokens = _parts.Tokens;
        foreach (int id in (int[])[.. _parts.PostProcessor.Before, .. _parts.PostProcessor.After])
        {
            if (id >= _tokens.Length || _tokens[id] is null)
                throw new UserErrorException($"{file}: field 'post_processor' adds the id {id}, which is no token");
        }
        BosId = Resolve(config.BosToken, "bos_token");
        EosId = Resolve(config.EosToken, "eos_token");
        PadId = config.PadToken is { } pad ? TokenToId(pad) : null;
        _around = new PostProcessor(
            Side(config.AddBos, BosId, _parts.PostProcessor.Before, "bos"), Side(config.AddEos, EosId, _parts.PostProcessor.After, "eos"));
        Hash = KeyedRandom.Key(source);

        int? Resolve(string? token, string field)
        {
            if (token is null) return null;
            return TokenToId(token)
                ?? throw new UserErrorException($"{file}: has no token '{token}', which tokenizer_config.json names as {field}");
        }

        // A flag rules its side of the text, as in the classes of transformers that make the post-processor from it.
        int[] Side(bool? flag, int? token, int[] template, string which) => flag switch
        {
            null => template,
            false => [],
            true => token is { } id ? [id] : template.Length > 0 ? template : throw Missing(which),
        };

        UserErrorException Missing(string which)
            => new($"{file}: tokenizer_config.json sets add_{which}_token but names no {which}_token");
    }

    /// <summary>One more than the largest id. A model may have more rows than this; their ids have no text.</summary>
    public int VocabSize => _tokens.Length;

    /// <summary>Id of the token that begins a sequence, by tokenizer_config.json; null if it names none.</summary>
    public int? BosId { get; }

    /// <summary>Id of the token that ends a sequence, by tokenizer_config.json; null if it names none.</summary>
    public int? EosId { get; }

    /// <summary>Id of the padding token, by tokenizer_config.json; null if it names none that exists.</summary>
    public int? PadId { get; }

    /// <summary>Ids that <see cref="Encode"/> puts before a text when it adds special tokens.</summary>
    public IReadOnlyList<int> Prefix => _around.Before;

    /// <summary>Ids that <see cref="Encode"/> puts after a text when it adds special tokens.</summary>
    public IReadOnlyList<int> Suffix => _around.After;

    /// <summary>A key for the content of tokenizer.json, the same on every machine.</summary>
    public ulong Hash { get; }

    /// <summary>The text of tokenizer.json.</summary>
    public string SourceJson => Encoding.UTF8.GetString(_source);

    /// <summary>Reads a checkpoint folder, or a tokenizer.json with the files beside it.</summary>
    /// <exception cref="UserErrorException">
    /// A file is missing or malformed, or asks for a stage that is not supported; the message names file and field.
    /// </exception>
    public static Tokenizer Load(string folderOrFile)
    {
        bool isFolder = Directory.Exists(folderOrFile);
        string file = isFolder ? Path.Combine(folderOrFile, "tokenizer.json") : folderOrFile;
        string folder = isFolder ? folderOrFile : Path.GetDirectoryName(Path.GetFullPath(folderOrFile))!;
        if (!File.Exists(file) && File.Exists(Path.Combine(folder, "tokenizer.model")))
        {
            throw new UserErrorException(
                $"{file}: no such file; only a SentencePiece tokenizer.model is there; save it as tokenizer.json with transformers first");
        }
        return new Tokenizer(JsonFile.ReadBytes(file), file, TokenizerConfig.Load(folder), ReadCompanions(folder));
    }

    /// <summary>Reads the text of a tokenizer.json and, optionally, of a tokenizer_config.json.</summary>
    /// <exception cref="UserErrorException">As <see cref="Load"/>.</exception>
    public static Tokenizer Parse(string json, string? configJson = null)
    {
        TokenizerConfig config = configJson is null ? new TokenizerConfig() : TokenizerConfig.Parse(configJson, "tokenizer_config.json");
        return new Tokenizer(Encoding.UTF8.GetBytes(json), "tokenizer.json", config, []);
    }

    /// <summary>Reads the bytes of a tokenizer.json; <paramref name="file"/> names it in messages.</summary>
    internal static Tokenizer Parse(byte[] json, string file) => new(json, file, new TokenizerConfig(), []);

    /// <summary>A tokenizer whose files were made here: it is saved with them. <paramref name="file"/> names their origin in messages.</summary>
    internal static Tokenizer Of(byte[] json, byte[] configJson, string file)
    {
        TokenizerConfig config = TokenizerConfig.Parse(Encoding.UTF8.GetString(configJson), file);
        return new Tokenizer(json, file, config, new Dictionary<string, byte[]> { [PolicyFiles.TokenizerConfig] = configJson });
    }

    /// <summary>The ids of a text. Text that spells an added token becomes that token.</summary>
    /// <param name="text">Unpaired surrogates count as U+FFFD.</param>
    /// <param name="addSpecialTokens">
    /// Whether the tokens are added that the tokenizer puts around every text, such as the first one.
    /// </param>
    /// <exception cref="UserErrorException">A character has no token, and the tokenizer has none for the unknown.</exception>
    public int[] Encode(string text, bool addSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>((text.Length / 3) + 8);
        if (addSpecialTokens) ids.AddRange(_around.Before);
        EncodeText(text, s_whole, ids);
        if (addSpecialTokens) ids.AddRange(_around.After);
        return [.. ids];
    }

    /// <summary>The text of ids. An id that is no token has no text; bytes that are not UTF-8 become U+FFFD.</summary>
    /// <param name="ids">In order.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    public string Decode(IEnumerable<int> ids, bool skipSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var text = new TextSink();
        TokenSink first = DecodeInto(text);
        foreach (int id in ids) Add(id, skipSpecialTokens, first);
        first.End();
        return text.Take();
    }

    /// <summary>Decodes ids one at a time, as they are sampled.</summary>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    public StreamingDecoder StreamDecoder(bool skipSpecialTokens = true) => new(this, skipSpecialTokens);

    /// <summary>The id of a token as the vocabulary spells it, or null.</summary>
    public int? TokenToId(string token)
        => _addedIds.TryGetValue(token, out int id) || _parts.Model.Ids.TryGetValue(token, out id) ? id : null;

    /// <summary>A token as the vocabulary spells it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is no token.</exception>
    public string IdToToken(int id)
        => TextOf(id) ?? throw new ArgumentOutOfRangeException(nameof(id), id, "no such token");

    /// <summary>Whether an id is a special token, which <see cref="Decode(IEnumerable{int})"/> leaves out by default.</summary>
    public bool IsSpecial(int id) => _isSpecial.GetValueOrDefault(id);

    /// <summary>A token as the vocabulary spells it, or null where the id is no token.</summary>
    internal string? TextOf(int id) => (uint)id < (uint)_tokens.Length ? _tokens[id] : null;

    /// <summary>Writes tokenizer.json and the files that came with it into a folder, as they were read.</summary>
    public void CopyTo(string folder)
    {
        File.WriteAllBytes(Path.Combine(folder, "tokenizer.json"), _source);
        foreach ((string name, byte[] bytes) in _companions) File.WriteAllBytes(Path.Combine(folder, name), bytes);
    }

    // Adds the ids of a text and, where somebody asks, their places in the normalized text and that text; its length comes back.
    private int EncodeText(
        string text, Library.EncodeSettings settings, List<int> ids, List<Range>? places = null, StringBuilder? normalized = null)
    {
        text = TextRules.WellFormed(text);
        Func<string, string>? normalizer = settings.ConsiderNormalization ? _parts.Normalizer : null;
        var outer = new List<(int Start, int Length, int Id)>();
        var inner = new List<(int Start, int Length, int Id)>();
        int done = 0;
        _parts.RawTokens.Split(text, outer);
        foreach ((int start, int length, int id) in outer)
        {
            string part = start == 0 && length == text.Length ? text : text.Substring(start, length);
            string normal = normalizer is null || id >= 0 ? part : normalizer(part);
            normalized?.Append(normal);
            inner.Clear();
            if (id >= 0) inner.Add((0, length, id));
            else _parts.NormalizedTokens.Split(normal, inner);
            int[]? origins = places is null ? null : [.. Enumerable.Range(done, normal.Length + 1)];
            foreach ((int innerStart, int innerLength, int innerId) in inner)
            {
                if (innerId < 0)
                {
                    var piece = new Piece(normal, innerStart, innerLength, start == 0 && innerStart == 0, origins);
                    _parts.Words.Encode(piece, ids, places, settings.ConsiderPreTokenization);
                    continue;
                }
                ids.Add(innerId);
                places?.Add((done + innerStart)..(done + innerStart + innerLength));
            }
            done += normal.Length;
        }
        return done;
    }

    internal TokenSink DecodeInto(TokenSink sink)
    {
        for (int i = _parts.Decoders.Count - 1; i >= 0; i--) sink = _parts.Decoders[i](sink);
        return sink;
    }

    internal void Add(int id, bool skipSpecialTokens, TokenSink sink)
    {
        if (TextOf(id) is not { } token || (skipSpecialTokens && IsSpecial(id))) return;
        sink.Add(token);
        sink.EndToken();
    }

    // Kept in memory, so that what is saved after hours of training is what was there at the start.
    private static Dictionary<string, byte[]> ReadCompanions(string folder)
        => s_companions.Where(name => File.Exists(Path.Combine(folder, name)))
            .ToDictionary(name => name, name => JsonFile.ReadBytes(Path.Combine(folder, name)));
}
