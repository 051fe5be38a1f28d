using System.Text;

namespace Reasoning.Jinja;

/// <summary>Runs the statements of one template once.</summary>
internal sealed partial class Interpreter
{
    private readonly Budget _budget = new();
    private StringBuilder _output = new();

    /// <summary>How a body ended.</summary>
    private enum Flow
    {
        Normal,
        Break,
        Continue,
    }

    /// <summary>Line of the construct that runs, for messages.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>What the statements write.</summary>
    /// <param name="statements">A parsed template.</param>
    /// <param name="variables">Values of names.</param>
    /// <param name="now">What <c>strftime_now</c> formats; without it, the template has no such function.</param>
    /// <exception cref="TemplateException">The template fails, or takes more than its budget.</exception>
    public string Run(IReadOnlyList<Statement> statements, IEnumerable<(string Name, Value Value)> variables, DateTime? now)
    {
        var globals = new Scope(null);
        foreach ((string name, Value value) in Globals.All(_budget, now)) globals.Set(name, value);
        var given = new Scope(globals);
        foreach ((string name, Value value) in variables) given.Set(name, value);
        Execute(statements, new Scope(given));
        return _output.ToString();
    }

    private Flow Execute(IReadOnlyList<Statement> body, Scope scope)
    {
        foreach (Statement statement in body)
        {
            _budget.Spend();
            _budget.Enter();
            Line = statement.Line;
            Flow flow = Execute(statement, scope);
            _budget.Leave();
            if (flow != Flow.Normal) return flow;
        }
        return Flow.Normal;
    }

    private Flow Execute(Statement statement, Scope scope)
    {
        switch (statement)
        {
            case TextStatement text:
                Write(text.Text);
                return Flow.Normal;
            case OutputStatement output:
                Write(PythonText.Of(Evaluate(output.Value, scope), _budget));
                return Flow.Normal;
            case IfStatement choice:
                foreach ((Expression test, IReadOnlyList<Statement> body) in choice.Branches)
                {
                    if (Evaluate(test, scope).IsTrue) return Execute(body, scope);
                }
                return Execute(choice.Else, scope);
            case ForStatement loop:
                return Loop(loop, scope);
            case SetStatement set:
                Assign(set.Target, Evaluate(set.Value, scope), scope);
                return Flow.Normal;
            case SetBlockStatement set:
                (string captured, Flow flow) = Capture(set.Body, new Scope(scope));
                if (flow != Flow.Normal) return flow;
                Value content = new StringValue(captured);
                Assign(set.Target, Filtered(set.Filters, content, scope), scope);
                return Flow.Normal;
            case MacroStatement macro:
                scope.Set(macro.Name, Macro(macro.Name, macro.Macro, scope));
                return Flow.Normal;
            case CallStatement call:
                Write(PythonText.Of(Call(call.Call, scope, Macro("caller", call.Caller, scope)), _budget));
                return Flow.Normal;
            case FilterStatement filter:
                (string filtered, Flow filterFlow) = Capture(filter.Body, new Scope(scope));
                if (filterFlow == Flow.Normal) Write(PythonText.Of(Filtered(filter.Filters, new StringValue(filtered), scope), _budget));
                return filterFlow;
            case WithStatement with:
                var inner = new Scope(scope);
                foreach ((Target target, Expression value) in with.Values) Assign(target, Evaluate(value, scope), inner);
                return Execute(with.Body, inner);
            case GenerationStatement generation:
                return Execute(generation.Body, new Scope(scope));
            default:
                return statement is BreakStatement ? Flow.Break : Flow.Continue;
        }
    }

    private Flow Loop(ForStatement loop, Scope scope)
    {
        Value sequence = Evaluate(loop.Items, scope);
        IEnumerable<Value> items = Sequences.Items(sequence, _budget);
        bool isCounted = loop.Filter is null && sequence is not IteratorValue;
        if (loop.Filter is { } filter) items = items.Where(Passes);
        var state = new LoopValue(items, isCounted ? Sequences.Count(sequence, _budget) : null, _budget);
        bool any = false;
        Flow flow = Flow.Normal;
        while (flow is Flow.Normal or Flow.Continue && state.Next() is { } item)
        {
            any = true;
            var inner = new Scope(scope);
            inner.Set("loop", state);
            Line = loop.Line;
            Assign(loop.Target, item, inner);
            flow = Execute(loop.Body, inner);
        }
        return any ? Flow.Normal : Execute(loop.Else, new Scope(scope));

        bool Passes(Value item)
        {
            var inner = new Scope(scope);
            Assign(loop.Target, item, inner);
            return Evaluate(filter, inner).IsTrue;
        }
    }

    private void Assign(Target target, Value value, Scope scope)
    {
        switch (target)
        {
            case NameTarget name:
                scope.Set(name.Name, value);
                break;
            case MemberTarget member:
                if (scope.Find(member.Namespace) is not NamespaceValue space)
                    throw new TemplateException($"'{member.Namespace}' is no namespace: only the attributes of one can be set");
                space.Attributes[member.Name] = value;
                break;
            case TupleTarget tuple:
                if (value is UndefinedValue missing) throw missing.Used();
                List<Value> items = Sequences.List(value, _budget);
                if (items.Count != tuple.Items.Count)
                    throw new TemplateException($"{items.Count} values cannot be assigned to {tuple.Items.Count} names");
                for (int i = 0; i < items.Count; i++) Assign(tuple.Items[i], items[i], scope);
                break;
        }
    }

    private FunctionValue Macro(string name, MacroBody macro, Scope definedIn) => new(name, arguments =>
    {
        _budget.Enter();
        var scope = new Scope(definedIn);
        Bind(name, macro, arguments, scope);
        (string text, _) = Capture(macro.Body, scope);
        _budget.Leave();
        return new StringValue(text);
    });

    private void Bind(string name, MacroBody macro, CallArguments arguments, Scope scope)
    {
        var named = new Dictionary<string, Value>(arguments.Named);
        for (int i = 0; i < macro.Parameters.Count; i++)
        {
            (string parameter, Expression? otherwise) = macro.Parameters[i];
            bool isNamed = named.Remove(parameter, out Value? value);
            if (i < arguments.Positional.Count)
            {
                if (isNamed) throw new TemplateException($"the macro '{name}' gets the argument '{parameter}' twice");
                value = arguments.Positional[i];
            }
            scope.Set(parameter, value
                ?? (otherwise is null ? new UndefinedValue($"parameter '{parameter}' was not provided") : Evaluate(otherwise, scope)));
        }
        if (macro.Names.Contains("caller"))
        {
            named.Remove("caller", out Value? caller);
            scope.Set("caller", caller ?? new UndefinedValue("no caller was given"));
        }
        if (macro.Names.Contains("kwargs"))
        {
            scope.Set("kwargs", new DictValue(named.Select(pair => ((Value)new StringValue(pair.Key), pair.Value))));
            named.Clear();
        }
        if (named.Count > 0) throw new TemplateException($"the macro '{name}' has no argument '{named.Keys.First()}'");
        bool takesRest = macro.Names.Contains("varargs");
        if (takesRest) scope.Set("varargs", SequenceValue.Tuple([.. arguments.Positional.Skip(macro.Parameters.Count)]));
        else if (arguments.Positional.Count > macro.Parameters.Count)
            throw new TemplateException($"the macro '{name}' takes at most {macro.Parameters.Count} arguments");
    }

    private (string Text, Flow Flow) Capture(IReadOnlyList<Statement> body, Scope scope)
    {
        StringBuilder outer = _output;
        _output = new StringBuilder();
        Flow flow = Execute(body, scope);
        string text = _output.ToString();
        _output = outer;
        return (text, flow);
    }

    private void Write(string text)
    {
        _budget.Text(text.Length);
        if (_output.Length + text.Length > Budget.MaxString) _budget.Text((long)_output.Length + text.Length);
        _output.Append(text);
    }
}
