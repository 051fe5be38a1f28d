using Reasoning.Models.Devices;
using Reasoning.Models.Kernels;
using Reasoning.Models.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Generation;

/// <summary>
/// Samples answers from the very parameters that are being trained. A prompt is computed once for all its samples; all running
/// sequences decode together, and a finished one makes room for the next.
/// </summary>
/// <remarks>
/// A rollout depends on weights, prompt, options and its own key only. In float32 on the CPU it is the same to the bit whatever the batch
/// size, the order of requests and the number of threads. On other devices, and in other types, <see cref="DeviceSession"/> runs, whose
/// matrix products may round differently for another number of rows.
/// </remarks>
/// <param name="model">The model; its weights are read anew by every call.</param>
/// <param name="stopIds">Ids that end an answer.</param>
public sealed class Generator(CausalLM model, IReadOnlyCollection<int> stopIds) : IRolloutSource
{
    /// <summary>The name of this engine.</summary>
    public const string OwnEngine = "own";

    /// <summary>Prompt tokens computed in one pass.</summary>
    private const int PrefillRows = 512;

    private readonly HashSet<int> _stopIds = [.. stopIds];

    /// <summary>The model that answers.</summary>
    internal CausalLM Model { get; } = model;

    /// <inheritdoc/>
    public string Engine => OwnEngine;

    /// <summary>Whether the forward pass of training and of other devices is used where the packed weights could run, for comparison.</summary>
    internal bool Composite { get; init; }

    /// <summary>Most bytes of keys and values on a device.</summary>
    internal long? CacheBytes { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<Rollout[]> Generate(
        IReadOnlyList<GenerationRequest> requests, SamplingOptions options,
        Action<GenerationProgress>? progress = null, CancellationToken cancel = default)
    {
        options.Check();
        var groups = requests.Select(request => new SequenceGroup(request, SequenceGroup.LimitOf(request, options, Model.Config))).ToList();
        if (groups.Sum(group => group.Request.Samples) == 0)
            return [.. groups.Select(group => group.Rollouts)];

        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        bool fuses = TensorMemory.IsFloatCpu(Model.EmbedTokens) && !Composite;
        if (options.Bfloat16Weights && !fuses)
            throw new UserErrorException("bfloat16 weights for sampling alone are for float32 models on the CPU; elsewhere load the whole model as bfloat16");
        if (!fuses)
        {
            using var session = new DeviceSession(Model, groups, _stopIds, options, PrefillRows, CacheBytes ?? DeviceBudget.Of(Model.HeadWeight).CacheBytes);
            session.Run(progress, cancel);
            return [.. groups.Select(group => group.Rollouts)];
        }

        var weights = new DecoderWeights(Model, groups.Max(group => group.Request.PromptIds.Length + group.Limit));
        using var decoder = new FusedDecoder(weights, Math.Max(PrefillRows, options.MaxBatch), options.Bfloat16Weights);
        new GenerationSession(decoder, groups, _stopIds, options, PrefillRows).Run(progress, cancel);
        return [.. groups.Select(group => group.Rollouts)];
    }
}
