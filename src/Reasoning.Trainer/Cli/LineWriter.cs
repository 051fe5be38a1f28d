using System.Text;

namespace Reasoning.Trainer.Cli;

/// <summary>Hands whole lines written to it to the terminal as progress.</summary>
internal sealed class LineWriter(Terminal terminal) : TextWriter
{
    private readonly StringBuilder _line = new();

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value)
    {
        if (value == '\r') return;
        if (value != '\n')
        {
            _line.Append(value);
            return;
        }

        terminal.Progress(_line.ToString());
        _line.Clear();
    }
}
