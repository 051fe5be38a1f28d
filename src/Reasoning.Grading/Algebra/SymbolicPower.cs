namespace Reasoning.Grading.Algebra;

/// <summary>
/// Powers whose exponent is not a number, in a normal form: 2^(n+1) = 2·2^n, 4^n = (2^n)², e^(ln x) = x. Laws are applied only where they
/// hold for every value of the symbols: b^(u+v) = b^u·b^v always, (b^u)^q = b^(qu) for a fraction q where b &gt; 0 and u is real.
/// </summary>
internal static class SymbolicPower
{
    public static Expression? Of(Expression @base, Expression exponent, Budget budget)
    {
        if (!budget.Spend(8)) return null;
        if (@base.Constant is { Sign: > 0 } number)
        {
            if (number.IsOne) return @base;
            Expression? product = Expression.Of(Rational.One);
            foreach ((System.Numerics.BigInteger value, int side) in new[] { (number.Numerator, 1), (number.Denominator, -1) })
            {
                foreach ((System.Numerics.BigInteger prime, int count) in Expression.Factor(value, budget))
                {
                    Expression? factor = Split(Expression.Of(new Rational(prime)), exponent.Scale(new Rational(count * side)), isPositive: true, budget);
                    product = product is null || factor is null ? null : Expression.Multiply(product, factor, budget);
                }
            }
            return product;
        }
        bool isLetter = @base.Denominator.IsOne && @base.Numerator.Terms.Length == 1 && @base.Numerator.Terms[0].Coefficient.IsOne
            && @base.Numerator.Terms[0].Monomial.Factors is [{ Exponent.IsOne: true, Atom.IsReducible: false }];
        return isLetter ? Split(@base, exponent, isPositive: @base.Key is "e" or "π", budget) : Whole(@base, exponent);
    }

    // One factor for each term of the exponent.
    private static Expression? Split(Expression @base, Expression exponent, bool isPositive, Budget budget)
    {
        if (!exponent.Denominator.IsOne) return Whole(@base, exponent);
        Expression? product = Expression.Of(Rational.One);
        foreach ((Monomial monomial, Rational coefficient) in exponent.Numerator.Terms)
        {
            Expression? factor;
            if (monomial.IsOne)
            {
                factor = @base.Power(Expression.Of(coefficient), budget);
            }
            else if (Logarithm(@base, monomial) is { } argument)
            {
                factor = argument.Power(Expression.Of(coefficient), budget);
            }
            else
            {
                bool isReal = true;
                foreach ((Atom atom, _) in monomial.Factors) isReal &= !ReferenceEquals(atom, Atom.ImaginaryUnit);
                Rational inside = isPositive && isReal ? Rational.One : Rational.Of(1, coefficient.Denominator);
                Expression power = Expression.Of(Polynomial.Of(inside, monomial));
                Atom atomOfPower = Atom.Value("^", $"({@base.Key})^({power.Key})", @base, power);
                factor = Expression.OfAtom(atomOfPower, coefficient * inside.Inverse());
            }
            product = product is null || factor is null ? null : Expression.Multiply(product, factor, budget);
        }
        return product;
    }

    // b^(ln u / ln b) = u; for e the divisor is 1.
    private static Expression? Logarithm(Expression @base, Monomial monomial)
    {
        bool isE = @base.Key == "e";
        Expression? argument = null;
        foreach ((Atom atom, Rational exponent) in monomial.Factors)
        {
            if (atom.Function != "ln") return null;
            if (exponent.IsOne && argument is null) argument = atom.Arguments[0];
            else if (isE || !(-exponent).IsOne || atom.Arguments[0].Key != @base.Key) return null;
        }
        return monomial.Factors.Length == (isE ? 1 : 2) ? argument : null;
    }

    private static Expression Whole(Expression @base, Expression exponent) =>
        Expression.Of(Atom.Value("^", $"({@base.Key})^({exponent.Key})", @base, exponent));
}
