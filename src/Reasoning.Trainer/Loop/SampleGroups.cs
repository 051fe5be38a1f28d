using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Loop;

/// <summary>Samples a group of answers to every prompt of a step, from the very parameters that are being trained.</summary>
internal static class SampleGroups
{
    public static IReadOnlyList<Group> From(
        Policy policy, IReadOnlyList<Prompt> prompts, Recipe recipe, int step,
        Action<GenerationProgress>? progress, CancellationToken cancel)
    {
        var options = new SamplingOptions
        {
            Temperature = recipe.Temperature,
            TopP = recipe.TopP,
            TopK = recipe.TopK,
            MaxNewTokens = recipe.MaxNewTokens,
            MaxBatch = recipe.SamplingBatch,
            Bfloat16Weights = recipe.SamplingWeights == WeightsKind.Bfloat16,
            Seed = recipe.Seed,
            Step = step,
        };
        List<GenerationRequest> requests = [.. prompts.Select(prompt => policy.Request(prompt, recipe.SamplesPerPrompt))];
        IReadOnlyList<Rollout[]> rollouts = policy.Generator.Generate(requests, options, progress, cancel);
        return
        [
            .. prompts.Zip(rollouts, (prompt, answers) =>
                new Group(prompt, [.. answers.Select(rollout => new Sample(rollout, policy.Text(rollout), recipe.AnswerPlace))])),
        ];
    }
}
