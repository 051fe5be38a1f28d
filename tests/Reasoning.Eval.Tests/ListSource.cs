using Reasoning.Models.Generation;

namespace Reasoning.Eval.Tests;

/// <summary>An engine that answers every prompt with the same ids, and keeps what it was asked.</summary>
internal sealed class ListSource(int[] ids) : IRolloutSource
{
    public List<SamplingOptions> Asked { get; } = [];

    public string Engine => "list";

    public IReadOnlyList<Rollout[]> Generate(
        IReadOnlyList<GenerationRequest> requests, SamplingOptions options, Action<GenerationProgress>? progress, CancellationToken cancel)
    {
        Asked.Add(options);
        return
        [
            .. requests.Select(request => Enumerable.Range(request.FirstSample, request.Samples)
                .Select(sample => new Rollout(request.PromptId, sample, request.PromptIds, ids, new float[ids.Length], FinishReason.Stop)).ToArray()),
        ];
    }
}
