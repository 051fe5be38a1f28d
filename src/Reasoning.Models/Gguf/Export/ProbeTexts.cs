using Reasoning.Models.Gguf.Vocabulary;

namespace Reasoning.Models.Gguf.Export;

/// <summary>
/// Texts that tokenizers disagree on when one of them is misread: digits, white space, contractions, code, several scripts, special
/// tokens. All are in normal form C.
/// </summary>
internal static class ProbeTexts
{
    private static readonly string[] s_plain =
    [
        "", " ", "Hello, world!", "Once upon a time, there was a little girl named Lily.", "What is 12345 + 67890? The answer is 80235.",
        "3.14159 1,000,000 007 1e-9 0x1F", "  two spaces,\tone tab\n\nand two lines\r\n", "I'll don't we've THEY'RE she'd it's",
        "\\frac{1}{2} + x^{10} \\le \\boxed{42}", "def f(x):\n    return x ** 2  # square\n",
        "naïve café, Ελληνικά, Русский, עברית, العربية", "東京の天気は晴れです。你好，世界 한국어", "🙂🚀 👩‍👩‍👧 ñ", "{\"key\": [1, 2, 3]}",
        "CamelCase snake_case kebab-case UPPER", "a  b   c    d", "Zeile eins\n\n\nZeile vier", "...!!!???;;;", "½ ² ① Ⅷ",
        "<b>bold</b> & more",
    ];

    /// <summary>Number of texts without special tokens, which come first.</summary>
    public static int PlainCount => s_plain.Length;

    /// <summary>The texts, and some that spell the special tokens of a vocabulary.</summary>
    public static IEnumerable<string> For(GgufVocabulary vocabulary)
    {
        foreach (string text in s_plain) yield return text.Normalize(System.Text.NormalizationForm.FormC);
        IEnumerable<int> special = Enumerable.Range(0, vocabulary.Tokens.Length)
            .Where(id => vocabulary.Types[id] is GgufTokenType.Control or GgufTokenType.UserDefined).Take(8);
        foreach (int id in special) yield return $"Before{vocabulary.Tokens[id]}after 12 {vocabulary.Tokens[id]}";
    }
}
