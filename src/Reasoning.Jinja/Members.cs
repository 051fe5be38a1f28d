namespace Reasoning.Jinja;

/// <summary>
/// Attributes and items of values. As in Python, <c>a.b</c> prefers methods and <c>a['b']</c> prefers keys; each falls back on the other.
/// </summary>
internal static class Members
{
    /// <summary><c>target.name</c></summary>
    /// <exception cref="TemplateException">The target is undefined, or the attribute a Python method that is not supported.</exception>
    public static Value Attribute(Value target, string name, Budget budget)
    {
        if (target is UndefinedValue missing) throw missing.Used();
        return OwnAttribute(target, name, budget)
            ?? (target is DictValue dict ? dict.Find(name) : null)
            ?? Missing(target, $"'{name}'");
    }

    /// <summary><c>target|attr('name')</c>: what <c>a.b</c> falls back on is left out.</summary>
    /// <exception cref="TemplateException">As <see cref="Attribute"/>.</exception>
    public static Value AttributeOnly(Value target, string name, Budget budget) => target is UndefinedValue missing
        ? throw missing.Used()
        : OwnAttribute(target, name, budget) ?? Missing(target, $"'{name}'");

    /// <summary><c>target[index]</c></summary>
    /// <exception cref="TemplateException">As <see cref="Attribute"/>.</exception>
    public static Value Item(Value target, Value index, Budget budget)
    {
        if (target is UndefinedValue missing) throw missing.Used();
        Value? item = target switch
        {
            DictValue dict => KeyComparer.CanBeKey(index) && dict.TryGet(index, out Value? found) ? found : null,
            _ when Numbers.Integer(index) is not null => Slices.At(target, Numbers.Small(index, "a position"), budget),
            _ => null,
        };
        if (item is not null) return item;
        if (index is StringValue name) return OwnAttribute(target, name.Text, budget) ?? Missing(target, $"'{name.Text}'");
        return Missing(target, Numbers.Integer(index) is not null ? $"element {PythonText.Of(index, budget)}" : "such element");
    }

    private static Value? OwnAttribute(Value target, string name, Budget budget) => target switch
    {
        NamespaceValue space => space.Attributes.GetValueOrDefault(name),
        LoopValue loop => loop.Attribute(name),
        StringValue text => StringMethods.Find(text.Text, name, budget),
        DictValue dict => ContainerMethods.Find(dict, name, budget),
        SequenceValue sequence => ContainerMethods.Find(sequence, name, budget),
        _ => null,
    };

    private static UndefinedValue Missing(Value target, string what)
    {
        string shown = what.Length <= 60 ? what : what[..60] + "…";
        return new UndefinedValue($"a {target.TypeName} has no {shown}");
    }
}
