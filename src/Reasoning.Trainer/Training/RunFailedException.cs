using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Training;

/// <summary>A run ended with an error; its folder holds what was done until then, and the text of the error.</summary>
internal sealed class RunFailedException(RunFolder run, Exception cause) : Exception(cause.Message, cause)
{
    public RunFolder Run { get; } = run;
}
