namespace Reasoning.Jinja;

/// <summary>The variable <c>loop</c>. It looks one element ahead only when asked to, so that a lazy sequence stays lazy.</summary>
/// <param name="items">What is iterated.</param>
/// <param name="count">Number of elements where it is known at the start.</param>
/// <param name="budget">Pays for comparisons.</param>
internal sealed class LoopValue(IEnumerable<Value> items, int? count, Budget budget) : Value
{
    private readonly IEnumerator<Value> _items = items.GetEnumerator();
    private readonly Queue<Value> _ahead = [];
    private Value? _previous;
    private Value? _current;
    private int? _count = count;
    private Value? _changed;
    private int _index = -1;

    public override string TypeName => "loop";

    /// <summary>Goes to the next element.</summary>
    /// <returns>It, or null at the end.</returns>
    public Value? Next()
    {
        if (Peek() is not { } next) return null;
        _ahead.Dequeue();
        _previous = _current;
        _current = next;
        _index++;
        return next;
    }

    /// <summary>An attribute of <c>loop</c>, or null where it has none of the name.</summary>
    public Value? Attribute(string name) => name switch
    {
        "index" => Numbers.Of(_index + 1),
        "index0" => Numbers.Of(_index),
        "first" => BoolValue.Of(_index == 0),
        "last" => BoolValue.Of(Peek() is null),
        "length" => Numbers.Of(Length()),
        "revindex" => Numbers.Of(Length() - _index),
        "revindex0" => Numbers.Of(Length() - _index - 1),
        "previtem" => _previous ?? new UndefinedValue("there is no previous item"),
        "nextitem" => Peek() ?? new UndefinedValue("there is no next item"),
        "depth" => Numbers.Of(1), // counts recursion, which is not supported
        "depth0" => Numbers.Of(0),
        "cycle" => new FunctionValue("cycle", Cycle),
        "changed" => new FunctionValue("changed", Changed),
        _ => null,
    };

    private Value? Peek()
    {
        if (_ahead.Count == 0 && _items.MoveNext()) _ahead.Enqueue(_items.Current);
        return _ahead.TryPeek(out Value? next) ? next : null;
    }

    private int Length()
    {
        if (_count is { } known) return known;
        while (_items.MoveNext()) _ahead.Enqueue(_items.Current);
        _count = _index + 1 + _ahead.Count;
        return _count.Value;
    }

    private Value Cycle(CallArguments arguments) => arguments.Positional.Count > 0
        ? arguments.Positional[_index % arguments.Positional.Count]
        : throw new TemplateException("'cycle' needs at least one value");

    private BoolValue Changed(CallArguments arguments)
    {
        SequenceValue now = SequenceValue.Tuple(arguments.Positional);
        bool isSame = _changed is not null && Operators.AreEqual(_changed, now, budget);
        _changed = now;
        return BoolValue.Of(!isSame);
    }
}
