namespace Reasoning.Grading.Reading;

internal enum TokenKind
{
    /// <summary>Digits with an optional point and exponent; separators removed.</summary>
    Number,

    /// <summary>A symbol: one letter, or a command that stands for one.</summary>
    Name,

    /// <summary>sin, log and their kin.</summary>
    Function,

    /// <summary>Two or more letters in a row.</summary>
    Word,

    /// <summary>A command without known meaning.</summary>
    Unknown,

    /// <summary>An operator, bracket, separator or structural command, named by its text.</summary>
    Symbol,
}

/// <param name="Kind">What it is.</param>
/// <param name="Text">Canonical spelling.</param>
/// <param name="SpaceBefore">Whether it stands apart from the token before.</param>
/// <param name="InText">Whether it stands inside of \text{…}.</param>
internal readonly record struct Token(TokenKind Kind, string Text, bool SpaceBefore, bool InText = false)
{
    public bool Is(string symbol) => Kind == TokenKind.Symbol && string.Equals(Text, symbol, StringComparison.Ordinal);

    /// <summary>Letters, which may be a word or a symbol.</summary>
    public bool IsLetters => Kind is TokenKind.Word or TokenKind.Function || (Kind == TokenKind.Name && char.IsLetter(Text[0]) && Text.Length == 1);
}
