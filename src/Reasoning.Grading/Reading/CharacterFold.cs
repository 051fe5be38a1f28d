using System.Text;

namespace Reasoning.Grading.Reading;

/// <summary>Maps the many ways to type a character to one, and strips what only formats.</summary>
internal static class CharacterFold
{
    private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    /// <summary>Folds Unicode look-alikes to ASCII or LaTeX commands, and drops Markdown emphasis.</summary>
    public static string Apply(string text)
    {
        if (Ascii.IsValid(text) && text.AsSpan().IndexOfAny("*`\t\r\n") < 0) return Noon(text.Trim());
        var folded = new StringBuilder(text.Length + 16);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            int power = c > 127 ? Superscripts.IndexOf(c, StringComparison.Ordinal) : -1;
            if (power >= 0)
            {
                bool continues = i > 0 && Superscripts.Contains(text[i - 1], StringComparison.Ordinal);
                if (continues && folded[^1] == '}') folded.Length--;
                else folded.Append("^{");
                folded.Append((char)('0' + power)).Append('}');
            }
            else if (c == '*' && i + 1 < text.Length && text[i + 1] == '*' && !IsPowerOperator(text, i))
            {
                i++;
            }
            else if (c is >= '\uFF01' and <= '\uFF5E')
            {
                folded.Append((char)(c - 0xFEE0));
            }
            else
            {
                folded.Append(Map(c) ?? c.ToString());
            }
        }
        return Noon(folded.ToString().Trim());
    }

    // "3:30 p.m." is the same time as "3:30 pm".
    private static string Noon(string text)
    {
        if (!text.Contains(".m", StringComparison.OrdinalIgnoreCase)) return text;
        foreach (char half in "aApP")
        {
            foreach (char m in "mM") text = text.Replace($"{half}.{m}.", $"{char.ToLowerInvariant(half)}m", StringComparison.Ordinal);
        }
        return text;
    }

    // 2**10 is a power; **10** is bold.
    private static bool IsPowerOperator(string text, int star) =>
        star > 0 && (char.IsLetterOrDigit(text[star - 1]) || text[star - 1] == ')')
        && star + 2 < text.Length && (char.IsLetterOrDigit(text[star + 2]) || text[star + 2] is '(' or '-')
        && !text.AsSpan(0, star).Contains("**", StringComparison.Ordinal);

    private static string? Map(char c) => c switch
    {
        '−' or '–' or '—' or '‐' or '‑' or '‒' => "-",
        '×' or '✕' => "\\times ",
        '·' or '⋅' or '∙' => "\\cdot ",
        '÷' => "\\div ",
        '⁄' or '∕' => "/",
        '≤' or '⩽' => "\\le ",
        '≥' or '⩾' => "\\ge ",
        '≠' => "\\ne ",
        '≈' => "\\approx ",
        '±' => "\\pm ",
        '∓' => "\\mp ",
        '∞' => "\\infty ",
        '∪' => "\\cup ",
        '∩' => "\\cap ",
        '∈' => "\\in ",
        '∅' => "\\emptyset ",
        'ℝ' => "\\mathbb{R}",
        'π' => "\\pi ",
        'θ' => "\\theta ",
        'α' => "\\alpha ",
        'β' => "\\beta ",
        '√' => "\\sqrt ",
        '°' or 'º' => "\\degree ",
        '½' => "\\frac{1}{2}",
        '⅓' => "\\frac{1}{3}",
        '⅔' => "\\frac{2}{3}",
        '¼' => "\\frac{1}{4}",
        '¾' => "\\frac{3}{4}",
        '€' => "\\euro ",
        '£' => "\\pounds ",
        '‘' or '’' or '′' => "'",
        '“' or '”' or '`' => "\"",
        '…' => "\\ldots ",
        '\t' or '\n' or '\r' or '\u00A0' or '\u2009' or '\u202F' or '\u2007' or '\u3000' => " ",
        '\u200B' or '\uFEFF' or '\u2061' or '\u2062' => "",
        _ => null,
    };
}
