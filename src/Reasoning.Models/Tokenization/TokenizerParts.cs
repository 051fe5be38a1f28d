using System.Runtime.InteropServices;
using Reasoning.Models.Files;

namespace Reasoning.Models.Tokenization;

/// <summary>The stages that tokenizer.json describes, in the order in which a text passes them.</summary>
internal sealed class TokenizerParts
{
    /// <summary>Most steps of a normalizer, a pre-tokenizer or a decoder; those in use have up to five.</summary>
    public const int MostSteps = 32;

    private TokenizerParts(TokenizerDocument source)
    {
        JsonFields fields = source.Fields;
        Model = BpeModel.Read(source);
        List<string?> tokens = [.. Model.Tokens];
        Added = ReadAdded(fields, tokens);
        Tokens = [.. tokens];
        Normalizer = Normalizers.Read(fields.OptionalObject("normalizer"));
        List<PreTokenizerStep> steps = PreTokenizers.Read(fields.OptionalObject("pre_tokenizer"));
        CutsWords = steps.Count > 0;
        Words = new WordEncoder(steps, Model);
        PostProcessor = PostProcessor.Read(fields.OptionalObject("post_processor"));
        Decoders = Tokenization.Decoders.Read(fields.OptionalObject("decoder"));
        RawTokens = new AddedTokens(Added.Where(token => !token.IsNormalized));
        IEnumerable<AddedToken> normalized = Added.Where(token => token.IsNormalized).Select(Normalized);
        NormalizedTokens = new AddedTokens(normalized.Where(token => token.Content.Length > 0));
    }

    public BpeModel Model { get; }

    public List<AddedToken> Added { get; }

    /// <summary>The token of each id, of the model and added; null for an id that is none.</summary>
    public string?[] Tokens { get; }

    public Func<string, string>? Normalizer { get; }

    /// <summary>Whether there is a pre-tokenizer.</summary>
    public bool CutsWords { get; }

    /// <summary>Pre-tokenizer and model.</summary>
    public WordEncoder Words { get; }

    public PostProcessor PostProcessor { get; }

    public List<Decoder> Decoders { get; }

    /// <summary>Added tokens that are looked for in the text as it came.</summary>
    public AddedTokens RawTokens { get; }

    /// <summary>Added tokens that are looked for in the normalized text.</summary>
    public AddedTokens NormalizedTokens { get; }

    public static TokenizerParts Parse(byte[] json, string file)
    {
        using TokenizerDocument source = TokenizerDocument.Parse(json, file);
        return new TokenizerParts(source);
    }

    private List<AddedToken> ReadAdded(JsonFields fields, List<string?> tokens)
    {
        var added = new List<AddedToken>();
        var contents = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonFields item in fields.Objects("added_tokens"))
        {
            AddedToken token = AddedToken.Read(item);
            if (!contents.Add(token.Content)) throw item.Error("content", $"'{token.Content}' occurs twice");
            if (Model.Ids.TryGetValue(token.Content, out int id) && id != token.Id)
                throw item.Error("id", $"is {token.Id}, but the vocabulary gives '{token.Content}' the id {id}");
            int maxId = VocabularyReader.MaxId(Model.Ids.Count + contents.Count);
            if (token.Id > maxId) throw item.Error("id", $"is {token.Id}, more than {maxId}: too far beyond the other tokens");
            if (token.Id >= tokens.Count) CollectionsMarshal.SetCount(tokens, token.Id + 1);
            if (tokens[token.Id] is { } owner && owner != token.Content)
                throw item.Error("id", $"is {token.Id}, which belongs to '{owner}'");
            tokens[token.Id] = token.Content;
            added.Add(token);
        }
        return added;
    }

    private AddedToken Normalized(AddedToken token)
        => Normalizer is null ? token : token with { Content = Normalizer(token.Content) };
}
