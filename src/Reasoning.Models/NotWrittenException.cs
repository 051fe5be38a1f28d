namespace Reasoning.Models;

/// <summary>
/// A place could not be written. Before a command has done anything it is a user's error like any other; while a run goes on, the run has
/// failed.
/// </summary>
public sealed class NotWrittenException : UserErrorException
{
    /// <inheritdoc cref="UserErrorException(string, Exception)"/>
    public NotWrittenException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
