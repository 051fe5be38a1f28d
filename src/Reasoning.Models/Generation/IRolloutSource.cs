namespace Reasoning.Models.Generation;

/// <summary>
/// What answers prompts: the module in training (<see cref="Generator"/>), or another engine that runs an export of it. Both draw with the
/// same keys, so that a difference between their rollouts comes from their logits.
/// </summary>
public interface IRolloutSource
{
    /// <summary>The engine, as a result of it is labelled.</summary>
    string Engine { get; }

    /// <summary>Samples every request.</summary>
    /// <param name="requests">Prompts with the number of samples of each.</param>
    /// <param name="options">How to draw.</param>
    /// <param name="progress">Called on this thread after every decoding step.</param>
    /// <param name="cancel">Looked at before every pass through the model.</param>
    /// <returns>The rollouts of each request, in the order of requests and samples.</returns>
    /// <exception cref="UserErrorException">An option is out of range, or a prompt is empty, too long, or not in the model's vocabulary.</exception>
    /// <exception cref="InvalidOperationException">The model's logits are not finite, or the engine failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is returned.</exception>
    IReadOnlyList<Rollout[]> Generate(
        IReadOnlyList<GenerationRequest> requests, SamplingOptions options,
        Action<GenerationProgress>? progress = null, CancellationToken cancel = default);
}
