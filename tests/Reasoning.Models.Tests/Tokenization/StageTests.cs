using System.Text.Json;
using Reasoning.Models.Files;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Tests.Formats;

/// <summary>Stages one by one; the expected values are what version 0.23.2 of the Rust library gives.</summary>
public sealed class StageTests
{
    [Theory]
    [InlineData("""{"type":"StripAccents"}""", "e\u0301a\u0903b\u0488c\u0303\u1DFE\u20D0", "eabc")]
    [InlineData("""{"type":"StripAccents"}""", "é", "é")] // composed: nothing to strip
    [InlineData("""{"type":"Lowercase"}""", "\u0130\u0391\u03A3 \u03A3\u00DF\u1E9EK\U00010400", "i\u0307\u03B1\u03C3 \u03C3\u00DF\u00DFk\U00010428")]
    [InlineData("""{"type":"Strip","strip_left":true,"strip_right":true}""", "\u001C\u0085 a \u001F\u2028", "\u001C\u0085 a \u001F")]
    [InlineData("""{"type":"Strip","strip_left":true,"strip_right":true}""", "\u0085\u3000\uFEFF a\u200B\u2028\u0085", "\uFEFF a\u200B")]
    [InlineData("""{"type":"Strip","strip_left":false,"strip_right":true}""", " a ", " a")]
    [InlineData("""{"type":"Prepend","prepend":"▁"}""", "", "")]
    [InlineData("""{"type":"Prepend","prepend":"▁"}""", "a", "▁a")]
    [InlineData("""{"type":"NFC"}""", "e\u0301", "é")]
    [InlineData("""{"type":"NFD"}""", "é", "e\u0301")]
    [InlineData("""{"type":"NFKC"}""", "ﬁ①", "fi1")]
    [InlineData("""{"type":"NFKD"}""", "ﬁé", "fie\u0301")]
    [InlineData("""{"type":"Replace","pattern":{"String":" "},"content":"▁"}""", "a  b", "a▁▁b")]
    [InlineData("""{"type":"Replace","pattern":{"Regex":" {2,}"},"content":"$1-"}""", "a   b", "a$1-b")]
    [InlineData("""{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"StripAccents"},{"type":"Lowercase"}]}""", "ÉÀ", "ea")]
    public void Normalizers_do_what_the_library_does(string normalizer, string text, string expected)
    {
        using JsonDocument document = JsonDocument.Parse(normalizer);
        Func<string, string> normalize = Normalizers.Read(new JsonFields("tokenizer.json", document.RootElement))!;
        Assert.Equal(expected, normalize(text));
    }

    [Theory]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":true,"use_regex":true}""", "a é", "Ġa|ĠÃ©")]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}""", "é\n", "Ã©Ċ")]
    [InlineData("""{"type":"Sequence","pretokenizers":[{"type":"Digits"},{"type":"ByteLevel","add_prefix_space":false}]}""", "x 12", "x|Ġ|12")]
    [InlineData("""{"type":"Digits","individual_digits":false}""", "a12½b", "a|12½|b")]
    [InlineData("""{"type":"Digits","individual_digits":true}""", "a12½Ⅷ٣b", "a|1|2|½|Ⅷ|٣|b")]
    [InlineData("""{"type":"Punctuation"}""", "a,b$。c+`^|~€", "a|,|b|$|。|c|+|`|^|||~|€")]
    [InlineData("""{"type":"Punctuation","behavior":"Contiguous"}""", "a,,b", "a|,,|b")]
    [InlineData("""{"type":"Whitespace"}""", "ab, é_1  x²½\u200Dⓐ\u0301k!!ª", "ab|,|é_1|x|²½|\u200Dⓐ\u0301k|!!|ª")]
    [InlineData("""{"type":"WhitespaceSplit"}""", "ab\u0085c\uFEFFd\u200Be\u001Cf \u2028 g", "ab|c\uFEFFd\u200Be\u001Cf|g")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}""", "a b  c ", "▁a|▁b|▁|▁c|▁")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"never","split":true}""", " a▁b", "▁a|▁b")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":false}""", "a b  c ", "▁a▁b▁▁c▁")]
    [InlineData("""{"type":"Split","pattern":{"String":" "},"behavior":"Isolated","invert":false}""", "  a  b ", " | |a| | |b| ")]
    [InlineData("""{"type":"Split","pattern":{"String":" "},"behavior":"Removed","invert":false}""", "  a  b ", "a|b")]
    [InlineData("""{"type":"Split","pattern":{"String":" "},"behavior":"MergedWithPrevious","invert":false}""", "  a  b ", " | |a | |b ")]
    [InlineData("""{"type":"Split","pattern":{"String":" "},"behavior":"MergedWithNext","invert":false}""", "  a  b ", " | a| | b| ")]
    [InlineData("""{"type":"Split","pattern":{"String":" "},"behavior":"Contiguous","invert":false}""", "  a  b ", "  |a|  |b| ")]
    [InlineData("""{"type":"Split","pattern":{"Regex":","},"behavior":"MergedWithPrevious","invert":true}""", "a,,b,", "a|,|,b|,")]
    [InlineData("""{"type":"Split","pattern":{"Regex":","},"behavior":"MergedWithNext","invert":true}""", "a,,b,", "a,|,|b,")]
    [InlineData("""{"type":"Split","pattern":{"Regex":","},"behavior":"Removed","invert":true}""", "a,,b,", ",|,|,")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"\\s+"},"behavior":"Isolated","invert":false}""", "a\u0085b\uFEFFc\u001Ce\u2028f", "a|\u0085|b\uFEFFc\u001Ce|\u2028|f")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"\\w+"},"behavior":"Isolated","invert":false}""", "a²½\u200Dbⓐ\u0301k!!ª𝒜", "a²½|\u200D|bⓐ\u0301k|!!|ª𝒜")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"[\\w]+"},"behavior":"Isolated","invert":false}""", "a²½\u200Dbⓐ\u0301k!!ª𝒜", "a|²½\u200D|bⓐ\u0301k|!!|ª𝒜")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"\\d+"},"behavior":"Isolated","invert":false}""", "a1²٣𝟙", "a|1|²|٣𝟙")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"a{,2}"},"behavior":"Isolated","invert":false}""", "aaab", "aa|a|b")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"^a|b$"},"behavior":"Isolated","invert":false}""", "a\nab\nb", "a|\n|a|b|\n|b")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"."},"behavior":"Isolated","invert":false}""", "a\r\nb\u0085\u2028", "a|\r|\n|b|\u0085|\u2028")]
    [InlineData("""{"type":"Split","pattern":{"Regex":"(?i:'s|k)|[^a]?\\p{L}+"},"behavior":"Isolated","invert":false}""", "'\u017Fx \u212Ax 'Sx", "'\u017F|x| \u212Ax| |'S|x")]
    public void Pre_tokenizers_cut_where_the_library_does(string preTokenizer, string text, string expected)
        => Assert.Equal(expected, Cut(preTokenizer, new Piece(text, 0, text.Length, OpensInput: true)));

    [Fact]
    public void A_prefix_for_the_first_piece_only_goes_to_what_opens_the_input()
    {
        const string Json = """{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"}""";
        Assert.Equal("▁a", Cut(Json, new Piece("a", 0, 1, OpensInput: true)));
        Assert.Equal("a", Cut(Json, new Piece("a", 0, 1, OpensInput: false)));
    }

    [Theory]
    [InlineData(@"\p{L}++x", "(?>\\p{L}+)x")]
    [InlineData(@"[ab]?+c", "(?>[ab]?)c")]
    [InlineData(@"(?:ab)*+c", "(?>(?:ab)*)c")]
    [InlineData(@"\u0041{1,3}+", "(?:\\u0041{1,3})+")]
    [InlineData(@"(?i:'s|t)|s", "(?i:'[sS\u017F]|t)|s")]
    [InlineData(@"(a|b){2}", "(?:a|b){2}")]
    [InlineData(@"a{b}", "a{b}")]
    public void Patterns_are_rewritten_where_the_dialects_differ(string pattern, string expected)
        => Assert.Equal(expected, RegexTranslator.Translate(pattern));

    [Fact]
    public void Patterns_without_an_equal_are_refused()
    {
        string[] patterns =
        [
            "[a[b]]", "[[:alpha:]]", "[a&&b]", "[𐐀-𐑏]", @"\h", @"\X", @"\1", "(?<name>a)", @"\p{^L}", "a)", "[]", "a\\", @"\p{Han}", "(a", "*",
        ];
        foreach (string pattern in patterns)
        {
            string json = $$"""{"type":"Split","pattern":{"Regex":{{JsonSerializer.Serialize(pattern)}}},"behavior":"Isolated"}""";
            Assert.Contains("pre_tokenizer.pattern.Regex", UserError.Message(() => Cut(json, new Piece("a", 0, 1, true))));
        }
    }

    [Fact]
    public void The_byte_alphabet_is_reversible()
    {
        for (int value = 0; value < 256; value++) Assert.Equal(value, ByteAlphabet.ToByte(ByteAlphabet.ToChar((byte)value)));
        Assert.Equal(-1, ByteAlphabet.ToByte(' '));
    }

    [Theory]
    [InlineData("""{"type":"ByteLevel"}""", "Ġa <é> é ï» ¿ x_y", " a<\uFFFD>\uFFFD\uFEFFx_y")]
    [InlineData("""{"type":"ByteFallback"}""", "<0xF0> <0x9F> a <0xC3> <0xA9> <0xzz> <0xc3>", "\uFFFD\uFFFDaé<0xzz>\uFFFD")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}""", "▁▁a b▁c ▁d", "ab c d")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"}""", "▁a ▁d", "a d")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"never"}""", "▁a ▁d", " a d")]
    [InlineData("""{"type":"Strip","content":"_","start":1,"stop":1}""", "__a__ __", "_a_")]
    [InlineData("""{"type":"Replace","pattern":{"String":"▁"},"content":" "}""", "▁▁a▁ b", "  a b")]
    [InlineData("""{"type":"Replace","pattern":{"Regex":"a+"},"content":"$0"}""", "aaba", "$0b$0")]
    [InlineData("""{"type":"Fuse"}""", "a b", "ab")]
    [InlineData("null", "a b", "a b")]
    public void Decoders_do_what_the_library_does(string decoder, string tokens, string expected)
    {
        using JsonDocument document = JsonDocument.Parse($$"""{"decoder":{{decoder}}}""");
        var text = new TextSink();
        TokenSink sink = text;
        var fields = new JsonFields("tokenizer.json", document.RootElement);
        foreach (Decoder step in Decoders.Read(fields.OptionalObject("decoder"))) sink = step(sink);
        foreach (string token in tokens.Split(' '))
        {
            sink.Add(token);
            sink.EndToken();
        }
        sink.End();
        Assert.Equal(expected, text.Take());
    }

    [Theory]
    [InlineData("lstrip", "x \u0085\n <t> y", "x| \u0085\n <t>| y")]
    [InlineData("rstrip", "x <t> \n y", "x |<t> \n |y")]
    [InlineData("single_word", "x<t> <t>é <t>! _<t> ²<t> \u0301<t>", "x<t> <t>é |<t>|! _<t> ²|<t>| \u0301<t>")]
    public void Added_tokens_are_found_where_the_library_finds_them(string flag, string text, string expected)
    {
        using JsonDocument json = JsonDocument.Parse($$"""{"id":7,"content":"<t>","{{flag}}":true}""");
        var parts = new List<(int Start, int Length, int Id)>();
        new AddedTokens([AddedToken.Read(new JsonFields("tokenizer.json", json.RootElement))]).Split(text, parts);
        Assert.Equal(expected, string.Join('|', parts.Select(part => text.Substring(part.Start, part.Length))));
    }

    [Fact]
    public void Both_spellings_of_merges_give_the_same_ids()
    {
        string json = TinyTokenizers.Trained();
        string listed = System.Text.RegularExpressions.Regex.Replace(
            json[json.IndexOf("\"merges\"", StringComparison.Ordinal)..], "\"([^\" ]+) ([^\" ]+)\"", "[\"$1\", \"$2\"]");
        Tokenizer spaced = Tokenizer.Parse(json);
        Tokenizer pairs = Tokenizer.Parse(json[..json.IndexOf("\"merges\"", StringComparison.Ordinal)] + listed);
        Assert.Contains("[\"", listed);
        Assert.Equal(spaced.Encode(TinyTokenizers.Corpus), pairs.Encode(TinyTokenizers.Corpus));
    }

    private static string Cut(string json, Piece piece)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        List<Piece> pieces = [piece];
        foreach (PreTokenizerStep step in PreTokenizers.Read(new JsonFields("tokenizer.json", document.RootElement, "pre_tokenizer")))
        {
            var next = new List<Piece>();
            foreach (Piece part in pieces) step.Apply(part, next);
            pieces = next;
        }
        return string.Join('|', pieces);
    }
}
