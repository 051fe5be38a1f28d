using System.Runtime.InteropServices;

namespace Reasoning.Trainer.Cli;

/// <summary>The first Ctrl-C (or request to terminate) asks the program to save and leave; the second ends it at once.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly TextWriter _error;
    private readonly PosixSignalRegistration[] _signals;

    public Interrupt(TextWriter error)
    {
        _error = error;
        _signals = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Ask), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Ask)];
    }

    /// <summary>Cancelled when someone asked to stop.</summary>
    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals) signal.Dispose();
        _source.Dispose();
    }

    private void Ask(PosixSignalContext context)
    {
        if (_source.IsCancellationRequested) return; // the default action ends the process
        context.Cancel = true;
        _error.WriteLine();
        _error.WriteLine("stopping after what runs now; once more to end at once");
        _source.Cancel();
    }
}
