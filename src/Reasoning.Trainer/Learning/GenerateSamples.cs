using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Learning;

/// <summary>Samples a group of answers to every prompt of a step, from the very parameters that are being trained.</summary>
internal static class GenerateSamples
{
    /// <param name="policy">Answers.</param>
    /// <param name="prompts">What is asked.</param>
    /// <param name="recipe">How to sample.</param>
    /// <param name="step">Part of the key of every draw.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancel">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <param name="samples">Answers to each prompt, if other than the recipe's.</param>
    /// <param name="firstSample">Number of the first of them, another part of the key.</param>
    /// <param name="source">Answers instead of the policy's own engine.</param>
    public static IReadOnlyList<PromptGroup> From(
        Policy policy, IReadOnlyList<Prompt> prompts, Recipe recipe, int step,
        Action<GenerationProgress>? progress, CancellationToken cancel, int? samples = null, int firstSample = 0,
        IRolloutSource? source = null)
    {
        List<GenerationRequest> requests = [.. prompts.Select(prompt => policy.Request(prompt, samples ?? recipe.SamplesPerPrompt, firstSample))];
        IReadOnlyList<Rollout[]> rollouts = (source ?? policy.Source).Generate(requests, Options(recipe, step), progress, cancel);
        return
        [
            .. prompts.Zip(rollouts, (prompt, answers) =>
                new PromptGroup(prompt, [.. answers.Select(rollout => new Sample(rollout, policy.Text(rollout), recipe.AnswerPlace))])),
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
