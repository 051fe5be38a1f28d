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
    /// <exception cref="UserErrorException">An option is out of range, or a prompt is empty, too long, or not in the model's vocabulary; or the logits
    /// of the model are not finite.</exception>
    /// <exception cref="InvalidOperationException">The engine failed.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is returned.</exception>
    IReadOnlyList<Rollout[]> Generate(
        IReadOnlyList<GenerationRequest> requests, SamplingOptions options,
        Action<GenerationProgress>? progress = null, CancellationToken cancel = default);
}

/// <summary>Asks for samples <paramref name="FirstSample"/> … <paramref name="FirstSample"/> + <paramref name="Samples"/> − 1 of one prompt.</summary>
/// <param name="PromptId">Names the prompt; part of the key of every draw, so equal ids give equal rollouts.</param>
/// <param name="PromptIds">The rendered prompt, special tokens included; at least one id.</param>
/// <param name="Samples">Number of rollouts; zero is allowed.</param>
/// <param name="FirstSample">Number of the first rollout: asking for 8 and then for 8 more from 8 equals asking for 16.</param>
public sealed record GenerationRequest(string PromptId, int[] PromptIds, int Samples, int FirstSample = 0);

/// <summary>How far a <see cref="Generator.Generate"/> call has come; reported after every decoding step.</summary>
/// <param name="Finished">Rollouts that have ended.</param>
/// <param name="Total">Rollouts asked for.</param>
/// <param name="Active">Rollouts in the batch of the step just done.</param>
/// <param name="Tokens">Tokens sampled so far.</param>
/// <param name="TokensPerSecond">Sampled tokens per second of wall time since the call began, prefill included.</param>
public readonly record struct GenerationProgress(int Finished, int Total, int Active, long Tokens, double TokensPerSecond);
