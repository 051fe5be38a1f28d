using Reasoning.Models;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Objectives;

/// <summary>
/// How far the log-probabilities of sampler and trainer are apart. Both run the same weights in the same type, so anything beyond rounding
/// (about 1e-5 in float32) is a mistake.
/// </summary>
internal static class LogProbGap
{
    /// <summary>Compares the trainer's values with what the sampler recorded.</summary>
    /// <param name="samples">The answers, one after the other.</param>
    /// <param name="logProbs">Log-probability of each of their tokens, as the trainer sees it.</param>
    /// <param name="meter">Takes mean and maximum.</param>
    public static void Measure(IEnumerable<Sample> samples, ReadOnlySpan<float> logProbs, Meter meter)
    {
        int at = 0;
        double sum = 0, max = 0;
        foreach (Sample sample in samples)
        {
            foreach (float sampled in sample.Rollout.LogProbs)
            {
                double gap = Math.Abs(logProbs[at++] - sampled);
                sum += gap;
                max = Math.Max(max, gap);
            }
        }

        meter.Mean(Metrics.LogProbGap, sum, at);
        meter.Max(Metrics.LogProbGapMax, max);
    }

    /// <summary>The same where the loss does not need log-probabilities: one more product with the head for these answers.</summary>
    public static void Measure(
        CausalLM model, ArraySegment<Sample> samples, AnswerRows rows, TorchSharp.torch.Tensor hidden, double temperature, Meter meter)
    {
        using TorchSharp.DisposeScope scope = TorchSharp.torch.NewDisposeScope();
        HeadScores scores = OutputHead.Score(hidden, model.HeadWeight, rows.Targets(hidden.device), temperature);
        Measure(samples, Floats.Of(scores.LogProb), meter);
    }
}
