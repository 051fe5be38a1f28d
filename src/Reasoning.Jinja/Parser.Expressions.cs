using System.Globalization;
using System.Numerics;
using System.Text;

namespace Reasoning.Jinja;

/// <content>
/// Expressions, from the weakest binding to the strongest: conditional, or, and, not, comparison, + and −, ~, * / // %, **, sign, filters
/// and tests, subscripts and calls.
/// </content>
internal sealed partial class Parser
{
    private const int MaxDigits = 300;

    private static readonly Dictionary<string, Comparison> s_comparisons = new()
    {
        ["=="] = Comparison.Equal,
        ["!="] = Comparison.NotEqual,
        ["<"] = Comparison.Less,
        ["<="] = Comparison.LessOrEqual,
        [">"] = Comparison.Greater,
        [">="] = Comparison.GreaterOrEqual,
    };

    /// <summary>One expression, or a tuple of those between commas.</summary>
    private Expression TupleOrExpression(bool withConditional = true, bool inParentheses = false)
    {
        int line = Current.Line;
        var items = new List<Expression>();
        bool isTuple = false;
        while (!EndsTuple())
        {
            items.Add(withConditional ? Expression() : Guarded(Or));
            if (!TakeOperator(",")) break;
            isTuple = true;
        }
        if (!isTuple && items.Count == 1) return items[0];
        if (items.Count == 0 && !inParentheses) throw Error($"expected an expression, found {Current.Describe()}");
        return new SequenceExpression(line, SequenceKind.Tuple, items);
    }

    private bool EndsTuple() =>
        Current.Kind is TokenKind.OutputEnd or TokenKind.StatementEnd || Current.IsOperator(")") || Current.IsName("recursive");

    private Expression Expression() => Guarded(Conditional);

    private Expression Guarded(Func<Expression> read)
    {
        if (++_depth > MaxDepth) throw Error($"nests deeper than {MaxDepth}");
        Expression expression = read();
        _depth--;
        return expression;
    }

    private Expression Conditional()
    {
        Expression value = Or();
        while (Current.IsName("if"))
        {
            int line = Take().Line;
            Expression test = Or();
            Expression? otherwise = TakeName("else") ? Guarded(Conditional) : null;
            value = new ConditionalExpression(line, test, value, otherwise);
        }
        return value;
    }

    private Expression Or() => Logic("or", And);

    private Expression And() => Logic("and", Not);

    private Expression Logic(string word, Func<Expression> operand)
    {
        Expression first = operand();
        if (!Current.IsName(word)) return first;
        var operands = new List<Expression> { first };
        while (TakeName(word)) operands.Add(operand());
        return new LogicExpression(first.Line, word == "and", operands);
    }

    private Expression Not()
    {
        int line = Current.Line;
        return TakeName("not") ? new NotExpression(line, Guarded(Not)) : Compare();
    }

    private Expression Compare()
    {
        Expression first = Sum();
        var rest = new List<(Comparison, Expression)>();
        while (true)
        {
            if (Current.Kind == TokenKind.Operator && s_comparisons.TryGetValue(Current.Text, out Comparison comparison))
            {
                Take();
                rest.Add((comparison, Sum()));
            }
            else if (TakeName("in"))
            {
                rest.Add((Comparison.In, Sum()));
            }
            else if (Current.IsName("not") && _tokens[_next + 1].IsName("in"))
            {
                _next += 2;
                rest.Add((Comparison.NotIn, Sum()));
            }
            else
            {
                return rest.Count == 0 ? first : new CompareExpression(first.Line, first, rest);
            }
        }
    }

    private Expression Sum() => Chain(Concat, text => text switch
    {
        "+" => BinaryOperator.Add,
        "-" => BinaryOperator.Subtract,
        _ => null,
    });

    private Expression Concat()
    {
        Expression first = Product();
        if (!Current.IsOperator("~")) return first;
        var items = new List<Expression> { first };
        while (TakeOperator("~")) items.Add(Product());
        return new ConcatExpression(first.Line, items);
    }

    private Expression Product() => Chain(Power, text => text switch
    {
        "*" => BinaryOperator.Multiply,
        "/" => BinaryOperator.Divide,
        "//" => BinaryOperator.FloorDivide,
        "%" => BinaryOperator.Modulo,
        _ => null,
    });

    private Expression Power() => Chain(() => Sign(), text => text == "**" ? BinaryOperator.Power : null);

    private Expression Chain(Func<Expression> operand, Func<string, BinaryOperator?> operatorOf)
    {
        Expression left = operand();
        while (Current.Kind == TokenKind.Operator && operatorOf(Current.Text) is { } found)
        {
            int line = Take().Line;
            left = new BinaryExpression(line, found, left, operand());
        }
        return left;
    }

    private Expression Sign(bool withFilter = true)
    {
        Token token = Current;
        Expression value = TakeOperator("-") ? new SignExpression(token.Line, true, Guarded(() => Sign(false)))
            : TakeOperator("+") ? new SignExpression(token.Line, false, Guarded(() => Sign(false)))
            : Primary();
        value = Postfix(value);
        return withFilter ? FiltersAndTests(value) : value;
    }

    private Expression Primary()
    {
        Token token = Take();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return Name(token);
            case TokenKind.String:
                var text = new StringBuilder(token.Text);
                while (Current.Kind == TokenKind.String) text.Append(Take().Text);
                return new LiteralExpression(token.Line, new StringValue(text.ToString()));
            case TokenKind.Integer when token.Text.Length <= MaxDigits:
                return new LiteralExpression(token.Line, new IntegerValue(BigInteger.Parse(token.Text, CultureInfo.InvariantCulture)));
            case TokenKind.Float when token.Text.Length <= MaxDigits:
                return new LiteralExpression(token.Line, new FloatValue(double.Parse(token.Text, CultureInfo.InvariantCulture)));
            case TokenKind.Integer or TokenKind.Float:
                throw Error($"a number of more than {MaxDigits} digits", token);
            case TokenKind.Operator when token.Text == "(":
                Expression inner = Guarded(() => TupleOrExpression(inParentheses: true));
                ExpectOperator(")");
                return inner;
            case TokenKind.Operator when token.Text == "[":
                return new SequenceExpression(token.Line, SequenceKind.List, Items("]", Expression));
            case TokenKind.Operator when token.Text == "{":
                return new DictExpression(token.Line, Items("}", Entry));
            default:
                throw Error($"expected an expression, found {token.Describe()}", token);
        }
    }

    private Expression Name(Token token)
    {
        Value? literal = token.Text switch
        {
            "true" or "True" => BoolValue.True,
            "false" or "False" => BoolValue.False,
            "none" or "None" => NoneValue.Instance,
            _ => null,
        };
        if (literal is not null) return new LiteralExpression(token.Line, literal);
        _namesRead.Peek().Add(token.Text);
        return new NameExpression(token.Line, token.Text);
    }

    private (Expression, Expression) Entry()
    {
        Expression key = Expression();
        ExpectOperator(":");
        return (key, Expression());
    }

    private List<T> Items<T>(string end, Func<T> read)
    {
        var items = new List<T>();
        while (!TakeOperator(end))
        {
            if (items.Count > 0)
            {
                ExpectOperator(",");
                if (TakeOperator(end)) break;
            }
            items.Add(read());
        }
        return items;
    }

    private Expression Postfix(Expression value)
    {
        while (true)
        {
            int line = Current.Line;
            if (TakeOperator(".")) value = Member(value, line);
            else if (TakeOperator("[")) value = Subscript(value, line);
            else if (Current.IsOperator("(")) value = new CallExpression(line, value, CallArguments());
            else return value;
        }
    }

    private Expression Member(Expression target, int line)
    {
        Token name = Take();
        if (name.Kind == TokenKind.Name) return new AttributeExpression(line, target, name.Text);
        if (name.Kind != TokenKind.Integer || name.Text.Length > MaxDigits)
            throw Error($"expected a name or number, found {name.Describe()}", name);
        var index = new IntegerValue(BigInteger.Parse(name.Text, CultureInfo.InvariantCulture));
        return new ItemExpression(line, target, new LiteralExpression(line, index));
    }

    private Expression Subscript(Expression target, int line)
    {
        Expression? start = Current.IsOperator(":") ? null : Expression();
        if (!TakeOperator(":"))
        {
            if (!Current.IsOperator(",")) return Close(new ItemExpression(line, target, start!));
            var items = new List<Expression> { start! };
            while (TakeOperator(",")) items.Add(Expression());
            return Close(new ItemExpression(line, target, new SequenceExpression(line, SequenceKind.Tuple, items)));
        }
        Expression? stop = EndsSlicePart() ? null : Expression();
        Expression? step = TakeOperator(":") && !EndsSlicePart() ? Expression() : null;
        return Close(new SliceExpression(line, target, start, stop, step));

        Expression Close(Expression subscript)
        {
            ExpectOperator("]");
            return subscript;
        }
    }

    private bool EndsSlicePart() => Current.IsOperator("]") || Current.IsOperator(":");

    private Expression FiltersAndTests(Expression value)
    {
        while (true)
        {
            int line = Current.Line;
            if (TakeOperator("|")) value = Filter(value);
            else if (TakeName("is")) value = Test(value, line);
            else if (Current.IsOperator("(")) value = new CallExpression(line, value, CallArguments());
            else return value;
        }
    }

    /// <summary>The filters of a block, one after the other; the first bar is read already.</summary>
    private List<FilterExpression> BlockFilters()
    {
        var filters = new List<FilterExpression>();
        do filters.Add(Filter(null));
        while (TakeOperator("|"));
        return filters;
    }

    private FilterExpression Filter(Expression? target)
    {
        int line = Current.Line;
        string name = NameOf("filter", Filters.Exists);
        return new FilterExpression(line, target, name, Current.IsOperator("(") ? CallArguments() : Arguments.None);
    }

    private Expression Test(Expression target, int line)
    {
        bool negated = TakeName("not");
        string name = NameOf("test", Tests.Exists);
        Arguments arguments = Arguments.None;
        if (Current.IsOperator("("))
        {
            arguments = CallArguments();
        }
        else if (BeginsOperand())
        {
            if (Current.IsName("is")) throw Error("tests with 'is' cannot be chained");
            arguments = new Arguments([Postfix(Primary())], [], null, null);
        }
        var test = new TestExpression(line, target, name, arguments);
        return negated ? new NotExpression(line, test) : test;
    }

    private bool BeginsOperand() =>
        (Current.Kind is TokenKind.Name or TokenKind.String or TokenKind.Integer or TokenKind.Float
            || Current.IsOperator("(") || Current.IsOperator("[") || Current.IsOperator("{"))
        && !(Current.IsName("else") || Current.IsName("or") || Current.IsName("and"));

    private string NameOf(string kind, Func<string, bool> exists)
    {
        Token token = Current;
        string name = ExpectName();
        if (Current.IsOperator(".")) name += ".…";
        return exists(name) ? name : throw Error($"the {kind} '{name}' is not supported", token);
    }

    private Arguments CallArguments()
    {
        ExpectOperator("(");
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        Expression? rest = null, namedRest = null;
        bool isFirst = true;
        while (!TakeOperator(")"))
        {
            if (!isFirst)
            {
                ExpectOperator(",");
                if (TakeOperator(")")) break;
            }
            isFirst = false;
            if (namedRest is not null) throw Error("an argument follows '**'");
            if (TakeOperator("**")) namedRest = Expression();
            else if (TakeOperator("*")) rest = rest is null ? Expression() : throw Error("'*' occurs twice");
            else if (Current.Kind == TokenKind.Name && _tokens[_next + 1].IsOperator("=")) named.Add(Named());
            else if (named.Count > 0 || rest is not null) throw Error("a positional argument follows a named one");
            else positional.Add(Expression());
        }
        return new Arguments(positional, named, rest, namedRest);

        (string, Expression) Named()
        {
            string name = ExpectName();
            ExpectOperator("=");
            if (named.Exists(argument => argument.Item1 == name)) throw Error($"the argument '{name}' occurs twice");
            return (name, Expression());
        }
    }
}
