namespace Reasoning.Jinja;

/// <summary>Tokens to a tree of statements. What is not part of the subset is refused by name.</summary>
internal sealed partial class Parser
{
    private const int MaxDepth = 100;

    private static readonly HashSet<string> s_unsupported =
        ["extends", "include", "import", "from", "block", "autoescape", "do", "trans", "pluralize", "debug"];

    private readonly List<Token> _tokens;
    private readonly Stack<HashSet<string>> _namesRead = new([[]]);
    private int _next;
    private int _depth;
    private int _loops;

    private Parser(List<Token> tokens) => _tokens = tokens;

    private Token Current => _tokens[_next];

    /// <summary>The statements of a template.</summary>
    /// <exception cref="TemplateException">The source is not of the subset.</exception>
    public static IReadOnlyList<Statement> Parse(string source)
    {
        var parser = new Parser(Lexer.Read(source));
        List<Statement> statements = parser.Body([]);
        return statements;
    }

    /// <summary>Statements up to one of the tags that end them, whose name is read; up to the end of the template where none does.</summary>
    private List<Statement> Body(params ReadOnlySpan<string> ends)
    {
        if (++_depth > MaxDepth) throw Error($"nests deeper than {MaxDepth}");
        var body = new List<Statement>();
        int begin = Current.Line;
        while (true)
        {
            Token token = Take();
            switch (token.Kind)
            {
                case TokenKind.Data:
                    body.Add(new TextStatement(token.Line, token.Text));
                    continue;
                case TokenKind.OutputBegin:
                    body.Add(new OutputStatement(token.Line, TupleOrExpression()));
                    Expect(TokenKind.OutputEnd);
                    continue;
                case TokenKind.StatementBegin when Current.Kind == TokenKind.Name && ends.Contains(Current.Text):
                    _depth--;
                    return body;
                case TokenKind.StatementBegin:
                    body.Add(Statement());
                    continue;
                case TokenKind.End when ends.IsEmpty:
                    _depth--;
                    return body;
                default:
                    throw new TemplateException($"'{string.Join("' or '", ends.ToArray())}' is missing", begin);
            }
        }
    }

    /// <summary>A body with its one end tag.</summary>
    private List<Statement> Block(string end)
    {
        Expect(TokenKind.StatementEnd);
        List<Statement> body = Body(end);
        Take();
        Expect(TokenKind.StatementEnd);
        return body;
    }

    private Statement Statement()
    {
        Token name = Take();
        if (name.Kind != TokenKind.Name) throw Error($"expected a statement, found {name.Describe()}", name);
        return name.Text switch
        {
            "if" => If(name.Line),
            "for" => For(name.Line),
            "set" => Set(name.Line),
            "macro" => Macro(name.Line),
            "call" => Call(name.Line),
            "filter" => FilterBlock(name.Line),
            "with" => With(name.Line),
            "generation" => new GenerationStatement(name.Line, OutsideOfLoops(() => Block("endgeneration"))),
            "break" => Leave(new BreakStatement(name.Line), name),
            "continue" => Leave(new ContinueStatement(name.Line), name),
            _ when s_unsupported.Contains(name.Text) => throw Error($"the statement '{name.Text}' is not supported", name),
            _ => throw Error($"'{name.Text}' is no statement", name),
        };
    }

    private IfStatement If(int line)
    {
        var branches = new List<(Expression, IReadOnlyList<Statement>)>();
        while (true)
        {
            Expression test = TupleOrExpression(withConditional: false);
            Expect(TokenKind.StatementEnd);
            branches.Add((test, Body("elif", "else", "endif")));
            Token next = Take();
            if (next.Text == "elif") continue;
            List<Statement> otherwise = [];
            if (next.Text == "else") otherwise = Block("endif");
            else Expect(TokenKind.StatementEnd);
            return new IfStatement(line, branches, otherwise);
        }
    }

    private ForStatement For(int line)
    {
        Target target = AssignTarget(allowMembers: false);
        if (!TakeName("in")) throw Error($"expected 'in', found {Current.Describe()}");
        Expression items = TupleOrExpression(withConditional: false);
        Expression? filter = TakeName("if") ? Expression() : null;
        if (Current.IsName("recursive")) throw Error("recursive loops are not supported");
        Expect(TokenKind.StatementEnd);
        _loops++;
        List<Statement> body = Body("else", "endfor");
        _loops--;
        List<Statement> otherwise = [];
        if (Take().Text == "else") otherwise = Block("endfor");
        else Expect(TokenKind.StatementEnd);
        return new ForStatement(line, target, items, filter, body, otherwise);
    }

    private Statement Set(int line)
    {
        Target target = AssignTarget(allowMembers: true);
        if (TakeOperator("="))
        {
            Expression value = TupleOrExpression();
            Expect(TokenKind.StatementEnd);
            return new SetStatement(line, target, value);
        }
        List<FilterExpression> filters = TakeOperator("|") ? BlockFilters() : [];
        return new SetBlockStatement(line, target, filters, Block("endset"));
    }

    private MacroStatement Macro(int line)
    {
        string name = ExpectName();
        return new MacroStatement(line, name, MacroBody(Parameters(), "endmacro"));
    }

    private CallStatement Call(int line)
    {
        List<(string, Expression?)> parameters = Current.IsOperator("(") ? Parameters() : [];
        if (Expression() is not CallExpression call) throw new TemplateException("'call' needs a call", line);
        return new CallStatement(line, call, MacroBody(parameters, "endcall"));
    }

    private MacroBody MacroBody(List<(string, Expression?)> parameters, string end)
    {
        _namesRead.Push([]);
        List<Statement> body = OutsideOfLoops(() => Block(end));
        HashSet<string> names = _namesRead.Pop();
        _namesRead.Peek().UnionWith(names);
        return new MacroBody(parameters, body, names);
    }

    private List<(string, Expression?)> Parameters()
    {
        ExpectOperator("(");
        var parameters = new List<(string Name, Expression? Default)>();
        while (!TakeOperator(")"))
        {
            if (parameters.Count > 0) ExpectOperator(",");
            string name = ExpectName();
            Expression? fallback = TakeOperator("=") ? Expression() : null;
            if (fallback is null && parameters.Count > 0 && parameters[^1].Default is not null)
                throw Error($"the parameter '{name}' without a default follows one with a default");
            parameters.Add((name, fallback));
        }
        return parameters;
    }

    private FilterStatement FilterBlock(int line)
    {
        List<FilterExpression> filters = BlockFilters();
        return new FilterStatement(line, filters, Block("endfilter"));
    }

    private WithStatement With(int line)
    {
        var values = new List<(Target, Expression)>();
        while (Current.Kind != TokenKind.StatementEnd)
        {
            if (values.Count > 0) ExpectOperator(",");
            Target target = AssignTarget(allowMembers: false);
            ExpectOperator("=");
            values.Add((target, Expression()));
        }
        return new WithStatement(line, values, Block("endwith"));
    }

    private Statement Leave(Statement statement, Token name)
    {
        if (_loops == 0) throw Error($"'{name.Text}' outside of a loop", name);
        Expect(TokenKind.StatementEnd);
        return statement;
    }

    private List<Statement> OutsideOfLoops(Func<List<Statement>> read)
    {
        int loops = _loops;
        _loops = 0;
        List<Statement> body = read();
        _loops = loops;
        return body;
    }

    private Target AssignTarget(bool allowMembers)
    {
        var items = new List<Target> { OneTarget(allowMembers) };
        bool isTuple = false;
        while (TakeOperator(","))
        {
            isTuple = true;
            if (Current.Kind != TokenKind.Name && !Current.IsOperator("(")) break;
            if (Current.IsName("in")) break;
            items.Add(OneTarget(allowMembers));
        }
        return isTuple ? new TupleTarget(items) : items[0];
    }

    private Target OneTarget(bool allowMembers)
    {
        if (TakeOperator("("))
        {
            if (++_depth > MaxDepth) throw Error($"nests deeper than {MaxDepth}");
            Target inner = AssignTarget(allowMembers);
            ExpectOperator(")");
            _depth--;
            return inner;
        }
        string name = ExpectName();
        if (name is "true" or "false" or "none" or "True" or "False" or "None") throw Error($"'{name}' cannot be assigned to");
        if (!allowMembers || !TakeOperator(".")) return new NameTarget(name);
        _namesRead.Peek().Add(name);
        return new MemberTarget(name, ExpectName());
    }

    private Token Take()
    {
        Token token = _tokens[_next];
        if (token.Kind != TokenKind.End) _next++;
        return token;
    }

    private bool TakeName(string name)
    {
        if (!Current.IsName(name)) return false;
        _next++;
        return true;
    }

    private bool TakeOperator(string text)
    {
        if (!Current.IsOperator(text)) return false;
        _next++;
        return true;
    }

    private string ExpectName()
    {
        Token token = Take();
        return token.Kind == TokenKind.Name ? token.Text : throw Error($"expected a name, found {token.Describe()}", token);
    }

    private void ExpectOperator(string text)
    {
        if (!TakeOperator(text)) throw Error($"expected '{text}', found {Current.Describe()}");
    }

    private void Expect(TokenKind kind)
    {
        Token token = Take();
        if (token.Kind != kind) throw Error($"expected {new Token(kind, "", 0).Describe()}, found {token.Describe()}", token);
    }

    private TemplateException Error(string message, Token? token = null) => new(message, (token ?? Current).Line);
}
