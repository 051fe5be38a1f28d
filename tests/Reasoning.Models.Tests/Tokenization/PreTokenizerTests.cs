using System.Text.Json;

namespace Reasoning.Models.Tests.Formats;

public sealed class PreTokenizerTests
{
    private const string ByteLevelOff = """{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}""";

    [Theory]
    [InlineData("Hello world", "Hello| world")]
    [InlineData("I'm we'LL", "I|'m| we|'|LL")]
    [InlineData("a  b   c", "a| | b|  | c")]
    [InlineData("x \n\n y ", "x| \n\n| y| ")]
    [InlineData("12 345", "12| 345")]
    [InlineData("a\u00A0\u0085b", "a|\u00A0|\u0085|b")]
    [InlineData("x=-1!?", "x|=-|1|!?")]
    public void Gpt2_words(string text, string expected) => AssertPieces(Split(TinyTokenizers.Gpt2Pattern), text, expected);

    [Theory]
    [InlineData("I'm we'LL", "I|'m| we|'LL")]
    [InlineData("12 345", "1|2| |3|4|5")]
    [InlineData("x \n\n y ", "x| \n\n| y| ")]
    [InlineData("(a) \\frac{1}", "(a|)| \\|frac|{|1|}")]
    [InlineData("!?\r\n\nx", "!?\r\n\n|x")]
    [InlineData("it\u017F 'ſx", "itſ| '|ſx")]
    public void Qwen2_words(string text, string expected) => AssertPieces(Split(TinyTokenizers.Qwen2Pattern), text, expected);

    [Theory]
    [InlineData("12345 x", "123|45| x")]
    [InlineData("\t\ttab", "\t|\ttab")]
    [InlineData("你好，世界", "你好|，世界")]
    public void Llama3_words(string text, string expected) => AssertPieces(Split(TinyTokenizers.Llama3Pattern), text, expected);

    [Theory]
    [InlineData("𝒜𝓑 x", "𝒜𝓑| x")] // letters
    [InlineData("𝟘𝟙𝟚𝟛 x", "𝟘𝟙𝟚|𝟛| x")] // digits, counted by code point
    [InlineData("a😀😀 b", "a|😀😀| b")] // symbols
    [InlineData("𠀀中𠀁", "𠀀中𠀁")] // ideographs in and beyond the basic plane
    public void Characters_beyond_the_basic_plane_have_their_own_category(string text, string expected)
        => AssertPieces(Split(TinyTokenizers.Llama3Pattern), text, expected);

    [Theory]
    [InlineData("Isolated", "a|,|,|b|,")]
    [InlineData("Removed", "a|b")]
    [InlineData("MergedWithPrevious", "a,|,|b,")]
    [InlineData("MergedWithNext", "a|,|,b|,")]
    [InlineData("Contiguous", "a|,,|b|,")]
    public void Matches_go_where_the_behavior_says(string behavior, string expected)
    {
        string pattern = $$"""{"type":"Split","pattern":{"String":","},"behavior":"{{behavior}}","invert":false}""";
        AssertPieces(pattern, "a,,b,", expected);
        AssertPieces(pattern.Replace("\"String\"", "\"Regex\"", StringComparison.Ordinal), "a,,b,", expected);
    }

    [Fact]
    public void Inverted_splits_keep_what_matches()
        => AssertPieces("""{"type":"Split","pattern":{"Regex":"[a-z]+"},"behavior":"Removed","invert":true}""", "ab, cd.", "ab|cd");

    [Theory]
    [InlineData("""{"type":"Digits","individual_digits":true}""", "a12½", "a|1|2|½")]
    [InlineData("""{"type":"Digits","individual_digits":false}""", "a12½b", "a|12½|b")]
    [InlineData("""{"type":"Punctuation"}""", "a,b$。c", "a|,|b|$|。|c")]
    [InlineData("""{"type":"Whitespace"}""", "ab, é_1  x", "ab|,|é_1|x")]
    [InlineData("""{"type":"WhitespaceSplit"}""", "ab, c\u3000d ", "ab,|c|d")]
    [InlineData("""{"type":"ByteLevel","add_prefix_space":true,"use_regex":true}""", "a é", "Ġa|ĠÃ©")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}""", "a b  c", "▁a|▁b|▁|▁c")]
    [InlineData("""{"type":"Metaspace","replacement":"▁","prepend_scheme":"never","split":false}""", "a b", "a▁b")]
    [InlineData("""{"type":"Sequence","pretokenizers":[{"type":"Digits"},{"type":"ByteLevel","add_prefix_space":false}]}""", "x 12", "x|Ġ|12")]
    public void Other_kinds(string json, string text, string expected) => AssertPieces(json, text, expected);

    [Fact]
    public void A_prefix_for_the_first_piece_only_goes_to_what_opens_the_input()
    {
        const string Json = """{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"}""";
        Assert.Equal("▁a", string.Join('|', Run(Json, new Piece("a", 0, 1, OpensInput: true))));
        Assert.Equal("a", string.Join('|', Run(Json, new Piece("a", 0, 1, OpensInput: false))));
    }

    [Fact]
    public void Isolating_splits_lose_nothing()
    {
        const string Alphabet = "aZ9 \t\n\r'sSlLtvé½ſ中ة\u0301\u200D,.$\u00A0\u0085😀𝒜𝟙𠀀";
        List<System.Text.Rune> runes = [.. Alphabet.EnumerateRunes()];
        foreach (string pattern in (string[])[TinyTokenizers.Gpt2Pattern, TinyTokenizers.Qwen2Pattern, TinyTokenizers.Llama3Pattern])
        {
            string json = Split(pattern);
            for (ulong key = 0; key < 500; key++)
            {
                var random = new KeyedStream(1, key);
                string text = "";
                for (int length = 1 + random.NextInt(30); length > 0; length--) text += runes[random.NextInt(runes.Count)];
                List<string> pieces = Run(json, new Piece(text, 0, text.Length, true));
                Assert.Equal(text, string.Concat(pieces));
                Assert.All(pieces, piece => Assert.Equal(piece, TextRules.WellFormed(piece)));
            }
        }
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

    [Theory]
    [InlineData("[a[b]]")]
    [InlineData("[[:alpha:]]")]
    [InlineData("[a&&b]")]
    [InlineData("[𐐀-𐑏]")]
    [InlineData(@"\h")]
    [InlineData(@"\X")]
    [InlineData(@"\1")]
    [InlineData(@"(?<name>a)")]
    [InlineData(@"\p{^L}")]
    [InlineData("a)")]
    [InlineData("[]")]
    [InlineData("a\\")]
    [InlineData(@"\p{Han}")]
    [InlineData("(a")]
    [InlineData("*")]
    public void Patterns_without_an_equal_are_refused(string pattern)
    {
        UserErrorException error = Assert.Throws<UserErrorException>(() => AssertPieces(Split(pattern), "a", "a"));
        Assert.Contains("pre_tokenizer.pattern.Regex", error.Message);
    }

    [Theory]
    [InlineData("""{"type":"UnicodeScripts"}""", "'UnicodeScripts', a pre-tokenizer that is not supported")]
    [InlineData("""{"type":"Sequence","pretokenizers":[{"type":"Fixed"}]}""", "pre_tokenizer.pretokenizers[0].type")]
    [InlineData("""{"type":"Split","pattern":{"String":","},"behavior":"Sideways"}""", "'Sideways'")]
    [InlineData("""{"type":"Split","pattern":{"String":""},"behavior":"Isolated"}""", "is empty")]
    [InlineData("""{"type":"Metaspace","replacement":"ab"}""", "one character")]
    [InlineData("""{}""", "pre_tokenizer.type")]
    public void Unknown_kinds_are_named(string json, string expected)
        => Assert.Contains(expected, UserError.Message(() => AssertPieces(json, "a", "a")));

    [Fact]
    public void The_byte_alphabet_is_reversible_and_that_of_GPT2()
    {
        Assert.Equal("Ġ", ByteAlphabet.Encode(" "));
        Assert.Equal("Ċ", ByteAlphabet.Encode("\n"));
        for (int value = 0; value < 256; value++) Assert.Equal(value, ByteAlphabet.ToByte(ByteAlphabet.ToChar((byte)value)));
        Assert.Equal(-1, ByteAlphabet.ToByte(' '));
        AssertPieces(ByteLevelOff, "é\n", "Ã©Ċ");
    }

    private static string Split(string pattern)
        => $$"""{"type":"Split","pattern":{"Regex":{{JsonSerializer.Serialize(pattern)}}},"behavior":"Isolated","invert":false}""";

    private static void AssertPieces(string json, string text, string expected)
        => Assert.Equal(expected, string.Join('|', Run(json, new Piece(text, 0, text.Length, true))));

    private static List<string> Run(string json, Piece piece)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        List<Piece> pieces = [piece];
        foreach (PreTokenizerStep step in PreTokenizers.Read(new JsonFields("tokenizer.json", document.RootElement, "pre_tokenizer")))
        {
            var next = new List<Piece>();
            foreach (Piece part in pieces) step.Apply(part, next);
            pieces = next;
        }
        return [.. pieces.Select(part => part.ToString())];
    }
}
