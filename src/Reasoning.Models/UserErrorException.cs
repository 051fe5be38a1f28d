namespace Reasoning.Models;

/// <summary>
/// An error that the person at the keyboard can fix: a bad file, option or combination of both. The message is one line that
/// says what is wrong, where, and what to do. The program prints it without a stack trace and exits with code 2.
/// </summary>
public class UserErrorException : Exception
{
    private const int MaxLine = 1000;

    /// <summary>Makes the error.</summary>
    /// <param name="message">Line breaks and other control characters, which a quoted name may bring along, become spaces.</param>
    public UserErrorException(string message)
        : base(OneLine(message))
    {
    }

    /// <inheritdoc cref="UserErrorException(string)"/>
    public UserErrorException(string message, Exception innerException)
        : base(OneLine(message), innerException)
    {
    }

    /// <summary>
    /// A text without line breaks and control characters, for messages. What quotes thousands of characters of a damaged file loses
    /// its middle.
    /// </summary>
    internal static string OneLine(string text)
    {
        if (text.Length > MaxLine) text = $"{text[..(MaxLine * 3 / 4)]} … {text[^(MaxLine / 4)..]}";
        return string.Create(text.Length, text, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++) span[i] = char.IsControl(source[i]) || source[i] is '\u2028' or '\u2029' ? ' ' : source[i];
        });
    }
}
