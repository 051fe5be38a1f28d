namespace Reasoning.Jinja;

/// <summary>A part of a template that does something.</summary>
/// <param name="Line">Line of its first token.</param>
internal abstract record Statement(int Line);

internal sealed record TextStatement(int Line, string Text) : Statement(Line);

internal sealed record OutputStatement(int Line, Expression Value) : Statement(Line);

internal sealed record IfStatement(
    int Line, IReadOnlyList<(Expression Test, IReadOnlyList<Statement> Body)> Branches, IReadOnlyList<Statement> Else) : Statement(Line);

internal sealed record ForStatement(
    int Line, Target Target, Expression Items, Expression? Filter, IReadOnlyList<Statement> Body, IReadOnlyList<Statement> Else)
    : Statement(Line);

internal sealed record SetStatement(int Line, Target Target, Expression Value) : Statement(Line);

/// <summary><c>{% set x %}…{% endset %}</c>: the output of the body becomes the value.</summary>
internal sealed record SetBlockStatement(
    int Line, Target Target, IReadOnlyList<FilterExpression> Filters, IReadOnlyList<Statement> Body) : Statement(Line);

internal sealed record MacroStatement(int Line, string Name, MacroBody Macro) : Statement(Line);

/// <summary><c>{% call f() %}…{% endcall %}</c>: the body is a macro named <c>caller</c> for the called one.</summary>
internal sealed record CallStatement(int Line, CallExpression Call, MacroBody Caller) : Statement(Line);

internal sealed record FilterStatement(int Line, IReadOnlyList<FilterExpression> Filters, IReadOnlyList<Statement> Body) : Statement(Line);

internal sealed record WithStatement(int Line, IReadOnlyList<(Target Target, Expression Value)> Values, IReadOnlyList<Statement> Body)
    : Statement(Line);

/// <summary><c>{% generation %}…{% endgeneration %}</c>: marks what the assistant says; written like any other text.</summary>
internal sealed record GenerationStatement(int Line, IReadOnlyList<Statement> Body) : Statement(Line);

internal sealed record BreakStatement(int Line) : Statement(Line);

internal sealed record ContinueStatement(int Line) : Statement(Line);

/// <summary>Parameters and body of a macro.</summary>
/// <param name="Parameters">Names, each with the value it has where a call gives none.</param>
/// <param name="Body">What a call writes.</param>
/// <param name="Names">Names that the body reads, to know whether it takes a caller or surplus arguments.</param>
internal sealed record MacroBody(
    IReadOnlyList<(string Name, Expression? Default)> Parameters, IReadOnlyList<Statement> Body, IReadOnlySet<string> Names);

/// <summary>What a value is assigned to.</summary>
internal abstract record Target;

internal sealed record NameTarget(string Name) : Target;

/// <summary>An attribute of a namespace.</summary>
internal sealed record MemberTarget(string Namespace, string Name) : Target;

internal sealed record TupleTarget(IReadOnlyList<Target> Items) : Target;
