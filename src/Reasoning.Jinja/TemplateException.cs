namespace Reasoning.Jinja;

/// <summary>
/// A template, or a value it meets, that cannot be rendered. What leaves <see cref="Template"/> names the template and the line in its
/// message.
/// </summary>
/// <param name="message">What is wrong.</param>
/// <param name="line">Line of the construct; 0 where only the interpreter knows it.</param>
internal sealed class TemplateException(string message, int line = 0, Exception? inner = null) : Exception(message, inner)
{
    public int Line { get; } = line;
}
