using System.Collections.Frozen;
using System.Text;

namespace Reasoning.Grading.Reading;

/// <summary>Maps the many ways to type a character to one, and strips what only formats.</summary>
internal static class CharacterFold
{
    private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", Subscripts = "₀₁₂₃₄₅₆₇₈₉", Plain = "0123456789-+n";

    private static readonly FrozenDictionary<char, string> s_signs = Table("""
        −–—‐‑‒﹣ -  ×✕⨯ \times  ·⋅∙• \cdot  ÷ \div  ⁄∕ /  ≤⩽≦ \le  ≥⩾≧ \ge  ≠ \ne  ≈ \approx  ± \pm  ∓ \mp  ∞ \infty
        ∪ \cup  ∩ \cap  ∈ \in  ∅ \emptyset  ℝ \mathbb{R}  ℤ \mathbb{Z}  ℕ \mathbb{N}  ℚ \mathbb{Q}  ℂ \mathbb{C}  √ \sqrt  ∛ \sqrt[3]
        °º \degree  ℃ \degree\text{C}  ℉ \degree\text{F}  ½ \frac{1}{2}  ⅓ \frac{1}{3}  ⅔ \frac{2}{3}  ¼ \frac{1}{4}  ¾ \frac{3}{4}
        ⅕ \frac{1}{5}  ⅖ \frac{2}{5}  ⅗ \frac{3}{5}  ⅘ \frac{4}{5}  ⅙ \frac{1}{6}  ⅚ \frac{5}{6}  ⅛ \frac{1}{8}  ⅜ \frac{3}{8}
        ⅝ \frac{5}{8}  ⅞ \frac{7}{8}  ⅐ \frac{1}{7}  ⅑ \frac{1}{9}  ⅒ \frac{1}{10}  € \euro  £ \pounds  ¥￥ \yen  ₹ \rupee  ‘’′ '
        “”`„ "  … \ldots  ∠∡ \angle  △ \triangle  ∴∵ \therefore  。｡ .  、 ,  ∣｜ |  ≡ \equiv  → \to  ∖ \setminus  ∑ \sum
        ∏ \prod  ∫ \int  ⌊ \lfloor  ⌋ \rfloor  ⌈ \lceil  ⌉ \rceil  ⟨〈 \langle  ⟩〉 \rangle  ∀ \forall  ∼ ~  № #
        α \alpha  β \beta  γ \gamma  δ \delta  ε \epsilon  ζ \zeta  η \eta  θ \theta  κ \kappa  λ \lambda  μµ \mu  ν \nu  ξ \xi  π \pi
        ρ \rho  σ \sigma  τ \tau  φ \phi  χ \chi  ψ \psi  ω \omega  Γ \Gamma  Δ \Delta  Θ \Theta  Λ \Lambda  Σ \Sigma  Φ \Phi
        Ψ \Psi  Ω \Omega
        """);

    /// <summary>Folds Unicode look-alikes to ASCII or LaTeX commands, and drops Markdown emphasis.</summary>
    public static string Apply(string text)
    {
        if (Ascii.IsValid(text) && text.AsSpan().IndexOfAny("*`\t\r\n") < 0) return Noon(text.Trim());
        var folded = new StringBuilder(text.Length + 16);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            int power = c > 127 ? Superscripts.IndexOf(c, StringComparison.Ordinal) : -1;
            int index = c > 127 ? Subscripts.IndexOf(c, StringComparison.Ordinal) : -1;
            if (power >= 0 || index >= 0)
            {
                string script = power >= 0 ? Superscripts : Subscripts;
                bool continues = i > 0 && script.Contains(text[i - 1], StringComparison.Ordinal);
                if (continues && folded[^1] == '}') folded.Length--;
                else folded.Append(power >= 0 ? "^{" : "_{");
                folded.Append(Plain[Math.Max(power, index)]).Append('}');
            }
            else if (c == '*' && i + 1 < text.Length && text[i + 1] == '*' && !IsPowerOperator(text, i))
            {
                i++;
            }
            else if (s_signs.TryGetValue(c, out string? sign))
            {
                folded.Append(sign);
                if (sign.Length > 1 && char.IsAsciiLetter(sign[^1])) folded.Append(' ');
            }
            else if (c is >= '\uFF01' and <= '\uFF5E')
            {
                folded.Append((char)(c - 0xFEE0));
            }
            else if (c is '\t' or '\n' or '\r' || (c > 127 && char.IsWhiteSpace(c)))
            {
                folded.Append(' ');
            }
            else if (c is not ('\u200B' or '\u200C' or '\u200D' or '\uFEFF' or '\u2061' or '\u2062' or '\u2063' or '\u00AD'))
            {
                folded.Append(c);
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

    // Alternating characters and what they become.
    private static FrozenDictionary<char, string> Table(string table) => table.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Chunk(2)
        .SelectMany(pair => pair[0], (pair, c) => (c, pair[1])).ToFrozenDictionary(pair => pair.c, pair => pair.Item2);
}
