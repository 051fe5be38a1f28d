namespace Reasoning.Jinja;

/// <summary>A part of a template that has a value.</summary>
/// <param name="Line">Line of its first token.</param>
internal abstract record Expression(int Line);

/// <summary>Operators on two values.</summary>
internal enum BinaryOperator
{
    Add,
    Subtract,
    Multiply,
    Divide,
    FloorDivide,
    Modulo,
    Power,
}

/// <summary>Comparisons, which may form a chain.</summary>
internal enum Comparison
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
}

internal sealed record LiteralExpression(int Line, Value Value) : Expression(Line);

internal sealed record NameExpression(int Line, string Name) : Expression(Line);

internal sealed record SequenceExpression(int Line, SequenceKind Kind, IReadOnlyList<Expression> Items) : Expression(Line);

internal sealed record DictExpression(int Line, IReadOnlyList<(Expression Key, Expression Value)> Entries) : Expression(Line);

/// <summary>Plus or minus before a number.</summary>
internal sealed record SignExpression(int Line, bool IsMinus, Expression Operand) : Expression(Line);

internal sealed record BinaryExpression(int Line, BinaryOperator Operator, Expression Left, Expression Right) : Expression(Line);

/// <summary>Texts joined by <c>~</c>.</summary>
internal sealed record ConcatExpression(int Line, IReadOnlyList<Expression> Items) : Expression(Line);

internal sealed record CompareExpression(int Line, Expression First, IReadOnlyList<(Comparison Comparison, Expression Operand)> Rest)
    : Expression(Line);

/// <summary><c>and</c> or <c>or</c>; the value is that of the operand that decides.</summary>
internal sealed record LogicExpression(int Line, bool IsAnd, IReadOnlyList<Expression> Operands) : Expression(Line);

internal sealed record NotExpression(int Line, Expression Operand) : Expression(Line);

/// <summary><c>Yes if Test else No</c>; undefined where there is no else and the test is false.</summary>
internal sealed record ConditionalExpression(int Line, Expression Test, Expression Yes, Expression? No) : Expression(Line);

internal sealed record AttributeExpression(int Line, Expression Target, string Name) : Expression(Line);

internal sealed record ItemExpression(int Line, Expression Target, Expression Index) : Expression(Line);

internal sealed record SliceExpression(int Line, Expression Target, Expression? Start, Expression? Stop, Expression? Step)
    : Expression(Line);

internal sealed record CallExpression(int Line, Expression Target, Arguments Arguments) : Expression(Line);

/// <summary>A value put through a filter; without a target it is what a block holds, or what the filter before it gives.</summary>
internal sealed record FilterExpression(int Line, Expression? Target, string Name, Arguments Arguments) : Expression(Line);

internal sealed record TestExpression(int Line, Expression Target, string Name, Arguments Arguments) : Expression(Line);

/// <summary>Arguments of a call, filter or test.</summary>
/// <param name="Positional">In order.</param>
/// <param name="Named">By keyword.</param>
/// <param name="Rest">A sequence of further positional ones, after <c>*</c>.</param>
/// <param name="NamedRest">An object of further named ones, after <c>**</c>.</param>
internal sealed record Arguments(
    IReadOnlyList<Expression> Positional, IReadOnlyList<(string Name, Expression Value)> Named, Expression? Rest, Expression? NamedRest)
{
    public static readonly Arguments None = new([], [], null, null);
}
