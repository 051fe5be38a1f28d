namespace Reasoning.Jinja;

/// <summary>
/// What one rendering may use: operations, characters of text it makes, and depth of evaluation. Limits are counts, so a template ends the
/// same way on every machine, whatever it does.
/// </summary>
internal sealed class Budget
{
    /// <summary>Evaluated nodes, visited elements and, by sixteens, copied characters.</summary>
    public const int MaxOperations = 2_000_000;

    /// <summary>Characters of all strings that are made on the way, the output among them.</summary>
    public const int MaxCharacters = 1 << 25;

    /// <summary>Characters of one string.</summary>
    public const int MaxString = 1 << 22;

    /// <summary>Expressions and statements inside each other while they are evaluated, calls included.</summary>
    public const int MaxDepth = 800;

    /// <summary>Lists and objects inside each other.</summary>
    public const int MaxNesting = 100;

    /// <summary>Bits of an integer.</summary>
    public const int MaxBits = 1024;

    private long _operations;
    private long _characters;
    private int _depth;

    /// <summary>Counts operations.</summary>
    /// <exception cref="TemplateException">There are too many.</exception>
    public void Spend(long operations = 1)
    {
        _operations += operations;
        if (_operations > MaxOperations) throw new TemplateException($"takes more than {MaxOperations} operations");
    }

    /// <summary>Counts a string that is about to be made.</summary>
    /// <exception cref="TemplateException">It is too long, or all strings together are.</exception>
    public void Text(long characters)
    {
        if (characters > MaxString) throw new TemplateException($"makes a text of more than {MaxString} characters");
        _characters += characters;
        if (_characters > MaxCharacters) throw new TemplateException($"makes texts of more than {MaxCharacters} characters in total");
        Spend(1 + (characters / 16));
    }

    /// <summary>Begins a nested evaluation.</summary>
    public void Enter()
    {
        if (++_depth > MaxDepth) throw new TemplateException($"nests evaluations deeper than {MaxDepth}");
    }

    /// <summary>Ends a nested evaluation.</summary>
    public void Leave() => _depth--;

    /// <summary>A string value, counted.</summary>
    public StringValue String(string text)
    {
        Text(text.Length);
        return new StringValue(text);
    }
}
