namespace Reasoning.Jinja;

/// <summary>Methods of objects, lists and tuples. Those that change their value are refused, as in the sandbox of transformers.</summary>
internal static class ContainerMethods
{
    private static readonly HashSet<string> s_dictRefused = ["clear", "fromkeys", "pop", "popitem", "setdefault", "update"];
    private static readonly HashSet<string> s_listRefused = ["append", "clear", "copy", "extend", "insert", "pop", "remove", "reverse", "sort"];

    /// <summary>A method bound to an object, or null where objects have none of the name.</summary>
    public static FunctionValue? Find(DictValue dict, string name, Budget budget)
    {
        if (s_dictRefused.Contains(name)) throw Refused("dict", name);
        Func<CallArguments, Value>? body = name switch
        {
            "keys" => _ => new SequenceValue(SequenceKind.View, dict.Keys),
            "values" => _ => new SequenceValue(SequenceKind.View, [.. dict.Entries.Select(entry => entry.Value)]),
            "items" => _ => Items(dict),
            "copy" => _ => dict,
            "get" => Get,
            _ => null,
        };
        return body is null ? null : new FunctionValue(name, Counted);

        Value Counted(CallArguments arguments)
        {
            budget.Spend(name == "get" ? 1 : 1 + dict.Count);
            if (name != "get") arguments.Bind(name, 0);
            return body(arguments);
        }

        Value Get(CallArguments arguments)
        {
            Value?[] bound = arguments.Bind("get", 1, "key", "default");
            return dict.TryGet(bound[0]!, out Value? value) ? value : bound[1] ?? NoneValue.Instance;
        }
    }

    /// <summary>A method bound to a sequence, or null where sequences have none of the name.</summary>
    public static FunctionValue? Find(SequenceValue sequence, string name, Budget budget)
    {
        if (sequence.Kind == SequenceKind.View) return null;
        if (sequence.Kind == SequenceKind.List && s_listRefused.Contains(name)) throw Refused("list", name);
        return name switch
        {
            "index" => new FunctionValue(name, arguments => Index(arguments.Bind("index", 1, "value")[0]!)),
            "count" => new FunctionValue(name, arguments => Count(arguments.Bind("count", 1, "value")[0]!)),
            _ => null,
        };

        Value Index(Value wanted)
        {
            for (int i = 0; i < sequence.Items.Count; i++)
            {
                if (Operators.AreEqual(sequence.Items[i], wanted, budget)) return Numbers.Of(i);
            }
            throw new TemplateException("'index' finds nothing");
        }

        Value Count(Value wanted) => Numbers.Of(sequence.Items.Count(item => Operators.AreEqual(item, wanted, budget)));
    }

    /// <summary>Keys with their values, as pairs.</summary>
    public static SequenceValue Items(DictValue dict) =>
        new(SequenceKind.View, [.. dict.Entries.Select(entry => SequenceValue.Tuple(entry.Key, entry.Value))]);

    private static TemplateException Refused(string type, string name) =>
        new($"the method '{type}.{name}' is not supported: a template cannot change a {type}");
}
