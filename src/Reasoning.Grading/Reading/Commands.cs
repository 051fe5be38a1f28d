using System.Collections.Frozen;

namespace Reasoning.Grading.Reading;

/// <summary>What the LaTeX commands and plain words of an answer stand for.</summary>
internal static class Commands
{
    /// <summary>Marks over a symbol, and alphabets; they make another symbol.</summary>
    public static readonly FrozenSet<string> Accents = FrozenSet.Create(StringComparer.Ordinal,
        "overline", "bar", "vec", "hat", "widehat", "tilde", "widetilde", "overrightarrow", "overleftrightarrow", "dot", "ddot", "check",
        "breve", "acute", "grave", "overparen", "wideparen", "mathcal", "mathscr", "mathfrak", "mathbb", "Bbb");

    /// <summary>Signs before the letters of a figure; together they are one name.</summary>
    public static readonly FrozenSet<string> Figures = FrozenSet.Create(StringComparer.Ordinal,
        "angle", "measuredangle", "sphericalangle", "triangle", "odot", "parallelogram", "arc");

    /// <summary>Commands and characters that stand for an operator, bracket, separator or structure.</summary>
    public static readonly FrozenDictionary<string, string> Symbols = Pairs(
        """
        times *  cdot *  ast *  div /  pm ±  mp ∓  le ≤  leq ≤  leqslant ≤  leqq ≤  ge ≥  geq ≥  geqslant ≥  geqq ≥  lt <  gt >  ne ≠  neq ≠
        approx ≈  simeq ≈  thickapprox ≈  doteq ≈  in ∈  cup ∪  setminus ∖  backslash ∖  % %  $ $  euro €  pounds £  yen ¥  rupee ₹
        degree °  circ °  { ⦃  } ⦄
        lbrace ⦃  rbrace ⦄  lvert |  rvert |  vert |  mid |  lor ,  vee ,  land ,  wedge ,  colon :  emptyset ∅  varnothing ∅  frac frac
        dfrac frac  tfrac frac  cfrac frac  nicefrac frac  sfrac frac  xfrac frac  flatfrac frac  sqrt sqrt  binom binom  dbinom binom
        tbinom binom  langle (  rangle )  choose choose  over over  lfloor ⌊  rfloor ⌋  lceil ⌈  rceil ⌉  sum ∑  prod ∏  cap ∩  lbrack [
        rbrack ]  lparen (  rparen )  ldots …  dots …  cdots …  dotsc …  dotsb …
        """);

    /// <summary>Commands that are symbols of their own.</summary>
    public static readonly FrozenDictionary<string, string> Names = new[]
        {
            "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "rho",
            "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Phi",
            "Psi", "Omega", "ell",
        }.Select(name => (name, key: "\\" + name))
        .Concat([("pi", "π"), ("infty", "∞"), ("varepsilon", "\\epsilon"), ("varphi", "\\phi"), ("vartheta", "\\theta")])
        .ToFrozenDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.Ordinal);

    /// <summary>Names of functions, as commands or plain words.</summary>
    public static readonly FrozenSet<string> Functions = FrozenSet.Create(StringComparer.Ordinal,
        "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "log", "ln", "lg", "exp", "gcd",
        "lcm", "max", "min", "det");

    /// <summary>Plain words that stand for a symbol.</summary>
    public static readonly FrozenDictionary<string, string> Words =
        Pairs("percent %  pct %  sqrt sqrt  pi π  inf ∞  infinity ∞  oo ∞", StringComparer.OrdinalIgnoreCase);

    /// <summary>Words of a sentence, though short enough for a product of symbols.</summary>
    public static readonly FrozenSet<string> OfSentences = FrozenSet.Create(StringComparer.Ordinal,
        "more", "less", "most", "not", "only", "the", "for", "any", "all", "none", "each", "than", "when", "such", "that", "then", "with", "at", "is",
        "are", "if", "no", "to", "of", "by", "on", "but", "does", "did", "do", "can", "has", "have", "was", "be", "it", "its", "this", "some", "both", "over", "up", "mod",
        "yes", "else", "also", "very", "true", "per", "from", "base", "even", "odd", "zero", "left", "last", "next", "away", "and", "or", "as",
        "we", "get", "so", "too", "out", "off", "your", "our", "his", "her", "they", "who", "how", "why", "what", "way", "add", "sum", "square", "sq", "cubic", "cu");

    /// <summary>Whether a command of this name is known.</summary>
    public static bool IsKnown(string name) => Symbols.ContainsKey(name) || Names.ContainsKey(name) || Functions.Contains(name)
        || Accents.Contains(name) || Figures.Contains(name) || Layout.Commands.ContainsKey(name) || name is "begin" or "end";

    // Alternating command and meaning.
    private static FrozenDictionary<string, string> Pairs(string table, StringComparer? comparer = null) =>
        table.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Chunk(2)
            .ToFrozenDictionary(pair => pair[0], pair => pair[1], comparer ?? StringComparer.Ordinal);
}
