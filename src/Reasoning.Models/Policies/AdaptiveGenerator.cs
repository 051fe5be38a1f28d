using Reasoning.Models.Generation;
using Reasoning.Models.Kernels;
using Reasoning.Models.Modeling;
using Reasoning.Models.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Policies;

/// <summary>
/// Entropy adaptive decoding (arXiv:2502.06833): a small model answers, and a large one takes over while the small one is uncertain.
/// <code>
/// H̄_t = mean entropy of the last w tokens since the change, of the model at work, before the temperature
/// d tokens after a change at least:  small → large where H̄_t &gt; up,   large → small where H̄_t ≤ down
/// </code>
/// The small model begins. Each model has a cache of its own; the one that takes over first computes, in one pass, what it has not seen.
/// An answer depends on both models, prompt, options and its own key only, not on its neighbours in the batch.
/// Deviations: the paper has one threshold, in bits; a second one, below, keeps from changing to and fro, and both are in nats as all
/// entropies here. What the paper leaves open (start, caches, the window at a change) is ours. Samples of one prompt do not share it: each
/// computes the prompt itself.
/// </summary>
public sealed class AdaptiveGenerator : IRolloutSource
{
    private const int PassRows = 512;

    private readonly CausalLM _small, _large;
    private readonly AdaptiveSettings _settings;
    private readonly HashSet<int> _stopIds;

    /// <param name="small">Begins; its prompts and stop tokens count. Stays the caller's.</param>
    /// <param name="large">Takes over. Stays the caller's.</param>
    /// <param name="settings">When.</param>
    /// <exception cref="UserErrorException">The tokenizers differ, a setting is out of range, or a model is not float32 on the CPU.</exception>
    public AdaptiveGenerator(Policy small, Policy large, AdaptiveSettings settings)
        : this(small.Model, large.Model, [.. small.Stops.Select(stop => stop.Id)], settings)
    {
        if (Difference(small.Tokenizer, large.Tokenizer) is { } difference)
            throw new UserErrorException($"the large model has another tokenizer than the small one: {difference}; take models of one family");
    }

    internal AdaptiveGenerator(CausalLM small, CausalLM large, IReadOnlyCollection<int> stopIds, AdaptiveSettings settings)
    {
        settings.Check();
        if (!TensorMemory.IsFloatCpu(small.EmbedTokens) || !TensorMemory.IsFloatCpu(large.EmbedTokens))
            throw new UserErrorException("decoding with a large model beside a small one needs both in float32 on the CPU: set --device cpu");
        (_small, _large, _stopIds, _settings) = (small, large, [.. stopIds], settings);
    }

    /// <inheritdoc/>
    public string Engine => FormattableString.Invariant(
        $"{Generation.Generator.OwnEngine}, two models: large above {_settings.Up} nats, small at or below {_settings.Down} (mean of {_settings.Window} tokens, {_settings.Least} at least)");

    /// <summary>
    /// A threshold for <see cref="AdaptiveSettings.Up"/>: a quantile of the mean entropies of the last tokens, where the small model answers alone.
    /// </summary>
    /// <param name="small">The small model.</param>
    /// <param name="requests">Prompts to look at.</param>
    /// <param name="options">How to draw.</param>
    /// <param name="quantile">0 to 1: the share of places whose mean is not above the threshold.</param>
    /// <param name="window">As <see cref="AdaptiveSettings.Window"/>.</param>
    /// <exception cref="UserErrorException">The quantile is out of range, or every answer is shorter than the window.</exception>
    public static double Threshold(
        Policy small, IReadOnlyList<GenerationRequest> requests, SamplingOptions options, double quantile, int window)
    {
        ArgumentNullException.ThrowIfNull(small);
        if (!(quantile >= 0 && quantile <= 1)) throw new UserErrorException(FormattableString.Invariant($"switch-quantile is {quantile}; it must be 0 to 1."));
        var means = new List<double>();
        foreach (Rollout rollout in small.Generator.Generate(requests, options).SelectMany(all => all))
        {
            (_, _, double[] entropies) = Scorer.Score(small.Model, [.. rollout.PromptIds, .. rollout.Ids]);
            double[] own = entropies[(rollout.PromptIds.Length - 1)..];
            for (int end = window; end <= own.Length; end++) means.Add(own[(end - window)..end].Average());
        }

        if (means.Count == 0) throw new UserErrorException($"switch-quantile cannot be computed: no answer has the {window} tokens of switch-window");
        means.Sort();
        return means[(int)Math.Round(quantile * (means.Count - 1))];
    }

    /// <inheritdoc/>
    public IReadOnlyList<Rollout[]> Generate(
        IReadOnlyList<GenerationRequest> requests, SamplingOptions options,
        Action<GenerationProgress>? progress = null, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        List<SequenceGroup> groups = [.. requests.Select(request => new SequenceGroup(request, Math.Min(
            SequenceGroup.LimitOf(request, options, _small.Config), SequenceGroup.LimitOf(request, options, _large.Config))))];
        if (groups.Sum(group => group.Request.Samples) == 0) return [.. groups.Select(group => group.Rollouts)];

        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        int positions = groups.Max(group => group.Request.PromptIds.Length + group.Limit);
        using FusedDecoder small = Decoder(_small), large = Decoder(_large);
        int vocabulary = Math.Min(_small.Config.VocabSize, _large.Config.VocabSize); // rows beyond it have no token
        new AdaptiveSession([small, large], groups, _stopIds, options, _settings, vocabulary, PassRows).Run(progress, cancel);
        return [.. groups.Select(group => group.Rollouts)];

        FusedDecoder Decoder(CausalLM model) => new(new DecoderWeights(model, positions), PassRows, options.Bfloat16Weights);
    }

    /// <summary>The first thing that two tokenizers do not have in common; null where there is none.</summary>
    private static string? Difference(Tokenizer small, Tokenizer large)
    {
        if (small.Hash == large.Hash) return null;
        if (small.VocabSize != large.VocabSize) return $"{large.VocabSize} tokens instead of {small.VocabSize}";
        for (int id = 0; id < small.VocabSize; id++)
        {
            string a = Token(small, id), b = Token(large, id);
            if (a != b) return $"token {id} is '{b}' instead of '{a}'";
        }

        return null;

        static string Token(Tokenizer tokenizer, int id) => tokenizer.Decode([id], skipSpecialTokens: false);
    }
}
