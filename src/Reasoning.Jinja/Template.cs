namespace Reasoning.Jinja;

/// <summary>
/// A template in the subset of Jinja that chat templates use, with the semantics of Jinja2 as transformers sets it up: white space rules
/// <c>trim_blocks</c> and <c>lstrip_blocks</c>, loop controls, <c>generation</c> blocks, an immutable sandbox. Immutable; each rendering has
/// its own budget.
/// </summary>
internal sealed class Template
{
    private const int MaxSource = 1 << 20;

    private readonly string _name;
    private readonly IReadOnlyList<Statement> _statements;

    private Template(string name, IReadOnlyList<Statement> statements) => (_name, _statements) = (name, statements);

    /// <summary>Reads a template.</summary>
    /// <param name="source">Its text.</param>
    /// <param name="name">Where it stands, for messages.</param>
    /// <exception cref="TemplateException">It is not of the subset; the message names the construct and its line.</exception>
    public static Template Parse(string source, string name)
    {
        if (source.Length > MaxSource) throw new TemplateException($"{name}: a template of more than {MaxSource} characters");
        try
        {
            return new Template(name, Parser.Parse(source));
        }
        catch (TemplateException e)
        {
            throw new TemplateException($"{name}, line {e.Line}: {e.Message}", e.Line, e);
        }
    }

    /// <summary>What the template writes.</summary>
    /// <param name="variables">Values of names.</param>
    /// <param name="now">What <c>strftime_now</c> formats; without it, the template has no such function.</param>
    /// <exception cref="TemplateException">The template fails, or takes more than its budget; the message names the line.</exception>
    public string Render(IEnumerable<(string Name, Value Value)> variables, DateTime? now)
    {
        var interpreter = new Interpreter();
        try
        {
            return interpreter.Run(_statements, variables, now);
        }
        catch (TemplateException e)
        {
            throw new TemplateException($"{_name}, line {interpreter.Line}: {Shown(e.Message)}", interpreter.Line, e);
        }
    }

    private static string Shown(string message) => message.Length <= 400 ? message : message[..400] + "…";
}
