using System.Text.Json;

namespace Reasoning.Models;

/// <summary>Cuts or rewrites one piece; the results go to <paramref name="output"/>.</summary>
internal delegate void PreTokenizer(Piece piece, List<Piece> output);

/// <summary>Reads the <c>pre_tokenizer</c> of tokenizer.json to a list of steps.</summary>
internal static class PreTokenizers
{
    private const string Gpt2Pattern = @"{""p"":""'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+""}";

    public static List<PreTokenizer> Read(JsonFields? fields)
    {
        var steps = new List<PreTokenizer>();
        if (fields is { } present) Add(present, steps);
        return steps;
    }

    private static void Add(JsonFields fields, List<PreTokenizer> steps)
    {
        string type = fields.String("type");
        switch (type)
        {
            case "Sequence":
                foreach (JsonFields child in fields.Objects("pretokenizers")) Add(child, steps);
                break;
            case "ByteLevel":
                AddByteLevel(fields, steps);
                break;
            case "Split":
                steps.Add(Split(fields));
                break;
            case "Digits":
                bool single = fields.Bool("individual_digits", false);
                steps.Add(ByRune(TextRules.IsNumeric, single ? SplitBehavior.Isolated : SplitBehavior.Contiguous));
                break;
            case "Punctuation":
                steps.Add(ByRune(TextRules.IsPunctuation, Behavior(fields, SplitBehavior.Isolated)));
                break;
            case "Whitespace":
                TextPattern words = Pattern(@"{""p"":""\\w+|[^\\w\\s]+""}");
                steps.Add(ByPattern(words, invert: true, SplitBehavior.Removed));
                break;
            case "WhitespaceSplit":
                steps.Add(ByRune(TextRules.IsWhiteSpace, SplitBehavior.Removed));
                break;
            case "Metaspace":
                steps.Add(Metaspace.PreTokenizer(fields));
                break;
            default:
                throw fields.Error("type", $"is '{type}', a pre-tokenizer that is not supported");
        }
    }

    private static void AddByteLevel(JsonFields fields, List<PreTokenizer> steps)
    {
        if (fields.Bool("add_prefix_space", true))
            steps.Add((piece, output) => output.Add(piece.Length == 0 || piece.Span[0] == ' ' ? piece : piece.With($" {piece.Span}")));
        if (fields.Bool("use_regex", true)) steps.Add(ByPattern(Pattern(Gpt2Pattern), invert: false, SplitBehavior.Isolated));
        steps.Add((piece, output) => output.Add(piece.With(ByteAlphabet.Encode(piece.Span))));
    }

    private static PreTokenizer Split(JsonFields fields)
    {
        SplitBehavior behavior = Behavior(fields, null);
        bool invert = fields.Bool("invert", false);
        JsonFields pattern = fields.Object("pattern");
        if (!pattern.Has("String")) return ByPattern(TextPattern.Create(pattern, "Regex"), invert, behavior);
        string text = pattern.String("String");
        if (text.Length == 0) throw pattern.Error("String", "is empty");
        return (piece, output) =>
        {
            var spans = new List<(int End, bool IsMatch)>();
            Splitter.Spans(piece, text, spans);
            if (invert) Invert(spans);
            Splitter.Split(piece, spans, behavior, output);
        };
    }

    private static SplitBehavior Behavior(JsonFields fields, SplitBehavior? fallback)
    {
        string? name = fields.OptionalString("behavior");
        if (name is null && fallback is { } known) return known;
        return name switch
        {
            "Isolated" => SplitBehavior.Isolated,
            "Removed" => SplitBehavior.Removed,
            "MergedWithPrevious" => SplitBehavior.MergedWithPrevious,
            "MergedWithNext" => SplitBehavior.MergedWithNext,
            "Contiguous" => SplitBehavior.Contiguous,
            null => throw fields.Error("behavior", "is missing"),
            _ => throw fields.Error("behavior", $"is '{name}', which is not supported"),
        };
    }

    private static PreTokenizer ByPattern(TextPattern pattern, bool invert, SplitBehavior behavior) => (piece, output) =>
    {
        var spans = new List<(int End, bool IsMatch)>();
        pattern.Spans(piece, invert, spans);
        Splitter.Split(piece, spans, behavior, output);
    };

    private static PreTokenizer ByRune(Func<System.Text.Rune, bool> isMatch, SplitBehavior behavior) => (piece, output) =>
    {
        var spans = new List<(int End, bool IsMatch)>();
        Splitter.Spans(piece, isMatch, spans);
        Splitter.Split(piece, spans, behavior, output);
    };

    private static void Invert(List<(int End, bool IsMatch)> spans)
    {
        for (int i = 0; i < spans.Count; i++) spans[i] = (spans[i].End, !spans[i].IsMatch);
    }

    private static TextPattern Pattern(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return TextPattern.Create(new JsonFields("built-in", document.RootElement), "p");
    }
}
