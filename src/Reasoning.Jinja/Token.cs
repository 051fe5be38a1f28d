namespace Reasoning.Jinja;

/// <summary>What a piece of template source is.</summary>
internal enum TokenKind
{
    /// <summary>Text outside of tags, as it will be written.</summary>
    Data,
    OutputBegin,
    OutputEnd,
    StatementBegin,
    StatementEnd,
    Name,

    /// <summary>A string literal, its escapes resolved.</summary>
    String,
    Integer,
    Float,
    Operator,
    End,
}

/// <summary>A piece of template source.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text; the value of a string literal.</param>
/// <param name="Line">Its line, from 1.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Line)
{
    public bool IsOperator(string text) => Kind == TokenKind.Operator && Text == text;

    public bool IsName(string text) => Kind == TokenKind.Name && Text == text;

    /// <summary>The token in a message.</summary>
    public string Describe() => Kind switch
    {
        TokenKind.Data => "text",
        TokenKind.OutputBegin => "'{{'",
        TokenKind.OutputEnd => "'}}'",
        TokenKind.StatementBegin => "'{%'",
        TokenKind.StatementEnd => "'%}'",
        TokenKind.String => "a string",
        TokenKind.End => "the end of the template",
        _ => $"'{(Text.Length <= 40 ? Text : Text[..40] + "…")}'",
    };
}
