using System.Diagnostics;
using Reasoning.Models;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Objectives;

/// <summary>
/// Entropy minimization (Tent, Wang et al. 2021, arXiv:2006.10726) on the model's own answers.
/// <code>
/// L = Σ_t w_t H(p_t)        p_t = softmax(z_t / τ)        H(p) = − Σ_v p_v log p_v
/// </code>
/// p_t predicts the t-th sampled token; w_t averages over tokens or answers (<see cref="TokenWeights"/>); τ is <c>loss-temperature</c>.
/// Deviations: the paper adapts batch norms of an image classifier to its inputs; here RMS norms adapt to tokens that the model sampled.
/// There is no gradient through the sampling.
/// </summary>
internal sealed class EntropyObjective(Policy policy, Recipe recipe, Action? absorb = null) : IObjective
{
    private readonly TokenChoice _choice = new(recipe, policy.Tokenizer);
    private bool _isFirst;

    public void Begin(IReadOnlyList<Sample> learning) => _isFirst = true;

    public Tensor? Accumulate(Sample[] batch, Meter meter)
    {
        double[] weights = TokenWeights.For([.. batch.Select(_choice.Count)], recipe.Aggregation, recipe.MaxNewTokens);
        Tensor? total = null;
        int place = 0;
        foreach (ArraySegment<Sample> part in MicroBatches.Split(batch, recipe.MicroBatchTokens))
        {
            using DisposeScope scope = NewDisposeScope();
            var clock = Stopwatch.StartNew();
            var rows = new AnswerRows([.. part.Select(sample => sample.Rollout)]);
            Tensor hidden = rows.Hidden(policy.Model); // [answer tokens, width]
            meter.Lap(Metrics.ForwardSeconds, clock);
            if (_isFirst) LogProbGap.Measure(policy.Model, part, rows, hidden, recipe.Temperature, meter);
            _isFirst = false;

            ChosenTokens chosen =
                ChosenTokens.From(_choice, part, rows, hidden, policy.Model.HeadWeight, recipe.LossTemperature, weights.AsSpan(place));
            place += part.Count;
            if (chosen.Count == 0) continue;
            clock.Restart();
            Tensor entropy = empty(chosen.Count, device: hidden.device); // [chosen]
            Tensor loss = Backward(chosen.Hidden, policy.Model.HeadWeight, chosen.Weights, recipe.LossTemperature, entropy);
            meter.Lap(Metrics.BackwardSeconds, clock);
            absorb?.Invoke();
            (total ??= zeros([], ScalarType.Float64, loss.device).DetachFromDisposeScope()).add_(loss.detach());
            meter.Mean(Metrics.Entropy, entropy);
            meter.Sum(Metrics.TrainedTokens, chosen.Count);
        }

        return total;
    }

    public void Dispose()
    {
    }

    /// <summary>The loss and its gradients; the entropies of the rows go into <paramref name="entropies"/> if it is given.</summary>
    internal static Tensor Backward(Tensor hidden, Tensor head, Tensor weights, double temperature, Tensor? entropies = null) =>
        OutputHead.Backward([hidden], head, rows =>
        {
            Tensor entropy = LogitRows.Entropy(rows.LogProbs()); // [rows]
            if (entropies is not null) rows.Keep(entropies, entropy);
            return (entropy * rows.Of(weights)).sum();
        }, temperature);
}
