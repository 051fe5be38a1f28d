using Reasoning.Models.Files;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Cli;

/// <summary>
/// Where results, progress and input go. Progress that overwrites itself appears on a terminal only; a log file gets whole lines.
/// </summary>
internal sealed class Terminal(TextWriter output, TextWriter error, TextReader input, bool isInteractive, int width, bool isOutTerminal = false)
{
    private int _transient;
    private RunProgress _at = new(RunPhase.Loading, 0, 0, null);

    /// <summary>Results.</summary>
    public TextWriter Out { get; } = output;

    /// <summary>Columns.</summary>
    public int Width { get; } = width;

    /// <summary>Whether a person reads <see cref="Out"/>, rather than a file or another program.</summary>
    public bool IsOutTerminal { get; } = isOutTerminal;

    /// <summary>Whether progress may overwrite itself.</summary>
    public bool IsInteractive { get; } = isInteractive;

    /// <summary>Told where a run is, and every line of progress; null for nobody.</summary>
    public IProgress<RunProgress>? Listener { get; init; }

    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess()
    {
        bool interactive = !Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb";
        int width = 100;
        try
        {
            if (interactive || !Console.IsOutputRedirected) width = Math.Clamp(Console.WindowWidth, 40, 200);
        }
        catch (IOException)
        {
            interactive = false;
        }

        // Not Console.In, which waits for a whole buffer where it reads from a terminal.
        var input = new StreamReader(Console.OpenStandardInput(), Console.InputEncoding);
        return new Terminal(Console.Out, Console.Error, input, interactive, width, !Console.IsOutputRedirected);
    }

    /// <summary>One that nobody sees.</summary>
    /// <param name="listener">Told what it would show; null for nobody.</param>
    public static Terminal Silent(IProgress<RunProgress>? listener = null) =>
        new(TextWriter.Null, TextWriter.Null, TextReader.Null, isInteractive: false, width: 100) { Listener = listener };

    /// <summary>The lines of standard input, as they come.</summary>
    /// <exception cref="Models.UserErrorException">One is longer than <see cref="FileLimits.Text"/>.</exception>
    public IEnumerable<string> Lines() => BoundedLines.Of(input, "standard input", FileLimits.Text);

    /// <summary>A run begins with something else.</summary>
    public void Enter(RunPhase phase, int step = 0, int steps = 0) => Listener?.Report(_at = new RunProgress(phase, step, steps, null));

    /// <summary>A line of progress; on a terminal it goes on below where it is too long.</summary>
    /// <param name="line">One line.</param>
    /// <param name="indent">Columns that the lines below are indented.</param>
    public void Progress(string line = "", int indent = 2)
    {
        Listener?.Report(_at with { Line = line });
        Write(() =>
        {
            if (_transient > 0) error.Write('\r' + new string(' ', _transient) + '\r');
            _transient = 0;
            error.WriteLine(IsInteractive ? Wrap.At(line, Width, indent) : line);
        });
    }

    /// <summary>A line that the next one replaces; nothing where the output is not a terminal.</summary>
    public void Show(string line)
    {
        if (!IsInteractive) return;
        int cut = line.Length < Width ? line.Length : line.LastIndexOf(' ', Width - 1);
        string text = line[..(cut > 0 ? cut : Width - 1)];
        Write(() => error.Write('\r' + text.PadRight(_transient)));
        _transient = text.Length;
    }

    // A run goes on, and saves, when its terminal is closed or the disk of its log is full.
    private void Write(Action write)
    {
        try
        {
            write();
            error.Flush();
        }
        catch (IOException)
        {
        }
    }
}
