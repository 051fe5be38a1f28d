using Reasoning.Eval;
using Reasoning.Eval.Results;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Distributed;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Evaluation;

/// <summary>
/// Episodic adaptation: each prompt is adapted to on its own, from the start model, and answered by the model adapted to it. The answers
/// of all episodes together are the adapted side of the comparison.
/// </summary>
internal sealed class Episodes(Recipe recipe, PromptSet prompts, EvalOptions options, RunFolder run, Ranks? ranks = null)
{
    /// <summary>Whether the run goes by episodes.</summary>
    public bool Any => recipe.EpisodeSteps > 0;

    /// <summary>Whether a step is the first of an episode.</summary>
    public bool Begins(int step) => Any && (step - 1) % recipe.EpisodeSteps == 0;

    /// <summary>Whether a step is the last of an episode.</summary>
    public bool Ends(int step) => Any && step % recipe.EpisodeSteps == 0;

    /// <summary>Number of the episode, or without episodes of the step: what the draw of prompts depends on.</summary>
    public int Number(int step) => Any ? ((step - 1) / recipe.EpisodeSteps) + 1 : step;

    /// <summary>Answers a prompt with the model adapted to it.</summary>
    public void Evaluate(Policy policy, Prompt prompt, int step, CancellationToken cancel)
    {
        if (recipe.EvalSamples == 0) return;
        EvalResult result = Evaluator.Run(policy, new PromptSet(prompts.Path, [prompt]), options, cancel: cancel);
        if (ranks?.IsFirst != false) EvalFile.Write(run.EpisodeFile(Number(step)), result);
    }

    /// <summary>
    /// The results of the finished episodes, and the base's for the same problems. Both say how certain they were of their tokens only where
    /// every problem has had its episode.
    /// </summary>
    /// <param name="recipe">Of the run.</param>
    /// <param name="run">Holds them.</param>
    /// <param name="before">The base's results for all prompts.</param>
    /// <param name="step">Last complete step.</param>
    public static (EvalResult Before, EvalResult After) Collect(Recipe recipe, RunFolder run, EvalResult before, int step)
    {
        var after = new Dictionary<string, EvalResult>();
        foreach (string file in Enumerable.Range(1, step / recipe.EpisodeSteps).Select(run.EpisodeFile).Where(File.Exists))
        {
            EvalResult episode = EvalFile.Read(file);
            after[episode.Problems[0].PromptId] = episode;
        }

        ProblemResult[] both = [.. before.Problems.Where(problem => after.ContainsKey(problem.PromptId))];
        EvalResult[] episodes = [.. both.Select(problem => after[problem.PromptId])];
        double tokens = episodes.Sum(Tokens);
        double? entropy = tokens == 0 || both.Length < before.Problems.Count ? null : episodes.Sum(episode => episode.TokenEntropy * Tokens(episode)) / tokens;
        return (
            before with { Problems = both, TokenEntropy = entropy is null ? null : before.TokenEntropy },
            before with { Model = null, Problems = [.. episodes.Select(episode => episode.Problems[0])], TokenEntropy = entropy });

        static double Tokens(EvalResult episode) => episode.Problems[0].MeanLength * episode.Problems[0].Samples;
    }
}
