using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reasoning.Models.Files;
using Reasoning.Models.Random;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Tests.Formats;

/// <summary>The scanners against the regular expressions that they stand for, and the fused encoder against the steps as written.</summary>
public sealed class WordScannerTests
{
    private const string Alphabet =
        "aabBsStTdDlLrReEvVmM''''''ſKéÉǅʰ中ة\u0301\u0903 9½Ⅷ٣  \t\n\r\u00A0\u0085\u2028\u3000\uFEFF\u200D,.$//_-😀𝒜𝓪𝟙𠀀\U0001E900\u0000";
    private static readonly List<Rune> s_alphabet = [.. Alphabet.EnumerateRunes()];

    public static TheoryData<string> Patterns
        => new(WordScanners.Gpt2, WordScanners.Qwen2, WordScanners.Llama3, WordScanners.Tekken);

    [Theory]
    [MemberData(nameof(Patterns))]
    public void A_scanner_cuts_where_its_pattern_does(string pattern)
    {
        WordScanner scanner = Assert.IsType<WordScanner>(WordScanners.For(pattern));
        TextPattern twin = Pattern(pattern);
        var spans = new List<(int End, bool IsMatch)>();
        for (ulong key = 0; key < 10_000; key++)
        {
            string text = Text(key);
            twin.Spans(new Piece(text, 0, text.Length, true), invert: false, spans);
            Assert.All(spans, span => Assert.True(span.IsMatch));
            bool areEqual = spans.Select(span => span.End).SequenceEqual(Ends(scanner, text));
            Assert.True(areEqual, $"{JsonSerializer.Serialize(text)} of key {key}");
        }
    }

    [Theory]
    [MemberData(nameof(Patterns))]
    public void A_scanner_and_its_pattern_agree_on_every_character_of_the_basic_plane(string pattern)
    {
        WordScanner scanner = WordScanners.For(pattern)!;
        TextPattern twin = Pattern(pattern);
        var spans = new List<(int End, bool IsMatch)>();
        for (int unit = 0; unit < 0xD800; unit++)
        {
            char c = (char)unit;
            string text = $"{c}a{c}A{c} {c}1 '{c}.{c}{c}\n";
            twin.Spans(new Piece(text, 0, text.Length, true), invert: false, spans);
            Assert.True(spans.Select(span => span.End).SequenceEqual(Ends(scanner, text)), $"U+{unit:X4}");
        }
    }

    [Fact]
    public void A_pattern_with_any_difference_has_no_scanner()
    {
        Assert.Null(WordScanners.For(WordScanners.Gpt2 + "|x"));
        Assert.Null(WordScanners.For(WordScanners.Llama3.Replace("{1,3}", "{1,2}", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":false,"use_regex":true}""")]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":true,"use_regex":true}""")]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}""")]
    [InlineData("""{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},{"type":"ByteLevel","add_prefix_space":false}]}""")]
    public void The_fused_encoder_gives_what_the_steps_give(string preTokenizer)
    {
        string json = TinyTokenizers.With(TinyTokenizers.Trained(), "pre_tokenizer", preTokenizer);
        using TokenizerDocument document = TokenizerDocument.Parse(Encoding.UTF8.GetBytes(json), "tokenizer.json");
        List<PreTokenizerStep> steps = PreTokenizers.Read(document.Fields.Object("pre_tokenizer"));
        var model = BpeModel.Read(document);
        var twinModel = BpeModel.Read(document);
        var fused = new WordEncoder(steps, model);
        var twin = new WordEncoder(steps, twinModel, fuses: false);
        for (ulong key = 0; key < 3000; key++)
        {
            string text = key % 3 == 0 ? TinyTokenizers.Corpus[..(int)(key % 200)] + Text(key) : Text(key);
            var piece = new Piece(text, 0, text.Length, true);
            List<int> ids = [], expected = [];
            fused.Encode(piece, ids);
            twin.Encode(piece, expected);
            Assert.Equal(expected, ids);
        }
    }

    [Fact]
    public void Texts_cut_before_marks_give_what_whole_texts_give()
    {
        // A merge that is never used, of a byte token and a mark, makes it unknown what a mark may be joined to: no text is cut.
        JsonNode json = JsonNode.Parse(TinyTokenizers.With(TinyTokenizers.SentencePiece(), "model.vocab.<0x61>▁", "900"))!;
        Tokenizer cut = Tokenizer.Parse(json.ToJsonString());
        json["model"]!["merges"]!.AsArray().Add(new JsonArray("<0x61>", "▁"));
        Tokenizer whole = Tokenizer.Parse(json.ToJsonString());
        for (ulong key = 0; key < 2000; key++)
        {
            var random = new KeyedStream(31, key);
            var text = new StringBuilder();
            for (int length = random.NextInt(120); length > 0; length--) text.Append("abcab  é"[random.NextInt(8)]);
            Assert.Equal(whole.Encode(text.ToString()), cut.Encode(text.ToString()));
        }
    }

    private static List<int> Ends(WordScanner scanner, string text)
    {
        var ends = new List<int>();
        for (int place = 0; place < text.Length; ends.Add(place)) place = scanner(text, place);
        return ends;
    }

    private static string Text(ulong key)
    {
        var random = new KeyedStream(30, key);
        var text = new StringBuilder();
        for (int length = 1 + random.NextInt(16); length > 0; length--)
            text.Append(s_alphabet[random.NextInt(s_alphabet.Count)].ToString());
        return text.ToString();
    }

    private static TextPattern Pattern(string pattern)
    {
        using JsonDocument document = JsonDocument.Parse($$"""{"Regex":{{JsonSerializer.Serialize(pattern)}}}""");
        return TextPattern.Create(new JsonFields("tokenizer.json", document.RootElement), "Regex");
    }
}
