using System.Numerics;

namespace Reasoning.Jinja;

/// <summary>Numbers as Python has them: truth values count, division floors, a float on either side makes a float.</summary>
internal static class Numbers
{
    public static bool Is(Value value) => value is IntegerValue or FloatValue or BoolValue;

    /// <summary>The value as an integer; null for a float and for what is no number.</summary>
    public static BigInteger? Integer(Value value) => value switch
    {
        IntegerValue integer => integer.Value,
        BoolValue flag => flag.Value ? BigInteger.One : BigInteger.Zero,
        _ => null,
    };

    /// <summary>A number as a float.</summary>
    public static double Float(Value value) => value is FloatValue number ? number.Value : (double)Integer(value)!.Value;

    public static Value Of(long value) => new IntegerValue(value);

    /// <summary>A whole number of moderate size, such as a width or a position.</summary>
    /// <exception cref="TemplateException">The value is none.</exception>
    public static int Small(Value value, string what)
    {
        if (Integer(value) is not { } number) throw new TemplateException($"{what} must be an integer, not a {value.TypeName}");
        return BigInteger.Abs(number) <= int.MaxValue ? (int)number : number.Sign < 0 ? -int.MaxValue : int.MaxValue;
    }

    /// <summary>Negative, zero or positive as the first is less than, equal to or greater than the second; null where neither holds.</summary>
    public static int? Compare(Value left, Value right)
    {
        if (Integer(left) is { } a && Integer(right) is { } b) return a.CompareTo(b);
        double x = Float(left), y = Float(right);
        if (double.IsNaN(x) || double.IsNaN(y)) return null;
        if (double.IsInfinity(x) || double.IsInfinity(y)) return x.CompareTo(y);
        bool areWhole = x == Math.Floor(x) && y == Math.Floor(y);
        return areWhole ? Whole(left, x).CompareTo(Whole(right, y)) : x.CompareTo(y);

        static BigInteger Whole(Value value, double number) => Integer(value) ?? new BigInteger(number);
    }

    public static Value Divide(Value left, Value right)
    {
        RequireDivisor(right);
        return new FloatValue(Float(left) / Float(right));
    }

    public static Value FloorDivide(Value left, Value right)
    {
        RequireDivisor(right);
        if (Integer(left) is { } a && Integer(right) is { } b) return new IntegerValue(Floor(a, b));
        return new FloatValue(Floor(Float(left), Float(right)));
    }

    public static Value Modulo(Value left, Value right)
    {
        RequireDivisor(right);
        if (Integer(left) is { } a && Integer(right) is { } b) return new IntegerValue(a - (Floor(a, b) * b));
        double x = Float(left), y = Float(right), rest = x % y;
        if (rest == 0) return new FloatValue(Math.CopySign(0, y));
        return new FloatValue((rest < 0) != (y < 0) ? rest + y : rest);
    }

    public static Value Power(Value left, Value right)
    {
        if (Integer(left) is not { } a || Integer(right) is not { } b)
        {
            double x = Float(left), y = Float(right), power = Math.Pow(x, y);
            if (x == 0 && y < 0) throw new TemplateException("zero cannot be raised to a negative power");
            if (double.IsNaN(power) && !double.IsNaN(x) && !double.IsNaN(y)) throw new TemplateException("a power that is no real number");
            return double.IsInfinity(power) && double.IsFinite(x) && double.IsFinite(y)
                ? throw new TemplateException("a power that is too large")
                : new FloatValue(power);
        }
        if (b.Sign < 0)
        {
            RequireDivisor(left);
            return new FloatValue(Math.Pow((double)a, (double)b));
        }
        bool isSmall = BigInteger.Abs(a) <= 1 || (b <= Budget.MaxBits && (a.GetBitLength() - 1) * (long)b <= Budget.MaxBits);
        if (!isSmall) throw new TemplateException($"makes an integer of more than {Budget.MaxBits} bits");
        return new IntegerValue(BigInteger.Abs(a) <= 1 ? BigInteger.Pow(a, (int)(b % 2) + (b.IsZero ? 0 : 2)) : BigInteger.Pow(a, (int)b));
    }

    private static BigInteger Floor(BigInteger a, BigInteger b)
    {
        BigInteger quotient = BigInteger.DivRem(a, b, out BigInteger rest);
        return rest.Sign != 0 && rest.Sign != b.Sign ? quotient - 1 : quotient;
    }

    // The quotient of what the remainder leaves, so that quotient and remainder fit together also where the division rounds.
    private static double Floor(double x, double y)
    {
        double rest = x % y, quotient = (x - rest) / y;
        if (rest != 0 && (rest < 0) != (y < 0)) quotient--;
        if (quotient == 0) return Math.CopySign(0, x / y);
        double whole = Math.Floor(quotient);
        return quotient - whole > 0.5 ? whole + 1 : whole;
    }

    private static void RequireDivisor(Value value)
    {
        if (!value.IsTrue) throw new TemplateException("division by zero");
    }
}
