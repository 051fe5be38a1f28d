using System.Diagnostics.CodeAnalysis;

namespace Reasoning.Jinja;

/// <summary>Kinds of sequences that Python tells apart.</summary>
internal enum SequenceKind
{
    List,
    Tuple,
    Range,

    /// <summary>Keys, values or items of an object: can be counted and iterated, not indexed.</summary>
    View,
}

/// <summary>A sequence, never changed after it was made.</summary>
internal sealed class SequenceValue : Value
{
    public SequenceValue(SequenceKind kind, IReadOnlyList<Value> items)
    {
        Kind = kind;
        Items = items;
        Nesting = Containers.NestingOf(items);
    }

    public SequenceKind Kind { get; }

    public IReadOnlyList<Value> Items { get; }

    /// <summary>How a range is written; null for all else.</summary>
    public string? Text { get; init; }

    public override int Nesting { get; }

    public override string TypeName => Kind switch
    {
        SequenceKind.List => "list",
        SequenceKind.Tuple => "tuple",
        SequenceKind.Range => "range",
        _ => "dict view",
    };

    public override bool IsTrue => Items.Count > 0;

    public static SequenceValue List(IReadOnlyList<Value> items) => new(SequenceKind.List, items);

    public static SequenceValue Tuple(params IReadOnlyList<Value> items) => new(SequenceKind.Tuple, items);
}

/// <summary>Values that come one by one, once, as filters such as <c>map</c> and <c>select</c> give them.</summary>
internal sealed class IteratorValue(IEnumerable<Value> items) : Value
{
    private readonly IEnumerator<Value> _items = items.GetEnumerator();

    public override string TypeName => "generator";

    public IEnumerable<Value> Rest()
    {
        while (_items.MoveNext()) yield return _items.Current;
    }
}

/// <summary>Keys and values in the order in which they were put in, never changed after it was made.</summary>
internal sealed class DictValue : Value
{
    private readonly Dictionary<Value, Value> _values = new(KeyComparer.Instance);
    private readonly List<Value> _keys = [];

    public DictValue(IEnumerable<(Value Key, Value Value)> entries)
    {
        foreach ((Value key, Value value) in entries)
        {
            if (!_values.ContainsKey(key)) _keys.Add(key);
            _values[key] = value;
        }
        Nesting = Math.Max(Containers.NestingOf(_keys), Containers.NestingOf(_values.Values));
    }

    public override string TypeName => "dict";

    public override bool IsTrue => _keys.Count > 0;

    public override int Nesting { get; }

    public int Count => _keys.Count;

    public IReadOnlyList<Value> Keys => _keys;

    public IEnumerable<(Value Key, Value Value)> Entries => _keys.Select(key => (key, _values[key]));

    public bool TryGet(Value key, [MaybeNullWhen(false)] out Value value) => _values.TryGetValue(key, out value);

    public Value? Find(string key) => _values.GetValueOrDefault(new StringValue(key));
}

/// <summary>What <c>namespace()</c> makes: the only value whose attributes a template may change.</summary>
internal sealed class NamespaceValue(Dictionary<string, Value> attributes) : Value
{
    public Dictionary<string, Value> Attributes { get; } = attributes;

    public override string TypeName => "Namespace";
}

/// <summary>Something that can be called: a function, a method bound to its value, a macro.</summary>
/// <param name="name">Name for messages.</param>
/// <param name="body">What a call does.</param>
internal sealed class FunctionValue(string name, Func<CallArguments, Value> body) : Value
{
    public string Name { get; } = name;

    public override string TypeName => "function";

    public Value Call(CallArguments arguments) => body(arguments);
}

/// <summary>What containers have in common.</summary>
internal static class Containers
{
    /// <summary>Nesting of a container of these values.</summary>
    /// <exception cref="TemplateException">It is too deep for the recursive functions that read it.</exception>
    public static int NestingOf(IEnumerable<Value> items)
    {
        int nesting = 0;
        foreach (Value item in items) nesting = Math.Max(nesting, item.Nesting);
        return nesting < Budget.MaxNesting
            ? nesting + 1
            : throw new TemplateException($"nests lists and objects deeper than {Budget.MaxNesting}");
    }
}
