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
            meter.Lap(Metrics.ForwardSeconds, clock);
            clock.Restart();
            float[] advantages = Spread(part, (sample, _) => (float)sample.Advantage);
            float[] old = [.. part.SelectMany(sample => sample.Rollout.LogProbs)];
            float[] start = recipe.KlCoefficient > 0 ? [.. part.SelectMany(sample => _reference[sample])] : [];
            Tensor targets = rows.Targets(hidden.device), oldLogProbs = Floats.Beside(hidden, old); // [answer tokens], as all of these
            Tensor costs = Floats.Beside(hidden, Array.ConvertAll(advantages, advantage => -advantage));
            Tensor tokenWeights = Floats.Beside(hidden, Spread(part, (_, s) => (float)weights[place + s]));
            Tensor? startLogProbs = start.Length > 0 ? Floats.Beside(hidden, start) : null;
            Tensor logProbs = empty_like(oldLogProbs), entropies = empty_like(oldLogProbs);
            Tensor loss = OutputHead.Backward([hidden], policy.Model.HeadWeight, chunk =>
            {
                Tensor all = chunk.LogProbs(), logProb = LogitRows.Pick(all, chunk.Of(targets));
                Tensor entropy = LogitRows.Entropy(recipe.EntropyCoefficient > 0 ? all : all.detach());
                chunk.Keep(logProbs, logProb);
                chunk.Keep(entropies, entropy);
                Tensor tokens = Tokens(
                    logProb, entropy, chunk.Of(oldLogProbs), chunk.Of(costs), startLogProbs is null ? null : chunk.Of(startLogProbs));
                return (tokens * chunk.Of(tokenWeights)).sum();
            }, recipe.Temperature);
            meter.Lap(Metrics.BackwardSeconds, clock);
            absorb?.Invoke();
            (total ??= zeros([], ScalarType.Float64, loss.device).DetachFromDisposeScope()).add_(loss.detach());
            place += part.Count;
            Measure(logProbs, oldLogProbs, costs, startLogProbs, meter);
            meter.Mean(Metrics.Entropy, entropies);
            meter.Sum(Metrics.TrainedTokens, rows.Count);
            if (measuresGap) LogProbGap.Measure(part, logProbs, meter);
        }

        _isFirst = false;
        return total;
    }

    public void Dispose() => reference?.Dispose();

    /// <summary>The loss of each token, before averaging; all [rows].</summary>
    private Tensor Tokens(Tensor logProb, Tensor entropy, Tensor old, Tensor cost, Tensor? start)
    {
        Tensor ratio = (logProb - old).exp();
        Tensor loss = maximum(cost * ratio, cost * ratio.clamp(1 - recipe.ClipLow, 1 + recipe.ClipHigh));
        if (recipe.DualClip > 0) loss = where(cost.gt(0), minimum(loss, cost * recipe.DualClip), loss);
        if (start is not null) loss = loss + (Divergence(logProb, start) * recipe.KlCoefficient);
        return recipe.EntropyCoefficient > 0 ? loss - (entropy * recipe.EntropyCoefficient) : loss;
    }

    /// <summary>The estimate k3 of KL(π‖π_start) of each token (Schulman 2020): e^k − k − 1 with k = log π_start − log π.</summary>
    private static Tensor Divergence(Tensor logProb, Tensor start)
    {
        Tensor k = (start - logProb).clamp(-LargestLogRatio, LargestLogRatio);
        return k.exp() - k - 1;
    }

    private void Measure(Tensor logProbs, Tensor old, Tensor costs, Tensor? start, Meter meter)
    {
        Tensor ratio = (logProbs - old).exp(); // [answer tokens], as all of these
        meter.Mean(Metrics.Ratio, ratio);
        meter.Mean(Metrics.ClippedLow, costs.gt(0).logical_and(ratio.lt(1 - recipe.ClipLow)));
        meter.Mean(Metrics.ClippedHigh, costs.lt(0).logical_and(ratio.gt(1 + recipe.ClipHigh)));
        if (start is not null) meter.Mean(Metrics.Kl, Divergence(logProbs, start));
    }

    /// <summary>One value of each answer, repeated for each of its tokens.</summary>
    private static float[] Spread(ArraySegment<Sample> part, Func<Sample, int, float> value) =>
        [.. part.SelectMany((sample, s) => Enumerable.Repeat(value(sample, s), sample.Rollout.Ids.Length))];
}
