using System.Text;

namespace Reasoning.Grading.Algebra;

/// <summary>
/// A product of atoms with rational, possibly negative exponents, sorted by key. Exponents of reducible atoms lie in [0, cap); what is
/// beyond has gone into a coefficient or a factor.
/// </summary>
internal sealed class Monomial
{
    private readonly (Atom Atom, Rational Exponent)[] _factors;

    public Monomial((Atom Atom, Rational Exponent)[] sortedFactors)
    {
        _factors = sortedFactors;
        Key = MakeKey(sortedFactors);
    }

    public static Monomial One { get; } = new([]);

    public string Key { get; }

    public ReadOnlySpan<(Atom Atom, Rational Exponent)> Factors => _factors;

    public bool IsOne => _factors.Length == 0;

    /// <summary>Whether every atom has one known value.</summary>
    public bool IsConstant => Array.TrueForAll(_factors, factor => factor.Atom.IsConstant);

    /// <summary>Whether an atom may obey identities that polynomial arithmetic does not see.</summary>
    public bool IsStructured => Array.Exists(_factors, factor => factor.Atom.IsStructured);

    /// <summary>
    /// The product of two monomials = <c>Coefficient</c> × <c>Monomial</c> × each of <c>Expand</c>, where the last are the polynomials
    /// whose roots have met to a whole power.
    /// </summary>
    public static (Rational Coefficient, Monomial Monomial, List<Polynomial>? Expand) Multiply(Monomial a, Monomial b)
    {
        if (a.IsOne) return (Rational.One, b, null);
        if (b.IsOne) return (Rational.One, a, null);
        Rational coefficient = Rational.One;
        List<Polynomial>? expand = null;
        var factors = new List<(Atom, Rational)>(a._factors.Length + b._factors.Length);
        int i = 0, j = 0;
        while (i < a._factors.Length || j < b._factors.Length)
        {
            int order = i == a._factors.Length ? 1 : j == b._factors.Length ? -1
                : string.CompareOrdinal(a._factors[i].Atom.Key, b._factors[j].Atom.Key);
            if (order != 0)
            {
                factors.Add(order < 0 ? a._factors[i++] : b._factors[j++]);
                continue;
            }
            Atom atom = a._factors[i].Atom;
            Rational exponent = a._factors[i++].Exponent + b._factors[j++].Exponent;
            if (atom.IsReducible && exponent.Numerator >= exponent.Denominator * atom.Cap)
            {
                exponent -= new Rational(atom.Cap);
                if (atom.Reduction!.Constant is { } factor) coefficient *= factor;
                else (expand ??= []).Add(atom.Reduction);
            }
            if (!exponent.IsZero) factors.Add((atom, exponent));
        }
        return (coefficient, new Monomial([.. factors]), expand);
    }

    private static string MakeKey((Atom Atom, Rational Exponent)[] factors)
    {
        if (factors.Length == 0) return "";
        if (factors.Length == 1 && factors[0].Exponent.IsOne) return factors[0].Atom.Key;
        var key = new StringBuilder();
        foreach ((Atom atom, Rational exponent) in factors)
        {
            if (key.Length > 0) key.Append('·');
            key.Append(atom.Key);
            if (!exponent.IsOne) key.Append("^[").Append(exponent).Append(']');
        }
        return key.ToString();
    }
}
