namespace Reasoning.Jinja;

/// <content>Values of expressions.</content>
internal sealed partial class Interpreter
{
    private Value Evaluate(Expression expression, Scope scope)
    {
        _budget.Spend();
        _budget.Enter();
        Line = expression.Line;
        Value value = ValueOf(expression, scope);
        _budget.Leave();
        return value;
    }

    private Value ValueOf(Expression expression, Scope scope)
    {
        switch (expression)
        {
            case LiteralExpression literal:
                return literal.Value;
            case NameExpression name:
                return scope.Find(name.Name) ?? new UndefinedValue($"'{name.Name}' is undefined");
            case SequenceExpression sequence:
                return new SequenceValue(sequence.Kind, [.. sequence.Items.Select(item => Evaluate(item, scope))]);
            case DictExpression dict:
                return new DictValue([.. dict.Entries.Select(entry => (Evaluate(entry.Key, scope), Evaluate(entry.Value, scope)))]);
            case SignExpression sign:
                Value number = Evaluate(sign.Operand, scope);
                return sign.IsMinus ? Operators.Negate(number) : Operators.Plus(number);
            case BinaryExpression binary:
                Value left = Evaluate(binary.Left, scope), right = Evaluate(binary.Right, scope);
                Line = binary.Line;
                return Operators.Apply(binary.Operator, left, right, _budget);
            case ConcatExpression concat:
                return Operators.Concat([.. concat.Items.Select(item => Evaluate(item, scope))], _budget);
            case CompareExpression compare:
                return Compare(compare, scope);
            case LogicExpression logic:
                return Logic(logic, scope);
            case NotExpression not:
                return BoolValue.Of(!Evaluate(not.Operand, scope).IsTrue);
            case ConditionalExpression condition:
                if (Evaluate(condition.Test, scope).IsTrue) return Evaluate(condition.Yes, scope);
                return condition.No is { } no ? Evaluate(no, scope) : new UndefinedValue("the condition is false, and there is no else");
            case AttributeExpression attribute:
                Value owner = Evaluate(attribute.Target, scope);
                Line = attribute.Line;
                return Members.Attribute(owner, attribute.Name, _budget);
            case ItemExpression item:
                Value container = Evaluate(item.Target, scope), index = Evaluate(item.Index, scope);
                Line = item.Line;
                return Members.Item(container, index, _budget);
            case SliceExpression slice:
                Value whole = Evaluate(slice.Target, scope);
                return Slices.Of(whole, Optional(slice.Start, scope), Optional(slice.Stop, scope), Optional(slice.Step, scope), _budget);
            case CallExpression call:
                return Call(call, scope, null);
            case FilterExpression filter:
                return Filtered(filter, Evaluate(filter.Target!, scope), scope);
            case TestExpression test:
                Value tested = Evaluate(test.Target, scope);
                CallArguments arguments = Evaluate(test.Arguments, scope);
                Line = test.Line;
                return BoolValue.Of(Tests.Holds(test.Name, tested, arguments, _budget));
            default:
                throw new TemplateException($"{expression.GetType().Name} has no value");
        }
    }

    private Value? Optional(Expression? expression, Scope scope) => expression is null ? null : Evaluate(expression, scope);

    private BoolValue Compare(CompareExpression compare, Scope scope)
    {
        Value left = Evaluate(compare.First, scope);
        foreach ((Comparison comparison, Expression operand) in compare.Rest)
        {
            Value right = Evaluate(operand, scope);
            Line = compare.Line;
            if (!Operators.Holds(comparison, left, right, _budget)) return BoolValue.False;
            left = right;
        }
        return BoolValue.True;
    }

    private Value Logic(LogicExpression logic, Scope scope)
    {
        Value value = Evaluate(logic.Operands[0], scope);
        for (int i = 1; i < logic.Operands.Count && value.IsTrue == logic.IsAnd; i++) value = Evaluate(logic.Operands[i], scope);
        return value;
    }

    private Value Filtered(FilterExpression filter, Value value, Scope scope)
    {
        CallArguments arguments = Evaluate(filter.Arguments, scope);
        Line = filter.Line; // arguments may be on lines of their own; an error belongs to the filter
        return Filters.Apply(filter.Name, value, arguments, _budget);
    }

    private Value Filtered(IReadOnlyList<FilterExpression> filters, Value value, Scope scope)
    {
        foreach (FilterExpression filter in filters) value = Filtered(filter, value, scope);
        return value;
    }

    private Value Call(CallExpression call, Scope scope, FunctionValue? caller)
    {
        Value target = Evaluate(call.Target, scope);
        CallArguments arguments = Evaluate(call.Arguments, scope);
        if (caller is not null)
            arguments = arguments with { Named = new Dictionary<string, Value>(arguments.Named) { ["caller"] = caller } };
        Line = call.Line;
        return target switch
        {
            FunctionValue function => function.Call(arguments),
            UndefinedValue missing => throw missing.Used(),
            LoopValue => throw new TemplateException("recursive loops are not supported"),
            _ => throw new TemplateException($"a {target.TypeName} cannot be called"),
        };
    }

    private CallArguments Evaluate(Arguments arguments, Scope scope)
    {
        if (ReferenceEquals(arguments, Arguments.None)) return CallArguments.None;
        List<Value> positional = [.. arguments.Positional.Select(argument => Evaluate(argument, scope))];
        if (arguments.Rest is { } rest) positional.AddRange(Sequences.Items(Evaluate(rest, scope), _budget));
        var named = arguments.Named.ToDictionary(argument => argument.Name, argument => Evaluate(argument.Value, scope));
        if (arguments.NamedRest is not { } namedRest) return new CallArguments(positional, named);
        if (Evaluate(namedRest, scope) is not DictValue dict) throw new TemplateException("'**' needs a dict");
        foreach ((Value key, Value value) in dict.Entries)
        {
            _budget.Spend();
            if (!named.TryAdd(StringMethods.Text(key, "**"), value)) throw new TemplateException("an argument is given twice");
        }
        return new CallArguments(positional, named);
    }
}
