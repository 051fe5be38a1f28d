using System.Collections.Concurrent;
using System.Numerics;

namespace Reasoning.Grading.Algebra;

/// <summary>
/// Elementary functions of <see cref="Ball"/>s in fixed-point arithmetic. Every result contains the true value: series are summed with
/// <see cref="Guard"/> spare bits, and the radius takes the error of the arguments through a bound of the derivative. Null means that the
/// argument is outside the domain, too large, or too uncertain.
/// </summary>
/// <param name="bits">Bits after the point.</param>
/// <param name="budget">Pays for every step.</param>
internal sealed class BallArithmetic(int bits, Budget budget)
{
    private const int Guard = 64;
    private const int LargestArgumentOfExp = 8_000;
    private static readonly ConcurrentDictionary<int, BigInteger> s_pi = new(), s_ln2 = new();

    public int Bits => bits;

    /// <summary>Largest |log₂| of a value seen so far: how much precision it takes to tell such values from zero.</summary>
    public int LargestExponent { get; private set; }

    public Ball One { get; } = new(BigInteger.One << bits, BigInteger.Zero);

    public Ball Pi => new(PiAt(bits + Guard) >> Guard, BigInteger.One);

    public Ball Of(Rational value)
    {
        Note((int)Math.Min(100_000, Math.Max(value.Numerator.GetBitLength(), value.Denominator.GetBitLength())));
        budget.Spend(1 + (value.Words * value.Words / 64));
        return new(Floor(value.Numerator << bits, value.Denominator), value.IsInteger ? BigInteger.Zero : BigInteger.One);
    }

    public Ball Multiply(Ball a, Ball b)
    {
        Pay(1);
        BigInteger error = (BigInteger.Abs(a.Mid) * b.Radius) + (BigInteger.Abs(b.Mid) * a.Radius) + (a.Radius * b.Radius);
        return new((a.Mid * b.Mid) >> bits, (error >> bits) + 2);
    }

    public Ball? Divide(Ball a, Ball b)
    {
        Pay(1);
        BigInteger smallest = BigInteger.Abs(b.Mid) - b.Radius;
        if (smallest.Sign <= 0) return null;
        BigInteger quotient = Floor(a.Mid << bits, b.Mid);
        BigInteger error = (a.Radius << bits) + (BigInteger.Abs(quotient) * b.Radius);
        return new(quotient, (error / smallest) + 2);
    }

    public Ball? Power(Ball value, int exponent)
    {
        Note((int)Math.Min(100_000, Math.Abs((long)exponent) * (Math.Abs(value.Mid.GetBitLength() - bits) + 1)));
        if (LargestExponent > 50_000) return null;
        Ball result = One;
        Ball square = value;
        for (int n = Math.Abs(exponent); n > 0; n >>= 1)
        {
            if ((n & 1) == 1) result = Multiply(result, square);
            if (n > 1) square = Multiply(square, square);
            if (budget.IsSpent) return null;
        }
        return exponent < 0 ? Divide(One, result) : result;
    }

    /// <summary>The root of a number that is not negative.</summary>
    public Ball? Root(Ball value, int degree)
    {
        if (value.IsNegative || degree is < 1 or > 64) return null;
        BigInteger low = BigInteger.Max(0, value.Mid - value.Radius), high = value.Mid + value.Radius;
        BigInteger lowest = RootOf(low << (bits * (degree - 1)), degree), highest = RootOf(high << (bits * (degree - 1)), degree) + 1;
        return new((lowest + highest) >> 1, ((highest - lowest) >> 1) + 1);
    }

    public Ball? Exp(Ball x)
    {
        if (BigInteger.Abs(x.Mid) > new BigInteger(LargestArgumentOfExp) << bits || x.Radius >= One.Mid >> 8) return null;
        int width = bits + Guard;
        BigInteger ln2 = Ln2At(width), value = x.Mid << Guard;
        int power = (int)Floor((2 * value) + ln2, 2 * ln2);
        Note(Math.Abs(power) + 1);
        const int Halvings = 8;
        BigInteger rest = (value - (power * ln2)) >> Halvings;
        BigInteger sum = BigInteger.One << width, term = sum;
        for (int n = 1; !term.IsZero && term != -1; n++)
        {
            term = Floor((term * rest) >> width, n);
            sum += term;
            if (!Pay(1)) return null;
        }
        for (int i = 0; i < Halvings; i++) sum = (sum * sum) >> width;
        BigInteger mid = power >= Guard ? sum << (power - Guard) : sum >> (Guard - power);
        return new(mid, (BigInteger.Abs(mid) >> (bits + 16)) + 2 + ((BigInteger.Abs(mid) * 2 * x.Radius) >> bits));
    }

    public Ball? Log(Ball x)
    {
        if (!x.IsPositive) return null;
        int width = bits + Guard;
        int exponent = (int)(x.Mid.GetBitLength() - bits);
        Note(Math.Abs(exponent));
        const int Roots = 6;
        BigInteger one = BigInteger.One << width;
        BigInteger y = exponent > Guard ? x.Mid >> (exponent - Guard) : x.Mid << (Guard - exponent);
        for (int i = 0; i < Roots; i++) y = RootOf(y << width, 2);
        BigInteger z = Floor((y - one) << width, y + one), square = (z * z) >> width, sum = 0;
        for (int n = 1; !z.IsZero && z != -1; n += 2)
        {
            sum += Floor(z, n);
            z = (z * square) >> width;
            if (!Pay(1)) return null;
        }
        BigInteger value = (sum << (Roots + 1)) + (exponent * Ln2At(width));
        return new(value >> Guard, 3 + ((x.Radius << bits) / (x.Mid - x.Radius)));
    }

    public (Ball Sin, Ball Cos)? SinCos(Ball x)
    {
        int extra = Math.Max(0, (int)(x.Mid.GetBitLength() - bits));
        if (extra > 2_000) return null;
        int width = bits + Guard + extra;
        BigInteger halfPi = PiAt(width) >> 1, value = x.Mid << (Guard + extra);
        BigInteger turns = Floor((2 * value) + halfPi, 2 * halfPi);
        BigInteger rest = value - (turns * halfPi), square = -((rest * rest) >> width);
        BigInteger cosTerm = BigInteger.One << width, sinTerm = rest, cos = cosTerm, sin = sinTerm;
        for (int n = 1; (!cosTerm.IsZero && cosTerm != -1) || (!sinTerm.IsZero && sinTerm != -1); n += 2)
        {
            cosTerm = Floor((cosTerm * square) >> width, n * (n + 1));
            sinTerm = Floor((sinTerm * square) >> width, (n + 1) * (n + 2));
            cos += cosTerm;
            sin += sinTerm;
            if (!Pay(2)) return null;
        }
        (sin, cos) = (int)(turns & 3) switch { 0 => (sin, cos), 1 => (cos, -sin), 2 => (-sin, -cos), _ => (-cos, sin) };
        return (Rounded(sin), Rounded(cos));

        Ball Rounded(BigInteger result) => new(result >> (Guard + extra), x.Radius + 2);
    }

    public Ball? Atan(Ball x)
    {
        int width = bits + Guard;
        BigInteger one = BigInteger.One << width, value = x.Mid << Guard;
        bool inverted = BigInteger.Abs(value) > one;
        if (inverted) value = Floor(one << width, value);
        const int Halvings = 5;
        for (int i = 0; i < Halvings; i++) value = Floor(value << width, one + RootOf((one * one) + (value * value), 2));
        BigInteger square = -((value * value) >> width), sum = 0;
        for (int n = 1; !value.IsZero && value != -1; n += 2)
        {
            sum += Floor(value, n);
            value = (value * square) >> width;
            if (!Pay(1)) return null;
        }
        sum <<= Halvings;
        if (inverted) sum = ((x.Mid.Sign < 0 ? -1 : 1) * (PiAt(width) >> 1)) - sum;
        return new(sum >> Guard, x.Radius + 2);
    }

    private void Note(int exponent) => LargestExponent = Math.Max(LargestExponent, exponent);

    private bool Pay(int steps) => budget.Spend(steps * (1 + (bits / 192)));

    private static BigInteger Floor(BigInteger a, BigInteger b)
    {
        BigInteger quotient = BigInteger.DivRem(a, b, out BigInteger rest);
        return !rest.IsZero && (rest.Sign < 0) != (b.Sign < 0) ? quotient - 1 : quotient;
    }

    // Newton's method from above; the result is the floor of the root.
    private BigInteger RootOf(BigInteger value, int degree)
    {
        if (value.IsZero || degree == 1) return value;
        BigInteger root = BigInteger.One << (int)((value.GetBitLength() / degree) + 1);
        if (degree == 2 && value.GetBitLength() > 1_000)
        {
            // Half of the digits from half of the precision, plus one to stay above.
            int shift = (int)(value.GetBitLength() / 4) & ~1;
            root = (RootOf(value >> (2 * shift), 2) + 1) << shift;
        }
        while (Pay(1 + (int)(value.GetBitLength() * value.GetBitLength() >> 25)))
        {
            BigInteger next = (((degree - 1) * root) + (value / BigInteger.Pow(root, degree - 1))) / degree;
            if (next >= root) return root;
            root = next;
        }
        return root;
    }

    // Machin: π = 16 atan(1/5) − 4 atan(1/239).
    private static BigInteger PiAt(int width) => Cached(s_pi, width, w => ((16 * AtanOfInverse(5, w)) - (4 * AtanOfInverse(239, w))) >> 32);

    // ln 2 = 2 atanh(1/3).
    private static BigInteger Ln2At(int width) => Cached(s_ln2, width, w =>
    {
        BigInteger term = (BigInteger.One << (w + 33)) / 3, sum = 0;
        for (int n = 1; !term.IsZero; n += 2)
        {
            sum += term / n;
            term /= 9;
        }
        return sum >> 32;
    });

    private static BigInteger AtanOfInverse(int x, int width)
    {
        BigInteger term = (BigInteger.One << (width + 32)) / x, sum = 0;
        for (int n = 1, sign = 1; !term.IsZero; n += 2, sign = -sign)
        {
            sum += sign * (term / n);
            term /= x * x;
        }
        return sum;
    }

    // One value at a width of the next power of two serves all below; a handful are ever made.
    private static BigInteger Cached(ConcurrentDictionary<int, BigInteger> cache, int width, Func<int, BigInteger> make)
    {
        int full = (int)BitOperations.RoundUpToPowerOf2((uint)width);
        return cache.GetOrAdd(full, make) >> (full - width);
    }
}
