using System.Globalization;
using System.Text;
using System.Text.Json;
using Reasoning.Models.Prompts;
using Reasoning.Models.Random;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Tests.Formats;

/// <summary>Texts to compare tokenizers on: the same ones in every run.</summary>
internal static class OracleStrings
{
    private static readonly string[] s_words =
    [
        "the", "cat's", "I'll", "we've", "DON'T", "they'RE", "'tis", "x'Dy", "O'Neill", "naïve", "Straße", "ǅungla", "İstanbul", "ſ", "'ſt", "K",
        "Hello,", "world!", "end.", "(see", "below)", "e.g.", "--", "—", "…", "“quoted”", "snake_case", "camelCaseWord", "HTTPServer", "3rd",
        "x86_64", "1,234.56", "2024-11-21", "£5", "50%", "a/b", "C++", "#tag", "@user", "https://a.b/c?d=e&f#g", "don't.", "rock'n'roll",
    ];

    private static readonly string[] s_math =
    [
        "\\frac{1}{2}", "\\boxed{42}", "$x^2+y_1$", "\\sum_{i=0}^{n}", "\\sqrt[3]{x}", "\\left(\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}\\right)",
        "≤", "≠", "∫₀^∞", "ℝⁿ", "½", "10^{-5}", "f:ℕ→ℤ", "α+β=γ", "\\text{ cm}", "\\[", "\\]", "180^\\circ", "x\\in(0,1]", "𝑥²", "𝟘𝟙", "√2", "∀ε>0",
    ];

    private static readonly string[] s_code =
    [
        "def f(x):\n    return x**2\n", "for (int i = 0; i < n; i++) {\n\ta[i] += 1;\n}\n", "SELECT * FROM t WHERE a='b';", "<div class=\"x\">&amp;</div>",
        "#include <stdio.h>\r\n", "if(a&&b||!c)", "{\"k\": [1, 2.5e-3, null]}", "x = y if z else w  # note\n", "\t\t}\n\t}\n\n", "fn main() -> Result<(), E> {}",
        "$ ls -la | grep \"x\" > /dev/null 2>&1\n", "0xFF 0b1010 1e-9", "/* a */ // b\n", "lambda a,*b:{**a}", "std::vector<std::pair<int,int>>", "\\n\\t\\\"",
    ];

    private static readonly string[] s_emoji =
    [
        "😀", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪🇫🇷", "👍🏽", "✈️", "❤️‍🔥", "1️⃣", "🧑🏿‍🚀", "☃", "🤷‍♀️", "\U0001F3F4\U000E0067\U000E0062\U000E007F", "⚽️⚽", "🫠",
    ];

    private static readonly string[] s_scripts =
    [
        "中文字符，测试。", "日本語のテキスト、カタカナ", "한국어 문장입니다", "Привет, мир!", "Ελληνικά ΣΊΣΥΦΟΣ", "שלום עולם", "مرحبا بالعالم ١٢٣", "नमस्ते दुनिया ४५६", "ไทยไม่มีช่องว่าง",
        "தமிழ்", "ქართული", "Հայերեն", "አማርኛ", "ខ្មែរ", "မြန်မာ", "བོད་ཡིག", "ᏣᎳᎩ", "ᚠᚢᚦᚨᚱ", "𐌰𐌱𐌲", "𝒜𝓑𝔠", "𠀀𠀁中", "ﬁﬂﬃ", "ａｂｃ１２３", "ⅧⅨⅹ", "①②③", "한각",
        "Tiếng Việt", "çğıöşü", "řžý", "ñandú", "Þórr", "ʻokina", "ǆǅǄ", "꧁꧂", "𞤀𞤁", "߀߁߂",
    ];

    private static readonly string[] s_spaces =
    [
        " ", "  ", "   ", "\n", "\n\n", "\r\n", "\r", "\t", "\t\t", "\u00A0", "\u3000", "\u2003", "\u2028", "\u2029", "\u0085", "\u200B", "\u200D", "\uFEFF", "\v", "\f",
        "\u0000", "\u0001", "\u001B", "\u007F", "\u009F", "\u1680", "\u180E", "\u202F", "\u2060", "\u00AD", "▁", "▁▁", " \n ", "\n  \n",
    ];

    // First and last code points of the stretches that characters are drawn from: the common blocks more often than the rest.
    private static readonly (int First, int Last)[] s_ranges =
    [
        (0x20, 0x7E), (0x20, 0x7E), (0x00, 0x20), (0xA0, 0x24F), (0x250, 0x36F), (0x300, 0x36F), (0x370, 0x52F), (0x530, 0x7FF), (0x900, 0xDFF), (0xE00, 0x109F),
        (0x1100, 0x11FF), (0x1200, 0x1CFF), (0x1D00, 0x1FFF), (0x2000, 0x2BFF), (0x2C00, 0x2FFF), (0x3000, 0x33FF), (0x3400, 0x9FFF), (0xA000, 0xABFF),
        (0xAC00, 0xD7FF), (0xE000, 0xF8FF), (0xF900, 0xFAFF), (0xFB00, 0xFFFD), (0x10000, 0x10FFF), (0x11000, 0x16FFF), (0x1D000, 0x1DFFF), (0x1E000, 0x1FAFF),
        (0x20000, 0x2FA1F), (0xE0000, 0xE01EF),
    ];

    /// <summary>Text number <paramref name="n"/>; <paramref name="specials"/> are spellings of added tokens to strew in.</summary>
    public static string Text(int n, IReadOnlyList<string> specials)
    {
        var random = new KeyedStream(20_000, (ulong)n);
        var text = new StringBuilder();
        int kind = random.NextInt(10);
        for (int parts = 1 + random.NextInt(kind < 3 ? 24 : 10); parts > 0; parts--)
        {
            text.Append(kind switch
            {
                0 => Pick(s_words, ref random) + Gap(ref random),
                1 => Pick(s_math, ref random) + Gap(ref random),
                2 => Characters(ref random, s_ranges[random.NextInt(s_ranges.Length)]),
                3 => Pick(s_code, ref random),
                4 => Pick(s_scripts, ref random) + Gap(ref random),
                5 => Pick(s_spaces, ref random) + (random.NextInt(3) == 0 ? Pick(s_words, ref random) : ""),
                6 => Pick(s_emoji, ref random) + Gap(ref random),
                7 => Digits(ref random) + Gap(ref random),
                8 => specials.Count > 0 && random.NextInt(2) == 0 ? Pick(specials, ref random) : Any(ref random),
                _ => Any(ref random),
            });
        }
        return TextRules.WellFormed(text.ToString());
    }

    /// <summary>The problems of the shared data sets; none where they are not on this machine.</summary>
    public static List<string> Shared()
    {
        var texts = new List<string>();
        foreach (string name in (ReadOnlySpan<string>)["aime24", "aime25", "amc", "math500"])
        {
            if (SharedFolder.Find($"data/{name}.json") is { } file)
                texts.AddRange(PromptSet.Load(file).Prompts.Select(prompt => prompt.Text));
        }
        if (SharedFolder.Find("cases/math-equivalence.jsonl") is { } cases)
        {
            foreach (string line in File.ReadLines(cases))
            {
                using JsonDocument document = JsonDocument.Parse(line);
                texts.AddRange(document.RootElement.EnumerateObject().Select(field => field.Value.ToString()));
            }
        }
        return texts;
    }

    private static string Pick(IReadOnlyList<string> items, ref KeyedStream random) => items[random.NextInt(items.Count)];

    private static string Gap(ref KeyedStream random) => random.NextInt(8) switch
    {
        0 => "",
        1 => Pick(s_spaces, ref random),
        _ => " ",
    };

    private static string Any(ref KeyedStream random)
    {
        string[][] pools = [s_words, s_math, s_code, s_emoji, s_scripts, s_spaces];
        return random.NextInt(3) == 0
            ? Characters(ref random, s_ranges[random.NextInt(s_ranges.Length)])
            : Pick(pools[random.NextInt(pools.Length)], ref random);
    }

    private static string Digits(ref KeyedStream random)
    {
        var digits = new StringBuilder();
        for (int count = 1 + random.NextInt(12); count > 0; count--) digits.Append((char)('0' + random.NextInt(10)));
        return random.NextInt(4) == 0 ? digits.Append('.').Append(random.NextInt(1000)).ToString() : digits.ToString();
    }

    private static string Characters(ref KeyedStream random, (int First, int Last) range)
    {
        var text = new StringBuilder();
        for (int count = 1 + random.NextInt(6); count > 0; count--)
        {
            bool exists = Rune.TryCreate(range.First + random.NextInt(range.Last - range.First + 1), out Rune rune);
            if (exists && Rune.GetUnicodeCategory(rune) != UnicodeCategory.OtherNotAssigned) text.Append(rune.ToString());
        }
        return text.ToString();
    }
}
