using System.Diagnostics;
using Reasoning.Models;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Objectives;

/// <summary>
/// Clipped policy gradient with advantages relative to the group (GRPO, arXiv:2402.03300; asymmetric clip from DAPO, arXiv:2503.14476).
/// <code>
/// ρ_t = exp(log π(y_t) − log π_old(y_t))
/// P_t = max(− A ρ_t, − A clip(ρ_t, 1 − ε_low, 1 + ε_high));     where A &lt; 0:  P_t = min(P_t, − A c)
/// K_t = exp(k) − k − 1,  k = log π_ref(y_t) − log π(y_t)
/// L = Σ_t w_t ( P_t + β K_t − η H_t )
/// </code>
/// log π_old is what the sampler recorded, π_ref the start model, H_t the entropy; logits are divided by the sampling temperature
/// everywhere. w_t averages over all tokens of the update (<see cref="TokenWeights"/>).
/// Deviations: verl averages within a micro-batch first, so its result depends on the split; here it does not. k is held to ±20, as in
/// newer verl, so that one token cannot overflow.
/// </summary>
internal sealed class GrpoObjective(Policy policy, ReferenceModel? reference, Recipe recipe, Action? absorb = null) : IObjective
{
    private const double LargestLogRatio = 20;

    private Dictionary<Sample, float[]> _reference = [];
    private bool _isFirst;

    public void Begin(IReadOnlyList<Sample> learning)
    {
        _isFirst = true;
        if (reference is not null) _reference = reference.LogProbs([.. learning], recipe.Temperature, recipe.MicroBatchTokens);
    }

    public Tensor? Accumulate(Sample[] batch, Meter meter)
    {
        // Without advantages only the regularizers are left, near the start mere rounding noise, which AdamW would scale to a full step.
        if (Array.TrueForAll(batch, sample => sample.Advantage == 0)) return null;
        double[] weights =
            TokenWeights.For([.. batch.Select(sample => sample.Rollout.Ids.Length)], recipe.Aggregation, recipe.MaxNewTokens);
        Tensor? total = null;
        int place = 0;
        bool measuresGap = _isFirst;
        foreach (ArraySegment<Sample> part in MicroBatches.Split(batch, recipe.MicroBatchTokens))
        {
            using DisposeScope scope = NewDisposeScope();
            var clock = Stopwatch.StartNew();
            var rows = new AnswerRows([.. part.Select(sample => sample.Rollout)]);
            Tensor hidden = rows.Hidden(policy.Model); // [answer tokens, width]
            HeadScores scores =
                OutputHead.Score(hidden, policy.Model.HeadWeight, rows.Targets(hidden.device), recipe.Temperature); // [answer tokens] each
            meter.Lap(Metrics.ForwardSeconds, clock);
            float[] advantages = Spread(part, sample => (float)sample.Advantage);
            Tensor loss =
                (Tokens(scores, part, advantages, meter) * Floats.Beside(hidden, Spread(part, (_, s) => (float)weights[place + s]))).sum();
            clock.Restart();
            loss.backward();
            meter.Lap(Metrics.BackwardSeconds, clock);
            absorb?.Invoke();
            (total ??= zeros([], ScalarType.Float64, loss.device).DetachFromDisposeScope()).add_(loss.detach());
            place += part.Count;
            meter.Mean(Metrics.Entropy, scores.Entropy);
            meter.Sum(Metrics.TrainedTokens, rows.Count);
            if (measuresGap) LogProbGap.Measure(part, scores.LogProb, meter);
        }

        _isFirst = false;
        return total;
    }

    public void Dispose() => reference?.Dispose();

    /// <summary>The loss of each token, before averaging.</summary>
    private Tensor Tokens(HeadScores scores, ArraySegment<Sample> part, float[] advantages, Meter meter)
    {
        Tensor old = Floats.Beside(scores.LogProb, [.. part.SelectMany(sample => sample.Rollout.LogProbs)]);
        Tensor ratio = (scores.LogProb - old).exp(); // [answer tokens]
        Tensor cost = Floats.Beside(ratio, Array.ConvertAll(advantages, advantage => -advantage));
        Tensor loss = maximum(cost * ratio, cost * ratio.clamp(1 - recipe.ClipLow, 1 + recipe.ClipHigh));
        if (recipe.DualClip > 0) loss = where(cost.gt(0), minimum(loss, cost * recipe.DualClip), loss);
        meter.Mean(Metrics.Ratio, ratio);
        meter.Mean(Metrics.ClippedLow, cost.gt(0).logical_and(ratio.lt(1 - recipe.ClipLow)));
        meter.Mean(Metrics.ClippedHigh, cost.lt(0).logical_and(ratio.gt(1 + recipe.ClipHigh)));

        if (recipe.KlCoefficient > 0)
        {
            Tensor start = Floats.Beside(scores.LogProb, [.. part.SelectMany(sample => _reference[sample])]);
            Tensor k = (start - scores.LogProb).clamp(-LargestLogRatio, LargestLogRatio);
            Tensor kl = k.exp() - k - 1;
            loss = loss + (kl * recipe.KlCoefficient);
            meter.Mean(Metrics.Kl, kl);
        }

        return recipe.EntropyCoefficient > 0 ? loss - (scores.Entropy * recipe.EntropyCoefficient) : loss;
    }

    /// <summary>One value of each answer, repeated for each of its tokens.</summary>
    private static float[] Spread(ArraySegment<Sample> part, Func<Sample, int, float> value) =>
        [.. part.SelectMany((sample, s) => Enumerable.Repeat(value(sample, s), sample.Rollout.Ids.Length))];

    private static float[] Spread(ArraySegment<Sample> part, Func<Sample, float> value) => Spread(part, (sample, _) => value(sample));
}
