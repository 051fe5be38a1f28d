using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Trainer.Distributed;
using TorchSharp;

namespace Reasoning.Trainer.Learning;

/// <summary>
/// The model as it was before the first step, frozen: what the divergence of a policy gradient is measured from. Where adapters learn it is
/// the model that learns without them, equal to the bit, and costs no memory: those that begin as singular vectors leave the weights alone
/// as well (<see cref="Projection"/>), so that this is the model with the adapters it began with.
/// </summary>
internal sealed class ReferenceModel : IDisposable
{
    private readonly bool _isShared;
    private readonly Ranks _ranks;

    private ReferenceModel(CausalLM model, bool isShared, Ranks ranks) => (Model, _isShared, _ranks) = (model, isShared, ranks);

    internal CausalLM Model { get; }

    /// <summary>Loads the start model in the type and to the device of the one that learns, or shares that.</summary>
    public static ReferenceModel Load(MethodContext context)
    {
        if (context.Recipe.HasAdapters) return new ReferenceModel(context.Policy.Model, isShared: true, context.Ranks);
        CausalLM model = ModelFiles.Model(context.StartModel, context.Policy.Model.Cancellation);
        model.Cancellation = context.Policy.Model.Cancellation;
        model.to(context.Policy.Model.HeadWeight.dtype);
        model.MoveTo(context.Device);
        model.Compute = context.Policy.Model.Compute;
        return new ReferenceModel(model, isShared: false, context.Ranks);
    }

    /// <summary>Log-probabilities of the sampled tokens of each answer, computed once for all updates of a step.</summary>
    public Dictionary<Sample, float[]> LogProbs(Sample[] samples, double temperature, int microBatchTokens)
    {
        using IDisposable? without = _isShared ? Model.WithoutAdapters() : null;
        var result = new Dictionary<Sample, float[]>(samples.Length);
        SampleScores.Each(
            Model, samples, temperature, microBatchTokens, (rows, ids) => LogitRows.Pick(rows.LogProbs(), ids),
            (sample, logProbs) => result[sample] = logProbs, _ranks);
        return result;
    }

    public void Dispose()
    {
        if (!_isShared) Model.Dispose();
    }
}
