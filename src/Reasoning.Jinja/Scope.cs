namespace Reasoning.Jinja;

/// <summary>
/// Variables of a part of a template. Loops, macros and blocks have their own; an assignment there does not change what surrounds them.
/// </summary>
/// <param name="parent">Where names are looked up that this part does not set.</param>
internal sealed class Scope(Scope? parent)
{
    private Dictionary<string, Value>? _variables;

    public void Set(string name, Value value) => (_variables ??= [])[name] = value;

    public Value? Find(string name)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope._variables is { } variables && variables.TryGetValue(name, out Value? value)) return value;
        }
        return null;
    }

    private Scope? Parent { get; } = parent;
}
