using System.Collections.Frozen;

namespace Reasoning.Grading.Reading;

/// <summary>What the LaTeX commands and plain words of an answer stand for.</summary>
internal static class Commands
{
    /// <summary>Commands that change the look only.</summary>
    public static readonly FrozenSet<string> Ignored = FrozenSet.Create(StringComparer.Ordinal,
        "left", "right", "middle", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl", "Bigr", "biggl", "biggr", "Biggl", "Biggr",
        "displaystyle", "textstyle", "scriptstyle", "limits", "nolimits", "quad", "qquad", "thinspace", "medspace", "enspace", "strut",
        "mathstrut", "boxed", "fbox", "mathbf", "boldsymbol", "bm", "bf", "mathit", "mathsf", "mathtt", "mathnormal", "rm", "it", "left.",
        "underline", "ensuremath", "tiny", "small", "large", "Large", "huge", "Huge", "(", ")", "[", "]", "!", ",", ";", ":", " ", ">");

    /// <summary>Commands whose argument is words.</summary>
    public static readonly FrozenSet<string> TextLike = FrozenSet.Create(StringComparer.Ordinal,
        "text", "textbf", "textit", "textrm", "textsf", "texttt", "textnormal", "mbox", "hbox", "mathrm", "operatorname", "emph");

    /// <summary>Marks over a symbol; they make another symbol.</summary>
    public static readonly FrozenSet<string> Accents = FrozenSet.Create(StringComparer.Ordinal,
        "overline", "bar", "vec", "hat", "widehat", "tilde", "widetilde", "overrightarrow", "overleftrightarrow", "dot", "ddot",
        "mathcal", "mathscr");

    /// <summary>Commands and characters that stand for an operator, bracket, separator or structure.</summary>
    public static readonly FrozenDictionary<string, string> Symbols = Pairs(
        """
        times *  cdot *  ast *  div /  pm ±  mp ∓  le ≤  leq ≤  leqslant ≤  ge ≥  geq ≥  geqslant ≥  lt <  gt >  ne ≠  neq ≠
        approx ≈  simeq ≈  in ∈  cup ∪  setminus ∖  backslash ∖  % %  $ $  euro €  pounds £  degree °  circ °  { ⦃  } ⦄
        lbrace ⦃  rbrace ⦄  lvert |  rvert |  vert |  mid |  lor ,  land ,  colon :  emptyset ∅  varnothing ∅  frac frac
        dfrac frac  tfrac frac  cfrac frac  sqrt sqrt  binom binom  dbinom binom  tbinom binom  langle (  rangle )  choose choose  lfloor ⌊  rfloor ⌋  lceil ⌈  rceil ⌉  sum ∑  prod ∏  cap ∩  lbrack [  rbrack ]
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
        "lcm", "max", "min");

    /// <summary>Plain words that stand for a symbol.</summary>
    public static readonly FrozenDictionary<string, string> Words =
        Pairs("and ,  or ,  percent %  sqrt sqrt  degrees °  degree °", StringComparer.OrdinalIgnoreCase);

    // Alternating command and meaning.
    private static FrozenDictionary<string, string> Pairs(string table, StringComparer? comparer = null) =>
        table.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Chunk(2)
            .ToFrozenDictionary(pair => pair[0], pair => pair[1], comparer ?? StringComparer.Ordinal);
}
