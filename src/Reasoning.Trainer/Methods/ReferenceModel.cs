using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Trainer.Loop;
using TorchSharp;

namespace Reasoning.Trainer.Methods;

/// <summary>The model as it was before the first step, frozen: what the divergence of a policy gradient is measured from.</summary>
internal sealed class ReferenceModel : IDisposable
{
    private ReferenceModel(CausalLM model) => Model = model;

    internal CausalLM Model { get; }

    /// <summary>Loads the start model in the type and to the device of the one that learns.</summary>
    public static ReferenceModel Load(MethodContext context)
    {
        CausalLM model = ModelFiles.Model(context.StartModel);
        model.to(context.Policy.Model.HeadWeight.dtype);
        model.MoveTo(context.Device);
        model.Compute = context.Policy.Model.Compute;
        return new ReferenceModel(model);
    }

    /// <summary>Log-probabilities of the sampled tokens of each answer, computed once for all updates of a step.</summary>
    public Dictionary<Sample, float[]> LogProbs(Sample[] samples, double temperature, int microBatchTokens)
    {
        var result = new Dictionary<Sample, float[]>(samples.Length);
        SampleScores.Each(
            Model, samples, temperature, microBatchTokens, (rows, ids) => LogitRows.Pick(rows.LogProbs(), ids),
            (sample, logProbs) => result[sample] = logProbs);
        return result;
    }

    public void Dispose() => Model.Dispose();
}
