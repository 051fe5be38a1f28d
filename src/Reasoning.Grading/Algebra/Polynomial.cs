using System.Text;

namespace Reasoning.Grading.Algebra;

/// <summary>A sum of monomials with exact nonzero coefficients, sorted by key: equal polynomials have equal keys.</summary>
internal sealed class Polynomial
{
    private readonly (Monomial Monomial, Rational Coefficient)[] _terms;
    private string? _key;

    private Polynomial((Monomial, Rational)[] sortedTerms) => _terms = sortedTerms;

    public static Polynomial Zero { get; } = new([]);

    public static Polynomial One { get; } = Of(Rational.One, Monomial.One);

    public ReadOnlySpan<(Monomial Monomial, Rational Coefficient)> Terms => _terms;

    public bool IsZero => _terms.Length == 0;

    public bool IsOne => _terms.Length == 1 && _terms[0].Monomial.IsOne && _terms[0].Coefficient.IsOne;

    public string Key => _key ??= MakeKey();

    /// <summary>Whether every atom has one known value.</summary>
    public bool IsConstant => Array.TrueForAll(_terms, term => term.Monomial.IsConstant);

    /// <summary>Whether an atom may obey identities that polynomial arithmetic does not see.</summary>
    public bool IsStructured => Array.Exists(_terms, term => term.Monomial.IsStructured);

    public static Polynomial Of(Rational coefficient, Monomial monomial) => coefficient.IsZero ? Zero : new([(monomial, coefficient)]);

    public static Polynomial OneMinus(Monomial monomial) => new([(Monomial.One, Rational.One), (monomial, -Rational.One)]);

    /// <summary>The value if there is no monomial but 1, else null.</summary>
    public Rational? Constant => IsZero ? Rational.Zero : _terms.Length == 1 && _terms[0].Monomial.IsOne ? _terms[0].Coefficient : null;

    public Polynomial Scale(Rational factor)
    {
        if (factor.IsZero) return Zero;
        if (factor.IsOne) return this;
        var terms = new (Monomial, Rational)[_terms.Length];
        for (int i = 0; i < terms.Length; i++) terms[i] = (_terms[i].Monomial, _terms[i].Coefficient * factor);
        return new Polynomial(terms);
    }

    public static Polynomial? Add(Polynomial a, Polynomial b, Budget budget)
    {
        if (!budget.Spend(a._terms.Length + b._terms.Length)) return null;
        var terms = new List<(Monomial, Rational)>(a._terms.Length + b._terms.Length);
        int i = 0, j = 0;
        while (i < a._terms.Length || j < b._terms.Length)
        {
            int order = i == a._terms.Length ? 1 : j == b._terms.Length ? -1
                : string.CompareOrdinal(a._terms[i].Monomial.Key, b._terms[j].Monomial.Key);
            if (order != 0)
            {
                terms.Add(order < 0 ? a._terms[i++] : b._terms[j++]);
                continue;
            }
            if (!budget.Spend(a._terms[i].Coefficient.Words + b._terms[j].Coefficient.Words)) return null;
            Rational sum = a._terms[i].Coefficient + b._terms[j++].Coefficient;
            if (!sum.IsZero) terms.Add((a._terms[i].Monomial, sum));
            i++;
        }
        return new Polynomial([.. terms]);
    }

    public static Polynomial? Multiply(Polynomial a, Polynomial b, Budget budget)
    {
        if (a.IsOne) return b;
        if (b.IsOne) return a;
        var sums = new Dictionary<string, (Monomial Monomial, Rational Coefficient)>(StringComparer.Ordinal);
        Polynomial expanded = Zero;
        foreach ((Monomial left, Rational x) in a._terms)
        {
            foreach ((Monomial right, Rational y) in b._terms)
            {
                if (!budget.Spend(6 + (2 * x.Words * y.Words) + (2 * (left.Factors.Length + right.Factors.Length)))) return null;
                (Rational factor, Monomial monomial, List<Polynomial>? expand) = Monomial.Multiply(left, right);
                Rational coefficient = x * y * factor;
                if (expand is not null)
                {
                    Polynomial? product = Of(coefficient, monomial);
                    foreach (Polynomial polynomial in expand)
                    {
                        product = Multiply(product, polynomial, budget);
                        if (product is null) return null;
                    }
                    Polynomial? sum = Add(expanded, product, budget);
                    if (sum is null) return null;
                    expanded = sum;
                }
                else
                {
                    sums[monomial.Key] = sums.TryGetValue(monomial.Key, out (Monomial Monomial, Rational Coefficient) old)
                        ? (old.Monomial, old.Coefficient + coefficient)
                        : (monomial, coefficient);
                }
            }
        }
        (Monomial, Rational)[] terms =
            [.. sums.Values.Where(term => !term.Coefficient.IsZero).OrderBy(term => term.Monomial.Key, StringComparer.Ordinal)];
        return expanded.IsZero ? new Polynomial(terms) : Add(new Polynomial(terms), expanded, budget);
    }

    public static Polynomial? Power(Polynomial value, int exponent, Budget budget)
    {
        Polynomial? result = One;
        for (int i = 0; i < exponent && result is not null; i++) result = Multiply(result, value, budget);
        return result;
    }

    private string MakeKey()
    {
        if (IsZero) return "0";
        var key = new StringBuilder();
        foreach ((Monomial monomial, Rational coefficient) in _terms)
        {
            if (key.Length > 0 && coefficient.Sign > 0) key.Append('+');
            if (monomial.IsOne) key.Append(coefficient);
            else if (coefficient.IsOne) key.Append(monomial.Key);
            else key.Append(coefficient).Append('*').Append(monomial.Key);
        }
        return key.ToString();
    }
}
