using System.Numerics;

namespace Reasoning.Jinja;

/// <summary>A value of a template, with the behaviour of its Python counterpart.</summary>
internal abstract class Value
{
    /// <summary>Name of the Python type, for messages.</summary>
    public abstract string TypeName { get; }

    /// <summary>Whether the value counts as true.</summary>
    public virtual bool IsTrue => true;

    /// <summary>How deep lists and objects lie in each other: 0 for a value that holds no others.</summary>
    public virtual int Nesting => 0;
}

/// <summary>The value of a name, key or element that does not exist.</summary>
/// <param name="description">What does not exist, as in <c>'x' is undefined</c>.</param>
internal sealed class UndefinedValue(string description) : Value
{
    public string Description { get; } = description;

    public override string TypeName => "Undefined";

    public override bool IsTrue => false;

    /// <summary>The error of using it.</summary>
    public TemplateException Used() => new(Description);
}

/// <summary>Python's None.</summary>
internal sealed class NoneValue : Value
{
    public static readonly NoneValue Instance = new();

    public override string TypeName => "NoneType";

    public override bool IsTrue => false;
}

/// <summary>True or false; in arithmetic 1 or 0.</summary>
internal sealed class BoolValue : Value
{
    public static readonly BoolValue True = new(true);
    public static readonly BoolValue False = new(false);

    private BoolValue(bool value) => Value = value;

    public bool Value { get; }

    public override string TypeName => "bool";

    public override bool IsTrue => Value;

    public static BoolValue Of(bool value) => value ? True : False;
}

/// <summary>An integer of up to <see cref="Budget.MaxBits"/> bits.</summary>
internal sealed class IntegerValue(BigInteger value) : Value
{
    public BigInteger Value { get; } = value.GetBitLength() <= Budget.MaxBits
        ? value
        : throw new TemplateException($"makes an integer of more than {Budget.MaxBits} bits");

    public override string TypeName => "int";

    public override bool IsTrue => !Value.IsZero;
}

/// <summary>A double.</summary>
internal sealed class FloatValue(double value) : Value
{
    public double Value { get; } = value;

    public override string TypeName => "float";

    public override bool IsTrue => Value != 0;
}

/// <summary>A string. Positions and lengths count code points, as in Python.</summary>
internal sealed class StringValue(string text) : Value
{
    public static readonly StringValue Empty = new("");

    public string Text { get; } = text;

    public override string TypeName => "str";

    public override bool IsTrue => Text.Length > 0;
}
