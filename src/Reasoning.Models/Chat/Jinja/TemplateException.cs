namespace Reasoning.Models.Jinja;

/// <summary>
/// A template, or a value it meets, that cannot be rendered. <see cref="Template"/> turns it into a <see cref="UserErrorException"/> with
/// name and line.
/// </summary>
/// <param name="message">What is wrong.</param>
/// <param name="line">Line of the construct; 0 where only the interpreter knows it.</param>
internal sealed class TemplateException(string message, int line = 0) : Exception(message)
{
    public int Line { get; } = line;
}
