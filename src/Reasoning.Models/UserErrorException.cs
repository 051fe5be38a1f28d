namespace Reasoning.Models;

/// <summary>
/// An error that the person at the keyboard can fix: a bad file, option or combination of both. The message is one line that
/// says what is wrong, where, and what to do. The program prints it without a stack trace and exits with code 2.
/// </summary>
public sealed class UserErrorException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="message">Line breaks and other control characters, which a quoted name may bring along, become spaces.</param>
    public UserErrorException(string message)
        : base(JsonFile.OneLine(message))
    {
    }

    /// <inheritdoc cref="UserErrorException(string)"/>
    public UserErrorException(string message, Exception innerException)
        : base(JsonFile.OneLine(message), innerException)
    {
    }
}
