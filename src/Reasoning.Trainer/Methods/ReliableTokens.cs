using Reasoning.Models.Modeling;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Methods;

/// <summary>
/// Tokens that a model is sure enough of to learn from: entropy at most E₀, which is the quantile <c>reliable-share</c> of the entropies of
/// the first step's tokens.
/// Deviation: SAR and EATA take E₀ = 0.4 ln C for C classes of images. Of a vocabulary that is more than four nats, which hardly a token
/// reaches, so the filter would let everything through; a quantile of the run's own start means the same for every model.
/// </summary>
internal static class ReliableTokens
{
    public static readonly Metric Share = new("reliable_share", "share", "none", "Tokens whose entropy is not above the threshold.");

    /// <summary>E₀ among the numbers of a method.</summary>
    public const string Threshold = "reliable.threshold";

    /// <summary>Sets the threshold, unless a step has done so.</summary>
    public static void Calibrate(Method method, MethodContext context, IReadOnlyList<Sample> learning)
    {
        if (learning.Count == 0 || method.Numbers.ContainsKey(Threshold)) return;
        var entropies = new List<float>();
        SampleScores.Each(
            context.Policy.Model, [.. learning], method.Temperature, context.Recipe.MicroBatchTokens, (rows, _) => LogitRows.Entropy(rows.LogProbs()),
            (sample, values) => entropies.AddRange(method.Choice.Places(sample, values).Select(place => values[place])), context.Ranks);
        if (entropies.Count == 0) return;
        entropies.Sort();
        double share = context.Recipe.Of<ReliableSettings>().ReliableShare;
        method.Numbers[Threshold] = entropies[Math.Min(entropies.Count - 1, (int)(share * entropies.Count))];
    }

    /// <summary>[rows] bool, and measured.</summary>
    /// <param name="entropy">[rows]</param>
    public static Tensor Among(Tensor entropy, Method method, LogitRows rows, TokenBatch tokens)
    {
        using Scalar threshold = method.Numbers[Threshold];
        Tensor reliable = entropy.le(threshold);
        tokens.Mean(Share, rows, reliable);
        return reliable;
    }
}

/// <summary>Settings of <see cref="ReliableTokens"/>.</summary>
internal sealed record ReliableSettings : MethodSettings
{
    [Setting("share",
        "Share of the first step's tokens that count as reliable, those of lowest entropy; the largest of their entropies is the threshold from then on.", Min = 0, Above = true, Max = 1)]
    public double ReliableShare { get; init; } = 0.9;
}
