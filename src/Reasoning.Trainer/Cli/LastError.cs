using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Cli;

/// <summary>Remembers the error among the lines of a terminal that nobody sees.</summary>
internal sealed class LastError : IProgress<RunProgress>
{
    /// <summary>The last one; null where there was none.</summary>
    public string? Line { get; private set; }

    public void Report(RunProgress value)
    {
        if (value.Line?.StartsWith("error: ", StringComparison.Ordinal) == true) Line = value.Line;
    }
}
