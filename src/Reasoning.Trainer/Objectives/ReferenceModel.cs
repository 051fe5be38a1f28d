using Reasoning.Models;
using Reasoning.Trainer.Loop;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Objectives;

/// <summary>The model as it was before the first step, frozen: what the divergence of a policy gradient is measured from.</summary>
internal sealed class ReferenceModel(CausalLM model) : IDisposable
{
    /// <summary>Log-probabilities of the sampled tokens of each answer, computed once for all updates of a step.</summary>
    public Dictionary<Sample, float[]> LogProbs(Sample[] samples, double temperature, int microBatchTokens)
    {
        using IDisposable noGradient = no_grad();
        var result = new Dictionary<Sample, float[]>(samples.Length);
        foreach (ArraySegment<Sample> part in MicroBatches.Split(samples, microBatchTokens))
        {
            using DisposeScope scope = NewDisposeScope();
            var rows = new AnswerRows([.. part.Select(sample => sample.Rollout)]);
            Tensor hidden = rows.Hidden(model);
            float[] all = Floats.Of(OutputHead.Score(hidden, model.HeadWeight, rows.Targets(hidden.device), temperature).LogProb);
            for (int s = 0; s < part.Count; s++) result[part[s]] = all[rows.Offsets[s]..rows.Offsets[s + 1]];
        }

        return result;
    }

    public void Dispose() => model.Dispose();
}
