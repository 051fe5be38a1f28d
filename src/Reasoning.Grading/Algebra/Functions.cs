using System.Numerics;

namespace Reasoning.Grading.Algebra;

/// <summary>
/// Values of named functions in a normal form that makes many identities polynomial: the trigonometric functions as sine and cosine,
/// the hyperbolic ones as powers of e, logarithms of numbers as sums over primes.
/// </summary>
internal static class Functions
{
    private static readonly Expression s_one = Expression.Of(Rational.One);

    /// <summary>The value, or null where it is undefined or not known to be defined.</summary>
    public static Expression? Apply(string name, Expression[] arguments, Budget budget)
    {
        if (!budget.Spend(4)) return null;
        if (arguments.Length != 1) return OfSeveral(name, arguments, budget);
        Expression x = arguments[0];
        if (name is "asin" or "acos" or "atan") name = "arc" + name[1..];
        switch (name)
        {
            case "sin":
                return x.Numerator.IsZero ? x : IsNegative(x) ? Expression.Of(Atom.Sine(x.Negate())).Negate() : Expression.Of(Atom.Sine(x));
            case "cos":
                if (x.Numerator.IsZero) return s_one;
                if (IsNegative(x)) x = x.Negate();
                return Expression.Of(Atom.Value("cos", $"cos({x.Key})", x));
            case "tan":
                return Quotient("sin", "cos", x, budget);
            case "cot":
                return Quotient("cos", "sin", x, budget);
            case "sec":
                return Apply("cos", arguments, budget)?.Inverse(budget);
            case "csc":
                return Apply("sin", arguments, budget)?.Inverse(budget);
            case "arcsin" or "arctan":
                if (x.Numerator.IsZero) return x;
                return IsNegative(x) ? Opaque(name, x.Negate()).Negate() : Opaque(name, x);
            case "exp":
                return Expression.Symbol("e").Power(x, budget);
            case "sinh" or "cosh" or "tanh":
                return Hyperbolic(name, x, budget);
            case "ln":
                return Logarithm(x, budget);
            case "log" or "lg":
                return Divide(Logarithm(x, budget), Logarithm(Expression.Of(new Rational(10)), budget), budget);
            case "abs":
                return Absolute(x, budget);
            case "floor":
                return x.Constant is { } low ? Expression.Of(new Rational(low.Floor())) : Opaque(name, x);
            case "ceil":
                return x.Constant is { } high ? Expression.Of(new Rational(-(-high).Floor())) : Opaque(name, x);
            default:
                return Opaque(name, x);
        }
    }

    /// <summary>log of x to a base.</summary>
    public static Expression? Logarithm(Expression x, Expression @base, Budget budget) =>
        Divide(Logarithm(x, budget), Logarithm(@base, budget), budget);

    /// <summary>n over k; a polynomial in n for a small number k.</summary>
    public static Expression? Binomial(Expression n, Expression k, Budget budget)
    {
        const int MaxLower = 24;
        if (k.Constant is not { IsInteger: true, Sign: >= 0 } lower || lower.Numerator > 400 || (n.Constant is null && lower.Numerator > MaxLower))
            return Opaque("binom", n, k);
        if (n.Constant is { } number && (!number.IsInteger || number.Sign < 0 || number.Numerator > 400)) return null;
        Expression? value = s_one;
        for (int i = 0; i < (int)lower.Numerator && value is not null; i++)
        {
            Expression? next = Expression.Add(n, Expression.Of(new Rational(-i)), budget);
            value = next is null ? null : Expression.Multiply(value, next, budget)?.Scale(Rational.Of(1, i + 1));
        }
        return value;
    }

    private static Expression? OfSeveral(string name, Expression[] arguments, Budget budget)
    {
        bool areIntegers = Array.TrueForAll(arguments, argument => argument.Constant is { IsInteger: true });
        bool areNumbers = Array.TrueForAll(arguments, argument => argument.Constant is not null);
        if (arguments.Length == 0 || !budget.Spend(arguments.Length)) return null;
        if (name is "gcd" or "lcm" && areIntegers)
        {
            BigInteger value = BigInteger.Abs(arguments[0].Constant!.Value.Numerator);
            foreach (Expression argument in arguments.AsSpan(1))
            {
                BigInteger next = BigInteger.Abs(argument.Constant!.Value.Numerator);
                BigInteger divisor = BigInteger.GreatestCommonDivisor(value, next);
                value = name == "gcd" ? divisor : divisor.IsZero ? 0 : value / divisor * next;
                if (!budget.Spend(1 + (int)(value.GetBitLength() / 64))) return null;
            }
            return Expression.Of(new Rational(value));
        }
        if (name is "max" or "min" && areNumbers)
        {
            Expression best = arguments[0];
            foreach (Expression argument in arguments)
            {
                int order = (argument.Constant!.Value - best.Constant!.Value).Sign;
                if (name == "max" ? order > 0 : order < 0) best = argument;
            }
            return best;
        }
        return Opaque(name, arguments);
    }

    private static Expression? Logarithm(Expression x, Budget budget)
    {
        if (!x.Denominator.IsOne || x.Numerator.Terms.Length != 1) return x.Numerator.IsZero ? null : Opaque("ln", x);
        (Monomial monomial, Rational coefficient) = x.Numerator.Terms[0];
        if (coefficient.Sign < 0) return monomial.IsOne ? null : Opaque("ln", x);
        Expression? sum = Expression.Of(Rational.Zero);
        foreach ((BigInteger value, int side) in new[] { (coefficient.Numerator, 1), (coefficient.Denominator, -1) })
        {
            foreach ((BigInteger prime, int count) in Expression.Factor(value, budget))
                Add(Opaque("ln", Expression.Of(new Rational(prime))), new Rational(count * side));
        }
        var rest = new List<(Atom, Rational)>();
        foreach ((Atom atom, Rational exponent) in monomial.Factors)
        {
            if (atom.Key == "e") Add(s_one, exponent);
            else if (atom.Prime is { } prime) Add(Opaque("ln", Expression.Of(new Rational(prime))), exponent);
            else if (atom.Function == "^" && atom.Arguments[0].Key == "e" && !atom.Arguments[1].Key.Contains('i', StringComparison.Ordinal))
                Add(atom.Arguments[1], exponent);
            else rest.Add((atom, exponent));
        }
        if (rest is [(Atom lone, { Numerator.IsOne: true } root)] && !lone.IsReducible)
            Add(Opaque("ln", Expression.Of(lone)), root);
        else if (rest.Count > 0)
            Add(Opaque("ln", Expression.Of(Polynomial.Of(Rational.One, new Monomial([.. rest])))), Rational.One);
        return budget.IsSpent ? null : sum;

        void Add(Expression term, Rational factor) => sum = sum is null ? null : Expression.Add(sum, term.Scale(factor), budget);
    }

    private static Expression? Absolute(Expression x, Budget budget)
    {
        if (x.Constant is { } number) return number.Sign < 0 ? x.Negate() : x;
        if (x.IsConstant && x.Denominator.IsOne && SplitComplex(x.Numerator, budget) is { } parts)
        {
            if (parts.Imaginary.IsZero) return NumericAgreement.Sign(x, budget) switch { > 0 => x, < 0 => x.Negate(), _ => Opaque("abs", x) };
            Polynomial? re = Polynomial.Multiply(parts.Real, parts.Real, budget);
            Polynomial? im = Polynomial.Multiply(parts.Imaginary, parts.Imaginary, budget);
            return re is null || im is null || Polynomial.Add(re, im, budget) is not { } square
                ? null
                : Expression.Of(square).Power(Expression.Of(Rational.Of(1, 2)), budget);
        }
        if (x.Numerator.IsZero) return x;
        Rational content = Expression.Content(x.Numerator);
        Expression primitive = x.Scale(content.Inverse());
        if (IsNegative(primitive)) primitive = primitive.Negate();
        return Opaque("abs", primitive).Scale(content);
    }

    // Real and imaginary part, when i occurs nowhere but as a factor of terms.
    private static (Polynomial Real, Polynomial Imaginary)? SplitComplex(Polynomial value, Budget budget)
    {
        Polynomial? real = Polynomial.Zero, imaginary = Polynomial.Zero;
        foreach ((Monomial monomial, Rational coefficient) in value.Terms)
        {
            bool hasI = false;
            var rest = new List<(Atom, Rational)>();
            foreach ((Atom atom, Rational exponent) in monomial.Factors)
            {
                if (ReferenceEquals(atom, Atom.ImaginaryUnit) && exponent.IsOne) hasI = true;
                else if (atom.Function is not null || atom.Base is not null || ReferenceEquals(atom, Atom.ImaginaryUnit)) return null;
                else rest.Add((atom, exponent));
            }
            Polynomial term = Polynomial.Of(coefficient, new Monomial([.. rest]));
            if (hasI) imaginary = imaginary is null ? null : Polynomial.Add(imaginary, term, budget);
            else real = real is null ? null : Polynomial.Add(real, term, budget);
        }
        return real is null || imaginary is null ? null : (real, imaginary);
    }

    private static Expression? Hyperbolic(string name, Expression x, Budget budget)
    {
        Expression e = Expression.Symbol("e");
        if (e.Power(x, budget) is not { } up || e.Power(x.Negate(), budget) is not { } down) return null;
        Expression? sine = Expression.Add(up, down.Negate(), budget)?.Scale(Rational.Of(1, 2));
        Expression? cosine = Expression.Add(up, down, budget)?.Scale(Rational.Of(1, 2));
        return name switch { "sinh" => sine, "cosh" => cosine, _ => Divide(sine, cosine, budget) };
    }

    private static Expression? Quotient(string top, string bottom, Expression x, Budget budget) =>
        Divide(Apply(top, [x], budget), Apply(bottom, [x], budget), budget);

    private static Expression? Divide(Expression? a, Expression? b, Budget budget) =>
        a is null || b?.Inverse(budget) is not { } inverse ? null : Expression.Multiply(a, inverse, budget);

    private static Expression Opaque(string name, params Expression[] arguments) =>
        Expression.Of(Atom.Value(name, $"{name}({string.Join(',', arguments.Select(argument => argument.Key))})", arguments));

    private static bool IsNegative(Expression x) => !x.Numerator.IsZero && x.Numerator.Terms[^1].Coefficient.Sign < 0;
}
