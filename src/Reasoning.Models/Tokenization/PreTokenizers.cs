using System.Text;
using Reasoning.Models.Files;

namespace Reasoning.Models.Tokenization;

/// <summary>Cuts or rewrites one piece; the results go to <paramref name="output"/>.</summary>
internal delegate void PreTokenizer(Piece piece, List<Piece> output);

/// <summary>One step of a pre-tokenizer.</summary>
/// <param name="Apply">What it does.</param>
/// <param name="Scanner">The same where the step only cuts, and cuts with a pattern that has a scanner.</param>
/// <param name="SpellsBytes">Whether it cuts nothing and spells each piece in the characters of <see cref="ByteAlphabet"/>.</param>
/// <param name="Rewrites">Whether it cuts nothing and writes what the model needs, such as marks for spaces.</param>
internal sealed record PreTokenizerStep(PreTokenizer Apply, WordScanner? Scanner = null, bool SpellsBytes = false, bool Rewrites = false);

/// <summary>Reads the <c>pre_tokenizer</c> of tokenizer.json to a list of steps.</summary>
internal static class PreTokenizers
{
    public static List<PreTokenizerStep> Read(JsonFields? fields)
    {
        var steps = new List<PreTokenizerStep>();
        if (fields is not { } present) return steps;
        Add(present, steps);
        if (steps.Count > TokenizerParts.MostSteps) throw present.Error("pretokenizers", $"has {steps.Count} steps; at most {TokenizerParts.MostSteps} are read");
        return steps;
    }

    private static void Add(JsonFields fields, List<PreTokenizerStep> steps)
    {
        string type = fields.String("type");
        switch (type)
        {
            case "Sequence":
                foreach (JsonFields child in fields.Objects("pretokenizers")) Add(child, steps);
                break;
            case "ByteLevel":
                // Spelling the spelling doubles the text, each time anew.
                if (steps.Exists(step => step.SpellsBytes)) throw fields.Error("type", "is 'ByteLevel' a second time");
                AddByteLevel(fields, steps);
                break;
            case "Split":
                steps.Add(Split(fields));
                break;
            case "Digits":
                bool single = fields.Bool("individual_digits", false);
                steps.Add(new(ByRune(Rune.IsNumber, single ? SplitBehavior.Isolated : SplitBehavior.Contiguous)));
                break;
            case "Punctuation":
                steps.Add(new(ByRune(TextRules.IsPunctuation, Behavior(fields, SplitBehavior.Isolated))));
                break;
            case "Whitespace":
                steps.Add(new(Words));
                break;
            case "WhitespaceSplit":
                steps.Add(new(ByRune(Rune.IsWhiteSpace, SplitBehavior.Removed)));
                break;
            case "Metaspace":
                Metaspace.AddSteps(fields, steps);
                break;
            default:
                throw fields.Error("type", $"is '{type}', a pre-tokenizer that is not supported");
        }
    }

    private static void AddByteLevel(JsonFields fields, List<PreTokenizerStep> steps)
    {
        fields.Bool("trim_offsets", true); // where a token lies in the text is not kept
        if (fields.Bool("add_prefix_space", true))
        {
            steps.Add(new(
                (piece, output) => output.Add(piece.Length == 0 || piece.Span[0] == ' ' ? piece : piece.With($" {piece.Span}")), Rewrites: true));
        }
        if (fields.Bool("use_regex", true))
            steps.Add(new(ByPattern(TextPattern.Gpt2, invert: false, SplitBehavior.Isolated), WordScanners.For(WordScanners.Gpt2)));
        steps.Add(new((piece, output) => output.Add(piece.SpellBytes()), SpellsBytes: true, Rewrites: true));
    }

    private static PreTokenizerStep Split(JsonFields fields)
    {
        SplitBehavior behavior = Behavior(fields, null);
        bool invert = fields.Bool("invert", false);
        JsonFields pattern = fields.Object("pattern");
        if (!pattern.Has("String"))
        {
            PreTokenizer split = ByPattern(TextPattern.Create(pattern, "Regex"), invert, behavior);
            bool onlyCuts = behavior == SplitBehavior.Isolated; // without gaps between the matches, inverting changes nothing
            return new(split, onlyCuts ? WordScanners.For(pattern.String("Regex")) : null);
        }
        string text = pattern.String("String");
        if (text.Length == 0) throw pattern.Error("String", "is empty");
        return ByText(text, invert, behavior);
    }

    /// <summary>Cuts at a fixed text.</summary>
    public static PreTokenizerStep ByText(string text, bool invert, SplitBehavior behavior) => new((piece, output) =>
    {
        var spans = new List<(int End, bool IsMatch)>();
        Splitter.Spans(piece, text, spans);
        if (invert) Invert(spans);
        Splitter.Split(piece, spans, behavior, output);
    });

    private static SplitBehavior Behavior(JsonFields fields, SplitBehavior? fallback)
    {
        if (fields.OptionalString("behavior") is not { } name) return fallback ?? throw fields.Error("behavior", "is missing");
        int index = Array.IndexOf(Enum.GetNames<SplitBehavior>(), name);
        return index >= 0 ? (SplitBehavior)index : throw fields.Error("behavior", $"is '{name}', which is not supported");
    }

    private static PreTokenizer ByPattern(TextPattern pattern, bool invert, SplitBehavior behavior) => (piece, output) =>
    {
        var spans = new List<(int End, bool IsMatch)>();
        pattern.Spans(piece, invert, spans);
        Splitter.Split(piece, spans, behavior, output);
    };

    private static PreTokenizer ByRune(Func<Rune, bool> isMatch, SplitBehavior behavior) => (piece, output) =>
    {
        var spans = new List<(int End, bool IsMatch)>();
        Splitter.Spans(piece, isMatch, spans);
        Splitter.Split(piece, spans, behavior, output);
    };

    // Runs of word characters, and runs of what is neither that nor white space.
    private static void Words(Piece piece, List<Piece> output)
    {
        int start = 0, place = 0;
        int previous = -1;
        foreach (Rune rune in piece.Span.EnumerateRunes())
        {
            int kind = Rune.IsWhiteSpace(rune) ? -1 : TextRules.IsWord(rune) ? 1 : 0;
            if (kind != previous)
            {
                if (previous >= 0) output.Add(piece.Slice(start, place - start));
                start = place;
                previous = kind;
            }
            place += rune.Utf16SequenceLength;
        }
        if (previous >= 0) output.Add(piece.Slice(start, place - start));
    }

    private static void Invert(List<(int End, bool IsMatch)> spans)
    {
        for (int i = 0; i < spans.Count; i++) spans[i] = (spans[i].End, !spans[i].IsMatch);
    }
}
