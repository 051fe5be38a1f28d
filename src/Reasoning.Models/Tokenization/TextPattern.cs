using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Reasoning.Models.Files;

namespace Reasoning.Models.Tokenization;

/// <summary>
/// A regular expression of tokenizer.json. .NET matches UTF-16 units where the original matches code points; a text with characters beyond
/// U+FFFF is therefore matched in a stand-in that has one unit of the same Unicode category in the place of each of them.
/// </summary>
internal sealed class TextPattern
{
    // A unit for each category, in the order of UnicodeCategory: without case partners, and outside the scripts that patterns name.
    private const string StandIns = "\u0531\u0561\u01C5\u02B0\u05D0\u0300\u0903\u0488\u0660\u16EE\u00B2\u00A0\u2028\u2029\u0085\u00AD\uFFFD"
        + "\uE000\u203F\u2012\u2045\u2046\u00AB\u00BB\u00A1\u00B1\u00A2\u00A8\u00A6\u0378";

    private const int MaxLength = 1024; // the parser's memory grows with the square; the longest in use has some 400 characters
    private const int MaxCompiled = 64;
    private const int MaxCompiledLength = 1024; // of the translation, which may be longer; compiling takes memory by the megabyte
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(3);
    private static readonly ConcurrentDictionary<string, Regex> s_compiled = new(StringComparer.Ordinal);
    private readonly Lazy<Regex> _regex;
    private readonly string _file;
    private readonly string _pattern;

    private TextPattern(string file, string pattern)
    {
        _regex = new Lazy<Regex>(() => Compile(RegexTranslator.Translate(pattern)));
        _file = file;
        _pattern = pattern;
    }

    /// <summary>The pattern of GPT-2, which byte-level pre-tokenizers use without naming it.</summary>
    public static TextPattern Gpt2 { get; } = new("tokenizer.json", WordScanners.Gpt2);

    /// <summary>Compiles the pattern in a field of tokenizer.json.</summary>
    /// <exception cref="UserErrorException">The pattern is malformed or uses something without an equal in .NET.</exception>
    public static TextPattern Create(JsonFields fields, string field)
    {
        string pattern = fields.String(field);
        if (pattern.Length > MaxLength)
            throw fields.Error(field, $"is a regular expression of {pattern.Length} characters; at most {MaxLength} are read");
        try
        {
            var created = new TextPattern(fields.File, pattern);
            bool isKnown = WordScanners.For(pattern) is not null; // valid, and most likely not needed
            if (!isKnown) _ = created._regex.Value;
            return created;
        }
        catch (NotSupportedException e)
        {
            throw fields.Error(field, $"is a regular expression with {e.Message}, which is not supported");
        }
        catch (ArgumentException e)
        {
            throw fields.Error(field, $"is not a usable regular expression: {e.Message}");
        }
    }

    /// <summary>The stretches of a piece: matches, and what lies between them.</summary>
    public void Spans(Piece piece, bool invert, List<(int End, bool IsMatch)> spans)
    {
        spans.Clear();
        if (piece.Span.ContainsAnyInRange('\uD800', '\uDFFF')) SpansInStandIn(piece.Span, spans);
        else Match(piece.Span, spans);
        if (!invert) return;
        for (int i = 0; i < spans.Count; i++) spans[i] = (spans[i].End, !spans[i].IsMatch);
    }

    /// <summary>The text with each match replaced.</summary>
    public string Replace(string text, string replacement)
    {
        var spans = new List<(int End, bool IsMatch)>();
        Spans(new Piece(text, 0, text.Length, true), invert: false, spans);
        var result = new StringBuilder(text.Length);
        int start = 0;
        foreach ((int end, bool isMatch) in spans)
        {
            if (isMatch) result.Append(replacement);
            else result.Append(text, start, end - start);
            start = end;
        }
        return result.ToString();
    }

    // Compiling takes longer than reading a small tokenizer, and few patterns are in use.
    private static Regex Compile(string pattern)
    {
        if (s_compiled.TryGetValue(pattern, out Regex? known)) return known;
        RegexOptions compiled = pattern.Length <= MaxCompiledLength ? RegexOptions.Compiled : RegexOptions.None;
        var regex = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Multiline | compiled, s_timeout);
        if (s_compiled.Count < MaxCompiled) s_compiled.TryAdd(pattern, regex);
        return regex;
    }

    private void Match(ReadOnlySpan<char> text, List<(int End, bool IsMatch)> spans)
    {
        int previous = 0;
        try
        {
            foreach (ValueMatch match in _regex.Value.EnumerateMatches(text))
            {
                if (match.Length == 0) continue;
                if (match.Index > previous) spans.Add((match.Index, false));
                previous = match.Index + match.Length;
                spans.Add((previous, true));
            }
        }
        catch (RegexMatchTimeoutException e)
        {
            throw new UserErrorException($"{_file}: the pattern {_pattern} takes too long on a text of {text.Length} characters", e);
        }
        if (previous < text.Length) spans.Add((text.Length, false));
    }

    private void SpansInStandIn(ReadOnlySpan<char> text, List<(int End, bool IsMatch)> spans)
    {
        char[] units = ArrayPool<char>.Shared.Rent(text.Length);
        int[] ends = ArrayPool<int>.Shared.Rent(text.Length);
        int count = 0, position = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            position += rune.Utf16SequenceLength;
            ends[count] = position;
            units[count++] = rune.IsBmp ? (char)rune.Value : StandIns[(int)CharUnicodeInfo.GetUnicodeCategory(rune.Value)];
        }
        Match(units.AsSpan(0, count), spans);
        for (int i = 0; i < spans.Count; i++) spans[i] = (ends[spans[i].End - 1], spans[i].IsMatch);
        ArrayPool<char>.Shared.Return(units);
        ArrayPool<int>.Shared.Return(ends);
    }
}
