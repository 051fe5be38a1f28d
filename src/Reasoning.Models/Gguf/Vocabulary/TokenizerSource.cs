using System.Text.Json;
using Reasoning.Models.Files;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Gguf.Vocabulary;

/// <summary>What a GGUF file can say about a tokenizer, taken from the text of tokenizer.json.</summary>
internal sealed class TokenizerSource
{
    private const string Mark = "▁";

    private readonly List<string> _cuts = [];
    private bool _isByteLevel;
    private bool _marksSpaces;
    private bool _composes;

    private TokenizerSource(JsonFields fields)
    {
        File = fields.File;
        JsonFields model = fields.Object("model");
        IgnoresMerges = model.Bool("ignore_merges", false);
        HasByteFallback = model.Bool("byte_fallback", false);
        UnknownToken = model.OptionalString("unk_token");
        Vocabulary = model.Object("vocab").Element.EnumerateObject().Select(token => (token.Name, token.Value.GetInt32())).ToList();
        Merges = model.Require("merges").EnumerateArray().Select(Pair).ToList();
        Added = fields.Objects("added_tokens").Select(AddedToken.Read).ToList();
        if (fields.OptionalObject("normalizer") is { } normalizer) AddNormalizer(normalizer);
        if (fields.OptionalObject("pre_tokenizer") is { } preTokenizer) AddPreTokenizer(preTokenizer);
        if (!_isByteLevel && !(_marksSpaces && HasByteFallback))
        {
            throw new UserErrorException(
                $"{File}: neither a byte-level tokenizer nor one of SentencePiece's kind (spaces marked by {Mark}, bytes for what has no "
                + "token); GGUF files have no other kind of BPE");
        }

        if (_isByteLevel && _marksSpaces) throw Refuse("normalizer", "spaces marked before a byte-level pre-tokenizer");
        if (!_isByteLevel && _composes) throw Refuse("normalizer", "NFC in a tokenizer of SentencePiece's kind");
    }

    /// <summary>Name of the source in messages.</summary>
    public string File { get; }

    /// <summary>Bytes spelled as characters (GPT-2), rather than spaces as marks (SentencePiece).</summary>
    public bool IsByteLevel => _isByteLevel;

    public bool IgnoresMerges { get; }

    public bool HasByteFallback { get; }

    public string? UnknownToken { get; }

    /// <summary>Tokens of the model with their ids.</summary>
    public List<(string Token, int Id)> Vocabulary { get; }

    public List<(string Left, string Right)> Merges { get; }

    public List<AddedToken> Added { get; }

    /// <summary>Patterns of the pre-tokenizer, in order; that of GPT-2 and single digits in one spelling each.</summary>
    public IReadOnlyList<string> Cuts => _cuts;

    /// <summary>Whether the text is normalized to NFC first.</summary>
    public bool Composes => _composes;

    /// <summary>Whether a mark is put before a text, so that its first word looks like any other.</summary>
    public bool AddsSpacePrefix { get; private set; }

    /// <summary>Whether that is done at the very beginning only, not after a special token, too.</summary>
    public bool PrefixesOnlyFirst { get; private set; }

    /// <exception cref="UserErrorException">The tokenizer does something that a GGUF file cannot say; the message names it.</exception>
    public static TokenizerSource Of(Tokenizer tokenizer, string file)
    {
        using JsonDocument document = JsonFile.ParseObject(System.Text.Encoding.UTF8.GetBytes(tokenizer.SourceJson), file);
        return new TokenizerSource(new JsonFields(file, document.RootElement));
    }

    private static (string Left, string Right) Pair(JsonElement item)
    {
        if (item.ValueKind == JsonValueKind.Array) return (item[0].GetString()!, item[1].GetString()!);
        string[] halves = item.GetString()!.Split(' ');
        return (halves[0], halves[1]);
    }

    private void AddNormalizer(JsonFields fields)
    {
        switch (fields.String("type"))
        {
            case "Sequence":
                foreach (JsonFields child in fields.Objects("normalizers")) AddNormalizer(child);
                break;
            case "NFC":
                _composes = true;
                break;
            case "Prepend" when fields.String("prepend") == Mark:
                AddsSpacePrefix = true;
                break;
            case "Replace" when fields.Object("pattern").OptionalString("String") == " " && fields.OptionalString("content") == Mark:
                _marksSpaces = true;
                break;
            default:
                throw Refuse("normalizer", $"{fields.String("type")} with these settings");
        }
    }

    private void AddPreTokenizer(JsonFields fields)
    {
        string type = fields.String("type");
        switch (type)
        {
            case "Sequence":
                foreach (JsonFields child in fields.Objects("pretokenizers")) AddPreTokenizer(child);
                break;
            case "Digits" when fields.Bool("individual_digits", false):
                _cuts.Add(PreTokenizerNames.Digit);
                break;
            case "ByteLevel" when !fields.Bool("add_prefix_space", true):
                _isByteLevel = true;
                if (fields.Bool("use_regex", true)) _cuts.Add(WordScanners.Gpt2);
                break;
            case "Metaspace" when (fields.OptionalString("replacement") ?? Mark) == Mark:
                _marksSpaces = true;
                string scheme = fields.OptionalString("prepend_scheme") ?? (fields.Bool("add_prefix_space", true) ? "always" : "never");
                AddsSpacePrefix = scheme != "never";
                PrefixesOnlyFirst = scheme == "first";
                break;
            case "Split":
                AddSplit(fields);
                break;
            default:
                throw Refuse("pre_tokenizer", $"{type} with these settings");
        }
    }

    private void AddSplit(JsonFields fields)
    {
        JsonFields pattern = fields.Object("pattern");
        bool isWhole = fields.OptionalString("behavior") switch
        {
            "Isolated" => !fields.Bool("invert", false),
            "Removed" => fields.Bool("invert", false), // what does not match is dropped, and the known patterns match everything
            _ => false,
        };

        // After a normalizer that replaces all spaces, a cut at spaces never cuts.
        if (_marksSpaces && pattern.OptionalString("String") == " ") return;
        if (!isWhole || pattern.OptionalString("Regex") is not { } regex) throw Refuse("pre_tokenizer", "Split with these settings");
        _cuts.Add(regex);
    }

    private UserErrorException Refuse(string stage, string what)
        => new($"{File}: field '{stage}' has {what}, which GGUF files cannot say");
}
