using System.Numerics;

namespace Reasoning.Grading.Algebra;

/// <summary>A real number known up to an error: <c>Mid</c> ± <c>Radius</c>, both in units of 2^−bits of the arithmetic it comes from.</summary>
internal readonly record struct Ball(BigInteger Mid, BigInteger Radius)
{
    public static Ball Zero { get; } = new(BigInteger.Zero, BigInteger.Zero);

    public bool IsExactZero => Mid.IsZero && Radius.IsZero;

    public bool ContainsZero => BigInteger.Abs(Mid) <= Radius;

    public bool IsPositive => Mid > Radius;

    public bool IsNegative => -Mid > Radius;

    public static Ball operator +(Ball a, Ball b) => new(a.Mid + b.Mid, a.Radius + b.Radius);

    public static Ball operator -(Ball a) => new(-a.Mid, a.Radius);

    public static Ball operator -(Ball a, Ball b) => a + (-b);
}
