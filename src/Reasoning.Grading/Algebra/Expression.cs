using System.Numerics;
using Reasoning.Grading.Rules;

namespace Reasoning.Grading.Algebra;

/// <summary>
/// An exact algebraic expression as numerator / denominator. Equality is decided by cross-multiplication in the polynomial ring of the
/// atoms: what it calls equal is equal wherever both sides are defined. Identities between atoms (double angles, nested roots) are left
/// to <see cref="NumericAgreement"/>.
/// </summary>
internal sealed class Expression
{
    private const int MaxPowerBits = 20_000;
    private const int MaxTrialDivisor = 1_000;
    private const int MaxExpandedPower = 64;

    private string? _key;

    private Expression(Polynomial numerator, Polynomial denominator)
    {
        Numerator = numerator;
        Denominator = denominator;
    }

    public Polynomial Numerator { get; }

    /// <summary>One, or a polynomial of two terms at least whose first coefficient is one.</summary>
    public Polynomial Denominator { get; }

    /// <summary>Equal keys mean equal expressions; different keys need <see cref="AreEqual"/>.</summary>
    public string Key => _key ??= Denominator.IsOne ? Numerator.Key : $"({Numerator.Key})/({Denominator.Key})";

    /// <summary>Whether it has one value, known up to any precision.</summary>
    public bool IsConstant => Numerator.IsConstant && Denominator.IsConstant;

    /// <summary>Whether identities are possible that polynomial arithmetic does not see.</summary>
    public bool IsStructured => Numerator.IsStructured || Denominator.IsStructured;

    public Rational? Constant => Denominator.IsOne ? Numerator.Constant : null;

    public static Expression Of(Rational value) => new(Polynomial.Of(value, Monomial.One), Polynomial.One);

    public static Expression Of(Polynomial value) => new(value, Polynomial.One);

    public static Expression Symbol(string key) => OfAtom(Atom.Symbol(key), Rational.One);

    public static Expression Of(Atom atom) => OfAtom(atom, Rational.One);

    public static bool AreEqual(Expression a, Expression b, Budget budget)
    {
        if (string.Equals(a.Key, b.Key, StringComparison.Ordinal)) return true;
        if (!a.Denominator.IsOne || !b.Denominator.IsOne)
        {
            Polynomial? left = Polynomial.Multiply(a.Numerator, b.Denominator, budget);
            Polynomial? right = Polynomial.Multiply(b.Numerator, a.Denominator, budget);
            if (left is null || right is null) return false;
            if (string.Equals(left.Key, right.Key, StringComparison.Ordinal))
            {
                budget.Note(Rulebook.Algebra);
                return true;
            }
        }
        // Without such atoms the polynomials are a normal form, and the answer is final.
        if (!(a.IsStructured || b.IsStructured) || !NumericAgreement.Decide(a, b, budget)) return false;
        budget.Note(Rulebook.Numeric);
        return true;
    }

    public static Expression? Add(Expression a, Expression b, Budget budget)
    {
        if (string.Equals(a.Denominator.Key, b.Denominator.Key, StringComparison.Ordinal))
            return Make(Polynomial.Add(a.Numerator, b.Numerator, budget), a.Denominator);
        Polynomial? left = Polynomial.Multiply(a.Numerator, b.Denominator, budget);
        Polynomial? right = Polynomial.Multiply(b.Numerator, a.Denominator, budget);
        if (left is null || right is null) return null;
        return Make(Polynomial.Add(left, right, budget), Polynomial.Multiply(a.Denominator, b.Denominator, budget));
    }

    public static Expression? Multiply(Expression a, Expression b, Budget budget) =>
        Make(Polynomial.Multiply(a.Numerator, b.Numerator, budget), Polynomial.Multiply(a.Denominator, b.Denominator, budget));

    public Expression Negate() => new(Numerator.Scale(-Rational.One), Denominator);

    public Expression Scale(Rational factor) => new(Numerator.Scale(factor), Denominator);

    /// <summary>1 / this; null when this is zero.</summary>
    public Expression? Inverse(Budget budget)
    {
        if (Numerator.IsZero) return null;
        if (Numerator.Terms.Length > 1) return Make(Denominator, Numerator);
        (Monomial monomial, Rational coefficient) = Numerator.Terms[0];
        Polynomial? denominator = Polynomial.One;
        Rational scale = coefficient.Inverse();
        var factors = new List<(Atom, Rational)>();
        foreach ((Atom atom, Rational exponent) in monomial.Factors)
        {
            // A root r^e below its cap c has the inverse r^(c−e) / r^c.
            factors.Add((atom, atom.IsReducible ? new Rational(atom.Cap) - exponent : -exponent));
            if (atom.Reduction?.Constant is { } value) scale *= value.Inverse();
            else if (atom.Reduction is { } reduction) denominator = Polynomial.Multiply(denominator, reduction, budget);
            if (denominator is null) return null;
        }
        return Make(Polynomial.Multiply(Denominator, Polynomial.Of(scale, new Monomial([.. factors])), budget), denominator);
    }

    /// <summary>This to the power of <paramref name="exponent"/>; null when undefined, or too large for the budget.</summary>
    public Expression? Power(Expression exponent, Budget budget)
    {
        if (exponent.Constant is not { } power) return Numerator.IsZero ? null : SymbolicPower.Of(this, exponent, budget);
        if (power.IsInteger) return IntegerPower(power.Numerator, budget);
        if (Numerator.IsZero) return power.Sign > 0 ? this : null;
        return RationalPower(power, budget);
    }

    private Expression? IntegerPower(BigInteger exponent, Budget budget)
    {
        if (Numerator.IsZero && exponent.Sign <= 0) return null;
        if (Constant is { } number)
        {
            if (number.IsZero || number.IsOne) return exponent.IsZero ? Of(Rational.One) : this;
            BigInteger bits = BigInteger.Abs(exponent) * (number.Numerator.GetBitLength() + number.Denominator.GetBitLength());
            if (bits > MaxPowerBits || !budget.Spend(1 + (int)(bits / 16)))
            {
                budget.Exhaust();
                return null;
            }
            return Of(number.Power((int)exponent));
        }
        if (Denominator.IsOne && Numerator.Terms.Length == 1) return MonomialPower(exponent, budget);
        if (BigInteger.Abs(exponent) > MaxExpandedPower)
        {
            budget.Exhaust();
            return null;
        }
        int times = (int)BigInteger.Abs(exponent);
        Expression? power = Make(Polynomial.Power(Numerator, times, budget), Polynomial.Power(Denominator, times, budget));
        return exponent.Sign < 0 ? power?.Inverse(budget) : power;
    }

    /// <summary>
    /// Principal roots. Positive rational content is split into primes; a lone symbol takes the exponent (its own exponent must be at
    /// most 1, because √(x²) is not x); any other radicand becomes one atom.
    /// </summary>
    private Expression? RationalPower(Rational power, Budget budget)
    {
        if (Split(budget) is var (over, under))
        {
            budget.Note(Rulebook.Roots);
            return over.RationalPower(power, budget) is { } top && under.RationalPower(power, budget)?.Inverse(budget) is { } bottom ? Multiply(top, bottom, budget) : null;
        }
        if (!Denominator.IsOne) return OfAtom(Atom.Value("^", $"({Key})^({power})", this, Of(power)), Rational.One);
        if (Numerator.Constant is { Sign: > 0 } number) return NumberPower(number, power, budget);
        if (Numerator.Constant is { Sign: < 0 } negative && power.Denominator == 2)
        {
            // √−3 = i√3
            Expression? real = NumberPower(-negative, power, budget);
            Expression? unit = OfAtom(Atom.ImaginaryUnit, Rational.One).IntegerPower(power.Numerator, budget);
            return real is null || unit is null ? null : Multiply(real, unit, budget);
        }

        Rational content = Content(Numerator);
        Polynomial primitive = Numerator.Scale(content.Inverse());
        Expression? outer = NumberPower(content, power, budget);
        if (outer is null) return null;
        if (primitive.Terms.Length == 1 && primitive.Terms[0].Coefficient.IsOne && primitive.Terms[0].Monomial.Factors.Length == 1)
        {
            (Atom atom, Rational exponent) = primitive.Terms[0].Monomial.Factors[0];
            if (exponent.Sign > 0 && exponent.Numerator <= exponent.Denominator && !atom.IsReducible)
                return Multiply(outer, OfAtom(atom, exponent * power), budget);
        }
        BigInteger whole = power.Floor();
        Expression root = OfAtom(Atom.Root(primitive), power - new Rational(whole));
        Expression? rest = Of(primitive).IntegerPower(whole, budget);
        Expression? inner = rest is null ? null : Multiply(rest, root, budget);
        return inner is null ? null : Multiply(outer, inner, budget);
    }

    // √(u/v) = √u/√v: where symbols make u/v positive, both are the same real number. Null for what has no symbol below the line.
    private (Expression Over, Expression Under)? Split(Budget budget)
    {
        if (!Denominator.IsOne)
        {
            Rational sign = new(Denominator.Terms[^1].Coefficient.Sign);
            return Denominator.IsConstant ? null : (Of(Numerator.Scale(sign)), Of(Denominator.Scale(sign)));
        }
        var under = new SortedDictionary<string, (Atom Atom, Rational Exponent)>(StringComparer.Ordinal);
        foreach ((Monomial monomial, _) in Numerator.Terms)
        {
            foreach ((Atom atom, Rational exponent) in monomial.Factors)
            {
                bool isLower = exponent.Sign < 0 && !(under.TryGetValue(atom.Key, out (Atom, Rational Exponent) least) && (exponent + least.Exponent).Sign >= 0);
                if (isLower && !atom.IsConstant) under[atom.Key] = (atom, -exponent);
            }
        }
        if (under.Count == 0) return null;
        Expression below = Of(Polynomial.Of(Rational.One, new Monomial([.. under.Values])));
        return Multiply(this, below, budget) is { } above && above.Denominator.IsOne ? (above, below) : null;
    }

    /// <summary>(c·a·b)^n = cⁿ·aⁿ·bⁿ; of a reducible atom what exceeds its cap is multiplied out.</summary>
    private Expression? MonomialPower(BigInteger exponent, Budget budget)
    {
        (Monomial monomial, Rational coefficient) = Numerator.Terms[0];
        Expression? result = Of(coefficient).IntegerPower(exponent, budget);
        if (exponent.IsZero || result is null || !budget.Spend((int)(exponent.GetBitLength() / 8) + 1)) return result;
        var factors = new List<(Atom, Rational)>();
        foreach ((Atom atom, Rational old) in monomial.Factors)
        {
            Rational total = old * new Rational(exponent);
            if (atom.IsReducible)
            {
                BigInteger times = (total * Rational.Of(1, atom.Cap)).Floor();
                total -= new Rational(times * atom.Cap);
                Expression? whole = Of(atom.Reduction!).IntegerPower(times, budget);
                result = whole is null || result is null ? null : Multiply(result, whole, budget);
            }
            if (!total.IsZero) factors.Add((atom, total));
        }
        return result is null ? null : Multiply(result, Of(Polynomial.Of(Rational.One, new Monomial([.. factors]))), budget);
    }

    public static Expression? NumberPower(Rational number, Rational power, Budget budget)
    {
        Expression? result = Of(Rational.One);
        foreach ((BigInteger integer, int side) in ((BigInteger, int)[])[(number.Numerator, 1), (number.Denominator, -1)])
        {
            foreach ((BigInteger prime, int count) in Factor(integer, budget))
            {
                Rational exponent = power * new Rational(side * count);
                BigInteger whole = exponent.Floor();
                Expression? outside = Of(new Rational(prime)).IntegerPower(whole, budget);
                Rational rest = exponent - new Rational(whole);
                if (outside is null || result is null) return null;
                if (!rest.IsZero) outside = Multiply(outside, OfAtom(Atom.Root(prime), rest), budget);
                if (outside is null) return null;
                result = Multiply(result, outside, budget);
            }
        }
        return budget.IsSpent ? null : result;
    }

    /// <summary>Whether a symbol occurs in it.</summary>
    public bool Mentions(string symbol)
    {
        foreach (Polynomial side in (ReadOnlySpan<Polynomial>)[Numerator, Denominator])
        {
            foreach ((Monomial monomial, _) in side.Terms)
            {
                foreach ((Atom atom, _) in monomial.Factors)
                {
                    if (Mentions(atom, symbol)) return true;
                }
            }
        }
        return false;
    }

    /// <summary>This with an expression in place of a symbol; null where that is undefined or too large.</summary>
    public Expression? Substitute(string symbol, Expression value, Budget budget)
    {
        if (!Mentions(symbol)) return this;
        Expression? top = Substitute(Numerator, symbol, value, budget), bottom = Substitute(Denominator, symbol, value, budget)?.Inverse(budget);
        return top is null || bottom is null ? null : Multiply(top, bottom, budget);
    }

    private static bool Mentions(Atom atom, string symbol) => atom.Function is not null
        ? Array.Exists(atom.Arguments, argument => argument.Mentions(symbol))
        : atom.Base is { } radicand ? Of(radicand).Mentions(symbol) : atom.Prime is null && atom.Key == symbol;

    private static Expression? Substitute(Polynomial polynomial, string symbol, Expression value, Budget budget)
    {
        Expression? sum = Of(Rational.Zero);
        foreach ((Monomial monomial, Rational coefficient) in polynomial.Terms)
        {
            Expression? product = Of(coefficient);
            foreach ((Atom atom, Rational exponent) in monomial.Factors)
            {
                Expression? factor = Mentions(atom, symbol) ? Substitute(atom, symbol, value, budget)?.Power(Of(exponent), budget) : OfAtom(atom, exponent);
                product = product is null || factor is null ? null : Multiply(product, factor, budget);
            }
            sum = sum is null || product is null ? null : Add(sum, product, budget);
        }
        return sum;
    }

    private static Expression? Substitute(Atom atom, string symbol, Expression value, Budget budget)
    {
        if (atom.Base is { } radicand) return Substitute(radicand, symbol, value, budget);
        if (atom.Function is not { } function) return value;
        var arguments = new Expression[atom.Arguments.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            if (atom.Arguments[i].Substitute(symbol, value, budget) is not { } argument) return null;
            arguments[i] = argument;
        }
        return function switch
        {
            "^" => arguments[0].Power(arguments[1], budget),
            "binom" => Functions.Binomial(arguments[0], arguments[1], budget),
            "!" => Of(Atom.Value("!", $"({arguments[0].Key})!", arguments[0])),
            _ => Functions.Apply(function, arguments, budget),
        };
    }

    // A cofactor without small divisors may be composite: its root is then not in lowest form, which can hide an equality, never make one.
    public static List<(BigInteger Prime, int Count)> Factor(BigInteger value, Budget budget)
    {
        var factors = new List<(BigInteger, int)>();
        for (int divisor = 2; divisor <= MaxTrialDivisor && (BigInteger)divisor * divisor <= value; divisor++)
        {
            int count = 0;
            while (value % divisor == 0)
            {
                value /= divisor;
                count++;
                if (value.GetBitLength() > 64 && !budget.Spend((int)(value.GetBitLength() / 256) + 1)) return factors;
            }
            if (count > 0) factors.Add((divisor, count));
            if ((divisor & 15) == 0 && !budget.Spend((int)(value.GetBitLength() / 32) + 1)) return factors;
        }
        if (!value.IsOne) factors.Add((value, 1));
        return factors;
    }

    /// <summary>The positive rational that makes the coefficients coprime integers.</summary>
    public static Rational Content(Polynomial polynomial)
    {
        BigInteger numerator = 0, denominator = 1;
        foreach ((_, Rational coefficient) in polynomial.Terms)
        {
            numerator = BigInteger.GreatestCommonDivisor(numerator, coefficient.Numerator);
            denominator = denominator / BigInteger.GreatestCommonDivisor(denominator, coefficient.Denominator) * coefficient.Denominator;
        }
        return Rational.Of(numerator, denominator);
    }

    public static Expression OfAtom(Atom atom, Rational exponent) =>
        new(Polynomial.Of(Rational.One, new Monomial([(atom, exponent)])), Polynomial.One);

    private static Expression? Make(Polynomial? numerator, Polynomial? denominator)
    {
        if (numerator is null || denominator is null || denominator.IsZero) return null;
        if (denominator.IsOne || numerator.IsZero) return new(numerator, Polynomial.One);
        Rational leading = denominator.Terms[0].Coefficient;
        if (denominator.Terms.Length == 1 && denominator.Terms[0].Monomial.IsOne) return new(numerator.Scale(leading.Inverse()), Polynomial.One);
        return new(numerator.Scale(leading.Inverse()), denominator.Scale(leading.Inverse()));
    }
}
