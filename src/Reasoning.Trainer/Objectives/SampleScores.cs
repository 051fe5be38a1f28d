using Reasoning.Models;
using Reasoning.Trainer.Loop;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Objectives;

/// <summary>What a model says of sampled answers without learning from them.</summary>
internal static class SampleScores
{
    /// <summary>Goes over the answers in parts that fit into memory.</summary>
    /// <param name="model">The model to ask.</param>
    /// <param name="samples">The answers.</param>
    /// <param name="temperature">Divides the logits.</param>
    /// <param name="microBatchTokens">Tokens computed in one pass.</param>
    /// <param name="take">Gets each answer with the log-probability of its tokens and the entropy in nats they were drawn with.</param>
    public static void Each(
        CausalLM model, Sample[] samples, double temperature, int microBatchTokens, Action<Sample, float[], float[]> take)
    {
        using IDisposable noGradient = no_grad();
        foreach (ArraySegment<Sample> part in MicroBatches.Split(samples, microBatchTokens))
        {
            using DisposeScope scope = NewDisposeScope();
            var rows = new AnswerRows([.. part.Select(sample => sample.Rollout)]);
            Tensor hidden = rows.Hidden(model); // [answer tokens, width]
            HeadScores scores = OutputHead.Score(hidden, model.HeadWeight, rows.Targets(hidden.device), temperature);
            float[] logProbs = Floats.Of(scores.LogProb), entropies = Floats.Of(scores.Entropy);
            for (int s = 0; s < part.Count; s++)
            {
                Range range = rows.Offsets[s]..rows.Offsets[s + 1];
                take(part[s], logProbs[range], entropies[range]);
            }
        }
    }
}
