using System.Numerics;

namespace Reasoning.Grading.Algebra;

/// <summary>
/// Something an expression treats as indivisible: a symbol, a prime number under a root, a polynomial under a root, a function value.
/// Two atoms are the same exactly when their keys are.
/// </summary>
internal sealed class Atom
{
    private const int LargestCertainPrime = 1_000_000;

    private Atom(string key, bool isConstant)
    {
        Key = key;
        IsConstant = isConstant;
    }

    /// <summary>The imaginary unit: i² = −1.</summary>
    public static Atom ImaginaryUnit { get; } = new("i", isConstant: true) { Cap = 2, Reduction = Polynomial.Of(-Rational.One, Monomial.One) };

    /// <summary>Canonical text.</summary>
    public string Key { get; }

    /// <summary>Whether it has one value, known up to any precision.</summary>
    public bool IsConstant { get; }

    /// <summary>Where positive: this to the power of <c>Cap</c> is <see cref="Reduction"/>, and exponents stay in [0, Cap).</summary>
    public int Cap { get; private init; }

    /// <summary>What this to the power of <see cref="Cap"/> is.</summary>
    public Polynomial? Reduction { get; private init; }

    /// <summary>Set for a number under a root.</summary>
    public BigInteger? Prime { get; private init; }

    /// <summary>Set for a polynomial under a root.</summary>
    public Polynomial? Base { get; private init; }

    /// <summary>Set for a function value: its name; "^" is a power of the first argument.</summary>
    public string? Function { get; private init; }

    /// <summary>Arguments of the function.</summary>
    public Expression[] Arguments { get; private init; } = [];

    public bool IsReducible => Cap > 0;

    /// <summary>Whether identities with other atoms are possible that polynomial arithmetic does not see.</summary>
    public bool IsStructured { get; private init; }

    public static Atom Symbol(string key) => key == "i" ? ImaginaryUnit : new Atom(key, isConstant: key is "π" or "e");

    public static Atom Root(BigInteger prime) => new($"#{prime}", isConstant: true)
    {
        Cap = 1,
        Reduction = Polynomial.Of(new Rational(prime), Monomial.One),
        Prime = prime,
        IsStructured = prime > LargestCertainPrime,
    };

    public static Atom Root(Polynomial radicand) => new($"({radicand.Key})", radicand.IsConstant)
    {
        Cap = 1,
        Reduction = radicand,
        Base = radicand,
        IsStructured = true,
    };

    /// <summary>A function value that only equals itself and what its numbers say.</summary>
    public static Atom Value(string function, string key, params Expression[] arguments) =>
        new(key, Array.TrueForAll(arguments, argument => argument.IsConstant)) { Function = function, Arguments = arguments, IsStructured = true };

    /// <summary>A sine: sin² = 1 − cos².</summary>
    public static Atom Sine(Expression argument)
    {
        Atom cosine = Value("cos", $"cos({argument.Key})", argument);
        var square = new Monomial([(cosine, new Rational(2))]);
        return new Atom($"sin({argument.Key})", argument.IsConstant)
        {
            Cap = 2,
            Reduction = Polynomial.OneMinus(square),
            Function = "sin",
            Arguments = [argument],
            IsStructured = true,
        };
    }
}
