using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Reasoning.Grading.Algebra;

/// <summary>
/// Compares expressions by their values in interval arithmetic, for identities that the polynomial form does not show: nested roots,
/// special angles, double angles.
/// </summary>
/// <remarks>
/// Intervals that do not overlap prove a difference. Overlapping ones count as equality only at a precision of 192 bits plus four times the
/// largest exponent of any value that was met, so that 10^(−200) or e^(−500) is not lost, at four keyed points for every symbol, of both
/// signs. Only sines, cosines and powers are evaluated at symbols; they are analytic everywhere, so that agreement is not a matter of the
/// side of a branch point. Anything else (a root, a logarithm, an absolute value of symbols) takes a keyed value of its own, as if it were
/// one more symbol: what holds for unrelated values holds for the true ones.
/// </remarks>
internal sealed class NumericAgreement
{
    private const int FirstBits = 448;
    private const int MostBits = 4_096;
    private const int Points = 4;

    private readonly BallArithmetic _arithmetic;
    private readonly Budget _budget;
    private readonly int _point;

    private NumericAgreement(int bits, int point, Budget budget)
    {
        _arithmetic = new BallArithmetic(bits, budget);
        _budget = budget;
        _point = point;
    }

    /// <summary>Whether two expressions agree at every point.</summary>
    public static bool Decide(Expression a, Expression b, Budget budget)
    {
        int points = a.IsConstant && b.IsConstant ? 1 : Points;
        for (int point = 0; point < points; point++)
        {
            if (!AgreeAt(a, b, point, budget)) return false;
        }
        return true;
    }

    /// <summary>The sign of a real constant; 0 when it is zero or cannot be told.</summary>
    public static int Sign(Expression value, Budget budget)
    {
        for (int bits = FirstBits; bits <= 4 * FirstBits; bits *= 2)
        {
            if (new NumericAgreement(bits, 0, budget).Evaluate(value) is not { IsReal: true } number) return 0;
            if (number.Re.IsPositive) return 1;
            if (number.Re.IsNegative) return -1;
        }
        return 0;
    }

    /// <summary>The order of two real constants; null when it cannot be told, 0 only when they are equal.</summary>
    public static int? Order(Expression a, Expression b, Budget budget)
    {
        if (Expression.AreEqual(a, b, budget)) return 0;
        int sign = Expression.Add(a, b.Negate(), budget) is { } difference ? Sign(difference, budget) : 0;
        return sign == 0 ? null : sign;
    }

    /// <summary>Whether a decimal is the exact value but for less than one unit of its last place.</summary>
    public static bool Rounds(Expression value, Expression exact, Rational place, Budget budget)
    {
        if (!exact.IsConstant || Expression.Add(exact, value.Negate(), budget) is not { } rest) return false;
        return SignOf(place) > 0 && SignOf(-place) < 0;

        int SignOf(Rational shift) => Expression.Add(rest, Expression.Of(shift), budget) is not { } moved ? 0 : moved.Constant?.Sign ?? Sign(moved, budget);
    }

    private static bool AgreeAt(Expression a, Expression b, int point, Budget budget)
    {
        for (int bits = FirstBits; ;)
        {
            var evaluation = new NumericAgreement(bits, point, budget);
            if (evaluation.Evaluate(a) is not { } x || evaluation.Evaluate(b) is not { } y || budget.IsSpent) return false;
            Ball re = x.Re - y.Re, im = x.Im - y.Im;
            if (!re.ContainsZero || !im.ContainsZero) return false;
            int needed = 192 + (4 * evaluation._arithmetic.LargestExponent);
            long certain = bits - BigInteger.Max(re.Radius, im.Radius).GetBitLength();
            if (certain >= needed) return true;
            bits = Math.Max(2 * bits, needed + 128);
            if (bits <= MostBits) continue;
            budget.Exhaust();
            return false;
        }
    }

    private Number? Evaluate(Expression expression)
    {
        if (Evaluate(expression.Numerator) is not { } top) return null;
        if (expression.Denominator.IsOne) return top;
        return Evaluate(expression.Denominator) is { } bottom && Inverse(bottom) is { } inverse ? Multiply(top, inverse) : null;
    }

    private Number? Evaluate(Polynomial polynomial)
    {
        Number sum = new(Ball.Zero, Ball.Zero);
        foreach ((Monomial monomial, Rational coefficient) in polynomial.Terms)
        {
            Number term = Real(_arithmetic.Of(coefficient));
            foreach ((Atom atom, Rational exponent) in monomial.Factors)
            {
                if (!_budget.Spend(2) || Evaluate(atom) is not { } value || Raise(value, exponent) is not { } power) return null;
                term = Multiply(term, power);
            }
            sum = new(sum.Re + term.Re, sum.Im + term.Im);
        }
        return sum;
    }

    private Number? Evaluate(Atom atom)
    {
        if (ReferenceEquals(atom, Atom.ImaginaryUnit)) return new Number(Ball.Zero, _arithmetic.One);
        if (atom.Prime is { } prime) return Real(_arithmetic.Of(new Rational(prime)));
        if (atom.Base is { } radicand) return atom.IsConstant ? Evaluate(radicand) : Unrelated(atom.Key, isPositive: true);
        switch (atom.Function)
        {
            case null:
                return atom.Key switch
                {
                    "π" => Real(_arithmetic.Pi),
                    "e" => Real(_arithmetic.Exp(_arithmetic.One)),
                    "∞" => null,
                    _ => Unrelated(atom.Key, isPositive: false),
                };
            case "sin":
                return Angle(atom) is { } s ? Real(s.Sin) : null;
            case "cos":
                return Angle(atom) is { } c ? Real(c.Cos) : null;
            case "^" when atom.IsConstant || atom.Arguments[0].IsConstant:
                return Power(atom.Arguments[0], atom.Arguments[1]);
        }
        if (!atom.IsConstant) return Unrelated(atom.Key, isPositive: false);
        if (atom.Arguments.Length != 1 || Evaluate(atom.Arguments[0]) is not { } x) return null;
        return atom.Function switch
        {
            "ln" => Log(x),
            "arctan" => x.IsReal ? Real(_arithmetic.Atan(x.Re)) : null,
            "arcsin" => x.IsReal ? Real(Arcsine(x.Re)) : null,
            "arccos" => x.IsReal && Arcsine(x.Re) is { } arcsine ? Real(new Ball(_arithmetic.Pi.Mid >> 1, 2) - arcsine) : null,
            "abs" => !x.IsReal ? null : x.Re.IsNegative ? Real(-x.Re) : x.Re.IsPositive ? x : null,
            _ => null,
        };
    }

    private (Ball Sin, Ball Cos)? Angle(Atom atom) =>
        Evaluate(atom.Arguments[0]) is { IsReal: true } angle ? _arithmetic.SinCos(angle.Re) : null;

    // asin x = 2 atan(x / (1 + √(1 − x²))) has no pole at ±1.
    private Ball? Arcsine(Ball x)
    {
        Ball inside = _arithmetic.One - _arithmetic.Multiply(x, x);
        if (_arithmetic.Root(inside, 2) is not { } root || _arithmetic.Divide(x, _arithmetic.One + root) is not { } ratio) return null;
        return _arithmetic.Atan(ratio) is { } half ? half + half : null;
    }

    private Number? Power(Expression @base, Expression exponent) =>
        Evaluate(@base) is { } b && Evaluate(exponent) is { } e && Log(b) is { } log ? Exp(Multiply(log, e)) : null;

    private Number? Raise(Number value, Rational exponent)
    {
        if (exponent.IsOne) return value;
        if (BigInteger.Abs(exponent.Numerator) > 100_000) return null;
        int power = (int)exponent.Numerator;
        if (value.IsReal && !value.Re.IsNegative && exponent.Denominator <= 16)
        {
            Ball? root = exponent.IsInteger ? value.Re : _arithmetic.Root(value.Re, (int)exponent.Denominator);
            return root is { } real ? Real(_arithmetic.Power(real, power)) : null;
        }
        if (exponent.IsInteger)
        {
            if (value.IsReal) return Real(_arithmetic.Power(value.Re, power));
            if (Math.Abs(power) > 64) return null;
            Number product = Real(_arithmetic.One);
            for (int i = 0; i < Math.Abs(power); i++) product = Multiply(product, value);
            return power < 0 ? Inverse(product) : product;
        }
        return Log(value) is { } log ? Exp(Multiply(log, Real(_arithmetic.Of(exponent)))) : null;
    }

    private Number? Exp(Number x)
    {
        if (_arithmetic.Exp(x.Re) is not { } size) return null;
        if (x.IsReal) return Real(size);
        return _arithmetic.SinCos(x.Im) is { } angle ? new Number(_arithmetic.Multiply(size, angle.Cos), _arithmetic.Multiply(size, angle.Sin)) : null;
    }

    // Principal value; null on both sides of the cut at once.
    private Number? Log(Number x)
    {
        if (x.IsReal)
        {
            if (x.Re.IsNegative) return _arithmetic.Log(-x.Re) is { } size ? new Number(size, _arithmetic.Pi) : null;
            return Real(_arithmetic.Log(x.Re));
        }
        Ball square = _arithmetic.Multiply(x.Re, x.Re) + _arithmetic.Multiply(x.Im, x.Im);
        if (_arithmetic.Log(square) is not { } twice) return null;
        var quarter = new Ball(_arithmetic.Pi.Mid >> 1, 2);
        Ball? angle = x.Re.IsPositive ? Arctangent(x.Im, x.Re)
            : x.Im.IsPositive ? quarter - Arctangent(x.Re, x.Im)
            : x.Im.IsNegative ? -quarter - Arctangent(x.Re, x.Im)
            : null;
        return angle is { } argument ? new Number(new Ball(twice.Mid >> 1, (twice.Radius >> 1) + 1), argument) : null;
    }

    private Ball? Arctangent(Ball y, Ball x) => _arithmetic.Divide(y, x) is { } ratio ? _arithmetic.Atan(ratio) : null;

    private Number Multiply(Number a, Number b)
    {
        if (a.IsReal && b.IsReal) return Real(_arithmetic.Multiply(a.Re, b.Re));
        return new(
            _arithmetic.Multiply(a.Re, b.Re) - _arithmetic.Multiply(a.Im, b.Im),
            _arithmetic.Multiply(a.Re, b.Im) + _arithmetic.Multiply(a.Im, b.Re));
    }

    private Number? Inverse(Number x)
    {
        if (x.IsReal) return Real(_arithmetic.Divide(_arithmetic.One, x.Re));
        Ball square = _arithmetic.Multiply(x.Re, x.Re) + _arithmetic.Multiply(x.Im, x.Im);
        return _arithmetic.Divide(x.Re, square) is { } re && _arithmetic.Divide(-x.Im, square) is { } im ? new Number(re, im) : null;
    }

    /// <summary>A value that depends on the key and the point alone: 1/4 to 4 in size, with signs that alternate from point to point.</summary>
    private Number Unrelated(string key, bool isPositive)
    {
        ulong bits = BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{_point / 2} {key}")));
        Rational value = Rational.Of((bits >> 1) % ((15UL << 40) / 4) + (1UL << 38), 1UL << 40);
        bool isNegative = ((bits & 1) == 1) ^ ((_point & 1) == 1);
        // Exact in binary, so that it costs no more precision than its 42 bits.
        return Real(_arithmetic.Of(isNegative && !isPositive ? -value : value));
    }

    private static Number Real(Ball value) => new(value, Ball.Zero);

    private static Number? Real(Ball? value) => value is { } real ? Real(real) : null;

    /// <summary>A complex number; the imaginary part of a real one is exactly zero.</summary>
    private readonly record struct Number(Ball Re, Ball Im)
    {
        public bool IsReal => Im.IsExactZero;
    }
}
