using System.Diagnostics;
using Reasoning.Models;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Objectives;

/// <summary>
/// ZeroSiam (arXiv:2509.23183, ICLR 2026): entropy is minimized behind a predictor, which is held to the original distribution.
/// <code>
/// p_r = softmax(h Wᵀ / τ), constant        p_o = softmax((h Pᵀ) Wᵀ / τ)
/// L = Σ_t w_t [ H(p_o) + α ( KL(p_r‖p_o) + KL(p_o‖p_r) ) ]
/// </code>
/// h is the hidden state after the final norm, W the head, P the predictor (identity at first), τ is <c>loss-temperature</c>. The gradient
/// reaches the model through h and P; answers are sampled from p_r, without the predictor.
/// Deviations: the paper states no settings for language models; the place of P before the head, the mean over sampled tokens and the
/// separate clipping of the predictor are ours. While P is the identity the divergence and its gradient are zero, so the first step on
/// the model equals Tent's.
/// </summary>
internal sealed class ZeroSiamObjective(Policy policy, Predictor predictor, Recipe recipe, Action? absorb = null) : IObjective
{
    private readonly TokenChoice _choice = new(recipe, policy.Tokenizer);
    private bool _isFirst;

    public void Begin(IReadOnlyList<Sample> learning) => _isFirst = true;

    public Tensor? Accumulate(Sample[] batch, Meter meter)
    {
        double[] weights = TokenWeights.For([.. batch.Select(_choice.Count)], recipe.Aggregation, recipe.MaxNewTokens);
        using DisposeScope whole = NewDisposeScope();
        Tensor? total = null, tops = null; // tops: [vocab] how often a token was the most probable one
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
            var scores = new ZeroSiamScores(chosen.Count, hidden.device);
            Tensor loss = Backward(
                chosen.Hidden, predictor.Weight, policy.Model.HeadWeight, chosen.Weights, recipe.Alpha, recipe.LossTemperature, scores);
            meter.Lap(Metrics.BackwardSeconds, clock);
            absorb?.Invoke();
            (total ??= zeros([], ScalarType.Float64, loss.device).DetachFromDisposeScope()).add_(loss.detach());
            Measure(scores, meter);
            tops ??= zeros(policy.Model.Config.VocabSize, ScalarType.Float64, loss.device).MoveToOuterDisposeScope();
            tops.index_add_(0, scores.TargetTop, ones_like(scores.TargetTop, ScalarType.Float64), 1);
        }

        if (tops is not null) meter.Set(Metrics.TopTokenShare, tops.max() / tops.sum());
        return total;
    }

    public void Dispose()
    {
    }

    /// <summary>The loss and its gradients; what the branches say about the rows goes into <paramref name="scores"/> if it is given.</summary>
    /// <param name="hidden">[n, width] after the final norm</param>
    /// <param name="predictor">[width, width], applied as h Pᵀ</param>
    /// <param name="head">[vocab, width]; gets the gradient of the online branch only.</param>
    /// <param name="weights">[n] w_t</param>
    internal static Tensor Backward(
        Tensor hidden, Tensor predictor, Tensor head, Tensor weights, double alpha, double temperature, ZeroSiamScores? scores = null)
    {
        Tensor predicted = nn.functional.linear(hidden.to(predictor.dtype), predictor).to(hidden.dtype); // [n, width]
        return OutputHead.Backward([hidden.detach(), predicted], head, rows =>
        {
            Tensor logr = rows.LogProbs(0), logp = rows.LogProbs(1); // [rows, vocab]
            Tensor entropy = LogitRows.Entropy(logp); // [rows]
            Tensor divergence = ((logp.exp() - logr.exp()) * (logp - logr)).sum(1); // [rows], both directions in one
            scores?.Keep(rows, logr, entropy, divergence, temperature);
            return ((entropy + (divergence * alpha)) * rows.Of(weights)).sum();
        }, temperature);
    }

    private static void Measure(ZeroSiamScores scores, Meter meter)
    {
        meter.Mean(Metrics.Entropy, scores.TargetEntropy);
        meter.Mean(Metrics.OnlineEntropy, scores.OnlineEntropy);
        meter.Mean(Metrics.Divergence, scores.Divergence);
        meter.Mean(Metrics.LogitNorm, scores.TargetLogitNorm);
        meter.Sum(Metrics.TrainedTokens, scores.TargetTop.numel());
    }
}

/// <summary>What the two branches say about each of <paramref name="count"/> rows; belongs to the caller's scope.</summary>
internal sealed class ZeroSiamScores(int count, Device device)
{
    /// <summary>[n] H(p_o) in nats</summary>
    public Tensor OnlineEntropy { get; } = empty(count, device: device);

    /// <summary>[n] KL(p_r‖p_o) + KL(p_o‖p_r) in nats</summary>
    public Tensor Divergence { get; } = empty(count, device: device);

    /// <summary>[n] H(p_r) in nats</summary>
    public Tensor TargetEntropy { get; } = empty(count, device: device);

    /// <summary>[n] Euclidean norm of the target logits before the temperature</summary>
    public Tensor TargetLogitNorm { get; } = empty(count, device: device);

    /// <summary>[n] int64, the most probable token of the target branch</summary>
    public Tensor TargetTop { get; } = empty(count, dtype: ScalarType.Int64, device: device);

    internal void Keep(LogitRows rows, Tensor logr, Tensor entropy, Tensor divergence, double temperature)
    {
        rows.Keep(OnlineEntropy, entropy);
        rows.Keep(Divergence, divergence);
        rows.Keep(TargetEntropy, LogitRows.Entropy(logr));
        rows.Keep(TargetLogitNorm, rows.Logits(0).norm(1) * temperature);
        rows.Keep(TargetTop, logr.argmax(1));
    }
}
