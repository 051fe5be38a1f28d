namespace Reasoning.Jinja;

/// <summary>What stands after <c>is</c>.</summary>
internal static class Tests
{
    private static readonly HashSet<string> s_names =
    [
        "defined", "undefined", "none", "boolean", "true", "false", "integer", "float", "number", "string", "sequence", "mapping", "iterable",
        "callable", "odd", "even", "divisibleby", "lower", "upper", "sameas", "in", "escaped", "filter", "test",
        "eq", "equalto", "==", "ne", "!=", "lt", "lessthan", "<", "le", "<=", "gt", "greaterthan", ">", "ge", ">=",
    ];

    public static bool Exists(string name) => s_names.Contains(name);

    /// <summary>Whether a value passes a test.</summary>
    /// <exception cref="TemplateException">There is no such test, or its arguments do not fit.</exception>
    public static bool Holds(string name, Value value, CallArguments arguments, Budget budget)
    {
        budget.Spend();
        switch (name)
        {
            case "eq" or "equalto" or "==":
                return Operators.AreEqual(value, Other(), budget);
            case "ne" or "!=":
                return !Operators.AreEqual(value, Other(), budget);
            case "lt" or "lessthan" or "<":
                return Operators.Holds(Comparison.Less, value, Other(), budget);
            case "le" or "<=":
                return Operators.Holds(Comparison.LessOrEqual, value, Other(), budget);
            case "gt" or "greaterthan" or ">":
                return Operators.Holds(Comparison.Greater, value, Other(), budget);
            case "ge" or ">=":
                return Operators.Holds(Comparison.GreaterOrEqual, value, Other(), budget);
            case "in":
                return Operators.Contains(Other(), value, budget);
            case "sameas":
                Value other = Other();
                return ReferenceEquals(value, other) || (value is IntegerValue or StringValue && value.TypeName == other.TypeName
                    && Operators.AreEqual(value, other, budget));
            case "divisibleby":
                return !Operators.Apply(BinaryOperator.Modulo, value, Other(), budget).IsTrue;
        }
        arguments.Bind(name, 0);
        return name switch
        {
            "defined" => value is not UndefinedValue,
            "undefined" => value is UndefinedValue,
            "none" => value is NoneValue,
            "boolean" => value is BoolValue,
            "true" => value is BoolValue { Value: true },
            "false" => value is BoolValue { Value: false },
            "integer" => value is IntegerValue,
            "float" => value is FloatValue,
            "number" => Numbers.Is(value),
            "string" => value is StringValue,
            "mapping" => value is DictValue,
            "sequence" => value is StringValue or DictValue or UndefinedValue or SequenceValue { Kind: not SequenceKind.View },
            "iterable" => Sequences.CanIterate(value),
            "callable" => value is FunctionValue or UndefinedValue,
            "odd" => Operators.AreEqual(Remainder(), Numbers.Of(1), budget),
            "even" => !Remainder().IsTrue,
            "lower" => CaseRules.IsAll(PythonText.Of(value, budget), upper: false),
            "upper" => CaseRules.IsAll(PythonText.Of(value, budget), upper: true),
            "escaped" => false,
            "filter" => value is StringValue text && Filters.Exists(text.Text),
            "test" => value is StringValue text && Exists(text.Text),
            _ => throw new TemplateException($"the test '{name}' is not supported"),
        };

        Value Other() => arguments.Bind(name, 1, "other")[0]!;

        Value Remainder() => Operators.Apply(BinaryOperator.Modulo, value, Numbers.Of(2), budget);
    }
}
