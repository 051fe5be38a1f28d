using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Runs;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Objectives;

/// <summary>What is minimized: adds the gradients of its loss to the parameters.</summary>
internal interface IObjective : IDisposable
{
    /// <summary>Prepares for the answers of a step, before its first update.</summary>
    void Begin(IReadOnlyList<Sample> learning);

    /// <summary>Adds the gradients for one update and measures it.</summary>
    /// <param name="batch">The answers of the update; at least one.</param>
    /// <param name="meter">Takes the measurements.</param>
    /// <returns>[] float64, the loss, owned by the caller; null when there is nothing to learn from, and then no gradient either.</returns>
    Tensor? Accumulate(Sample[] batch, Meter meter);
}
