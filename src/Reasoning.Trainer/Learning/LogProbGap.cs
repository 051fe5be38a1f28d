using Reasoning.Models.Devices;
using Reasoning.Models.Modeling;
using Reasoning.Trainer.Measures;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Learning;

/// <summary>
/// How far the log-probabilities of sampler and trainer are apart. Both run the same weights in the same type, so anything beyond rounding
/// (about 1e-5 in float32) is a mistake.
/// </summary>
internal static class LogProbGap
{
    /// <summary>Compares the trainer's values with what the sampler recorded, both [answer tokens].</summary>
    public static void Measure(Tensor logProbs, Tensor old, Meter meter)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor gaps = (logProbs - old).abs();
        meter.Mean(Metrics.LogProbGap, gaps);
        meter.Max(Metrics.LogProbGapMax, gaps);
    }

    /// <summary>The same where the loss does not need log-probabilities: one more product with the head for these answers.</summary>
    public static void Measure(CausalLM model, ArraySegment<Sample> samples, AnswerRows rows, Tensor hidden, double temperature, Meter meter)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logProbs = OutputHead.Score(hidden, model.HeadWeight, rows.Targets(hidden.device), temperature).LogProb;
        Measure(logProbs, Floats.VectorLike(logProbs, [.. samples.SelectMany(sample => sample.Rollout.LogProbs)]), meter);
    }
}
