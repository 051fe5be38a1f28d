using Reasoning.Models;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Loop;

/// <summary>Samples a group of answers to every prompt of a step, from the very parameters that are being trained.</summary>
internal static class SampleGroups
{
    public static IReadOnlyList<Group> From(
        Policy policy, IReadOnlyList<Prompt> prompts, Recipe recipe, int step,
        Action<GenerationProgress>? progress, CancellationToken cancel)
    {
        List<GenerationRequest> requests = [.. prompts.Select(prompt => policy.Request(prompt, recipe.SamplesPerPrompt))];
        IReadOnlyList<Rollout[]> rollouts = policy.Generator.Generate(requests, Options(recipe, step), progress, cancel);
        return
        [
            .. prompts.Zip(rollouts, (prompt, answers) =>
                new Group(prompt, [.. answers.Select(rollout => new Sample(rollout, policy.Text(rollout), recipe.AnswerPlace))])),
        ];
    }

    /// <summary>How answers are drawn in a step.</summary>
    public static SamplingOptions Options(Recipe recipe, int step) => new()
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
}
