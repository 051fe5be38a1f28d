namespace Reasoning.Jinja;

/// <summary>Values of the arguments of a call.</summary>
/// <param name="Positional">In order.</param>
/// <param name="Named">By keyword.</param>
internal sealed record CallArguments(IReadOnlyList<Value> Positional, IReadOnlyDictionary<string, Value> Named)
{
    public static readonly CallArguments None = new([], new Dictionary<string, Value>());

    /// <summary>The arguments without the first few positional ones.</summary>
    public CallArguments Skip(int count) => this with { Positional = [.. Positional.Skip(count)] };

    /// <summary>The values of parameters, null where none is given.</summary>
    /// <param name="function">Name for messages.</param>
    /// <param name="required">How many of the parameters must be given.</param>
    /// <param name="names">Names of the parameters.</param>
    /// <exception cref="TemplateException">There are too many, too few, or one of another name.</exception>
    public Value?[] Bind(string function, int required, params ReadOnlySpan<string> names)
    {
        if (Positional.Count > names.Length)
            throw new TemplateException($"'{function}' takes at most {names.Length} arguments, not {Positional.Count}");
        var values = new Value?[names.Length];
        for (int i = 0; i < Positional.Count; i++) values[i] = Positional[i];
        foreach ((string name, Value value) in Named)
        {
            int index = names.IndexOf(name);
            if (index < 0) throw new TemplateException($"'{function}' has no argument '{name}'");
            if (values[index] is not null) throw new TemplateException($"'{function}' gets the argument '{name}' twice");
            values[index] = value;
        }
        for (int i = 0; i < required; i++)
        {
            if (values[i] is null) throw new TemplateException($"'{function}' needs the argument '{names[i]}'");
        }
        return values;
    }
}
