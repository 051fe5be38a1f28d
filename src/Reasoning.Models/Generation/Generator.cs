using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>
/// Samples answers from the very parameters that are being trained. A prompt is computed once for all its samples; all running
/// sequences decode together, and a finished one makes room for the next.
/// </summary>
/// <remarks>
/// A rollout depends on weights, prompt, options and its own key only. With the embedded backend it is the same to the bit whatever the
/// batch size, the order of requests and the number of threads; the matrix products of other backends may round differently for
/// another number of rows.
/// </remarks>
/// <param name="model">The model; its weights are read anew by every call.</param>
/// <param name="stopIds">Ids that end an answer.</param>
public sealed class Generator(CausalLM model, IReadOnlyCollection<int> stopIds)
{
    /// <summary>Prompt tokens computed in one pass.</summary>
    private const int PrefillRows = 512;

    private readonly HashSet<int> _stopIds = [.. stopIds];

    /// <summary>The model that answers.</summary>
    public CausalLM Model { get; } = model;

    /// <summary>Whether plain tensor operations are used where the fused path could run, for comparison.</summary>
    internal bool Composite { get; init; }

    /// <summary>Samples every request.</summary>
    /// <param name="requests">Prompts with the number of samples of each.</param>
    /// <param name="options">How to draw.</param>
    /// <param name="progress">Called on this thread after every decoding step.</param>
    /// <param name="cancel">Looked at before every pass through the model.</param>
    /// <returns>The rollouts of each request, in the order of requests and samples.</returns>
    /// <exception cref="UserErrorException">An option is out of range, or a prompt is empty, too long, or not in the model's vocabulary.</exception>
    /// <exception cref="InvalidOperationException">The model's logits are no longer finite.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is returned.</exception>
    public IReadOnlyList<Rollout[]> Generate(
        IReadOnlyList<GenerationRequest> requests, SamplingOptions options,
        Action<GenerationProgress>? progress = null, CancellationToken cancel = default)
    {
        options.Check();
        var groups = requests.Select(request => new SampleGroup(request, Limit(request, options))).ToList();
        if (groups.Sum(group => group.Request.Samples) == 0)
            return [.. groups.Select(group => group.Rollouts)];

        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        var weights = new DecoderWeights(Model, groups.Max(group => group.Request.PromptIds.Length + group.Limit));
        using IDecoder decoder = weights.CanFuse && !Composite
            ? new FusedDecoder(weights, Math.Max(PrefillRows, options.MaxBatch))
            : new CompositeDecoder(weights);
        new GenerationSession(decoder, groups, _stopIds, options, PrefillRows).Run(progress, cancel);
        return [.. groups.Select(group => group.Rollouts)];
    }

    /// <summary>Most tokens an answer to the request can have.</summary>
    private int Limit(GenerationRequest request, SamplingOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(request.Samples, nameof(request));
        ArgumentOutOfRangeException.ThrowIfNegative(request.FirstSample, nameof(request));
        int length = request.PromptIds.Length, positions = Model.Config.MaxPositions, vocabulary = Model.Config.VocabSize;
        if (length == 0)
            throw new UserErrorException($"Prompt {request.PromptId} has no tokens; the model needs at least one to start from.");
        if (length >= positions)
        {
            throw new UserErrorException(
                $"Prompt {request.PromptId} has {length} tokens and leaves no room for an answer: the model has {positions} positions. "
                + "Shorten or drop this prompt.");
        }

        foreach (int id in request.PromptIds)
        {
            if ((uint)id >= (uint)vocabulary)
            {
                throw new UserErrorException(
                    $"Prompt {request.PromptId} holds token {id}, but the model's embedding has {vocabulary} rows: tokenizer and model do not match.");
            }
        }

        return Math.Min(options.MaxNewTokens, positions - length);
    }
}
