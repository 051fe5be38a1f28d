using Reasoning.Models;
using Reasoning.Trainer.Loop;

namespace Reasoning.Trainer.Objectives;

/// <summary>The model as it was before the first step, frozen: what the divergence of a policy gradient is measured from.</summary>
internal sealed class ReferenceModel(CausalLM model) : IDisposable
{
    /// <summary>Log-probabilities of the sampled tokens of each answer, computed once for all updates of a step.</summary>
    public Dictionary<Sample, float[]> LogProbs(Sample[] samples, double temperature, int microBatchTokens)
    {
        var result = new Dictionary<Sample, float[]>(samples.Length);
        SampleScores.Each(model, samples, temperature, microBatchTokens, (sample, logProbs, _) => result[sample] = logProbs);
        return result;
    }

    public void Dispose() => model.Dispose();
}
