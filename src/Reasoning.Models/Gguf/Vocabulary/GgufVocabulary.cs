using Reasoning.Models.Gguf.Format;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Gguf.Vocabulary;

/// <summary>The tokenizer of a GGUF file: what stands under <c>tokenizer.ggml</c>.</summary>
internal sealed record GgufVocabulary
{
    /// <summary>The kind whose tokens are bytes spelled as characters, with merges.</summary>
    internal const string ByteLevel = "gpt2";

    /// <summary>SentencePiece's kind, whose merges follow from scores.</summary>
    internal const string SentencePiece = "llama";

    internal const string ModelKey = "tokenizer.ggml.model";
    internal const string PreKey = "tokenizer.ggml.pre";
    internal const string TokensKey = "tokenizer.ggml.tokens";
    internal const string TypesKey = "tokenizer.ggml.token_type";
    internal const string ScoresKey = "tokenizer.ggml.scores";
    internal const string MergesKey = "tokenizer.ggml.merges";
    internal const string BosKey = "tokenizer.ggml.bos_token_id";
    internal const string EosKey = "tokenizer.ggml.eos_token_id";
    internal const string EotKey = "tokenizer.ggml.eot_token_id";
    internal const string EomKey = "tokenizer.ggml.eom_token_id";
    internal const string UnknownKey = "tokenizer.ggml.unknown_token_id";
    internal const string PaddingKey = "tokenizer.ggml.padding_token_id";
    internal const string AddBosKey = "tokenizer.ggml.add_bos_token";
    internal const string AddEosKey = "tokenizer.ggml.add_eos_token";
    internal const string AddSpacePrefixKey = "tokenizer.ggml.add_space_prefix";

    /// <summary><see cref="ByteLevel"/> or <see cref="SentencePiece"/>.</summary>
    public required string Model { get; init; }

    /// <summary>Name of the pre-tokenizer; <c>default</c> for SentencePiece's kind, which has none.</summary>
    public required string Pre { get; init; }

    /// <summary>One for each row of the embedding, all different.</summary>
    public required string[] Tokens { get; init; }

    /// <summary>One for each token.</summary>
    public required GgufTokenType[] Types { get; init; }

    /// <summary>For SentencePiece's kind: of two merges the one whose result scores higher comes first.</summary>
    public float[]? Scores { get; init; }

    /// <summary>For the byte-level kind: pairs with a space between, in the order in which they were learned.</summary>
    public IReadOnlyList<string>? Merges { get; init; }

    public int? Bos { get; init; }

    public int? Eos { get; init; }

    /// <summary>End of a turn: a second token that ends an answer.</summary>
    public int? Eot { get; init; }

    /// <summary>End of a message: a third token that ends an answer.</summary>
    public int? Eom { get; init; }

    public int? Unknown { get; init; }

    public int? Padding { get; init; }

    public bool AddBos { get; init; }

    public bool AddEos { get; init; }

    public bool AddSpacePrefix { get; init; }

    /// <summary>For each token, whether merges make it: special tokens, bytes and unused rows are not made.</summary>
    public bool[] IsMerged => Array.ConvertAll(Types, type => type is GgufTokenType.Normal or GgufTokenType.UserDefined);

    /// <summary>Writes all of it; flags are written even when false, for readers assume other defaults.</summary>
    public void WriteTo(GgufMetadataWriter writer)
    {
        writer.Add(ModelKey, Model);
        writer.Add(PreKey, Pre);
        writer.Add(TokensKey, Tokens);
        if (Scores is not null) writer.Add(ScoresKey, Scores);
        writer.Add(TypesKey, Array.ConvertAll(Types, type => (int)type));
        if (Merges is not null) writer.Add(MergesKey, Merges);
        AddId(BosKey, Bos);
        AddId(EosKey, Eos);
        AddId(EotKey, Eot);
        AddId(EomKey, Eom);
        AddId(UnknownKey, Unknown);
        AddId(PaddingKey, Padding);
        writer.Add(AddBosKey, AddBos);
        writer.Add(AddEosKey, AddEos);
        writer.Add(AddSpacePrefixKey, AddSpacePrefix);

        void AddId(string key, int? id)
        {
            if (id is { } present) writer.Add(key, present);
        }
    }

    /// <summary>Reads the vocabulary of a file.</summary>
    /// <exception cref="UserErrorException">It is of a kind that is not supported, or contradicts itself.</exception>
    public static GgufVocabulary Read(GgufMetadata metadata)
    {
        string model = metadata.Text(ModelKey);
        if (model is not (ByteLevel or SentencePiece))
            throw metadata.Error(ModelKey, $"is '{model}', which is not supported; supported are {ByteLevel} and {SentencePiece}");
        bool isByteLevel = model == ByteLevel;
        string pre = metadata.OptionalText(PreKey) ?? "default";
        PreTokenizerRule? rule = PreTokenizerNames.Find(pre);
        if (isByteLevel && rule is null)
            throw metadata.Error(PreKey, $"is '{pre}', which is not known; known are {PreTokenizerNames.Known}");
        string[] tokens = [.. metadata.OptionalTexts(TokensKey) ?? throw metadata.Error(TokensKey, "is missing")];
        int[] types = metadata.OptionalInts(TypesKey) ?? [.. Enumerable.Repeat((int)GgufTokenType.Normal, tokens.Length)];
        if (tokens.Length is 0 or > BpeModel.MaxId) throw metadata.Error(TokensKey, $"has {tokens.Length} items");
        CheckUnique(metadata, tokens);
        if (types.Length != tokens.Length) throw metadata.Error(TypesKey, $"has {types.Length} items for {tokens.Length} tokens");
        float[]? scores = isByteLevel ? null : metadata.OptionalReals(ScoresKey) ?? throw metadata.Error(ScoresKey, "is missing");
        if (scores is not null && scores.Length != tokens.Length)
            throw metadata.Error(ScoresKey, $"has {scores.Length} items for {tokens.Length} tokens");
        return new GgufVocabulary
        {
            Model = model,
            Pre = pre,
            Tokens = tokens,
            Types = Array.ConvertAll(types, type => (GgufTokenType)type),
            Scores = scores,
            Merges = isByteLevel ? [.. metadata.OptionalTexts(MergesKey) ?? throw metadata.Error(MergesKey, "is missing")] : null,
            Bos = Id(BosKey),
            Eos = Id(EosKey),
            Eot = Id(EotKey),
            Eom = Id(EomKey),
            Unknown = Id(UnknownKey),
            Padding = Id(PaddingKey),
            AddBos = metadata.OptionalBool(AddBosKey) ?? rule?.AddsBos ?? true,
            AddEos = metadata.OptionalBool(AddEosKey) ?? false,
            AddSpacePrefix = metadata.OptionalBool(AddSpacePrefixKey) ?? !isByteLevel,
        };

        int? Id(string key) => metadata.OptionalInt(key, 0, tokens.Length - 1);
    }

    private static void CheckUnique(GgufMetadata metadata, string[] tokens)
    {
        var owners = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = 0; id < tokens.Length; id++)
        {
            if (tokens[id].Length > 0 && !owners.TryAdd(tokens[id], id))
                throw metadata.Error(TokensKey, $"has the text '{tokens[id]}' twice, as {owners[tokens[id]]} and {id}");
        }
    }
}
