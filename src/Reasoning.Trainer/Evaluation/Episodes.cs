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

    /// <summary>The results of the finished episodes, and the base's for the same problems.</summary>
    /// <param name="recipe">Of the run.</param>
    /// <param name="run">Holds them.</param>
    /// <param name="before">The base's results for all prompts.</param>
    /// <param name="step">Last complete step.</param>
    public static (EvalResult Before, EvalResult After) Collect(Recipe recipe, RunFolder run, EvalResult before, int step)
    {
        var after = new Dictionary<string, ProblemResult>();
        foreach (string file in Enumerable.Range(1, step / recipe.EpisodeSteps).Select(run.EpisodeFile).Where(File.Exists))
        {
            ProblemResult problem = EvalFile.Read(file).Problems[0];
            after[problem.PromptId] = problem;
        }

        ProblemResult[] both = [.. before.Problems.Where(problem => after.ContainsKey(problem.PromptId))];
        return (before with { Problems = both }, before with { Model = null, Problems = [.. both.Select(problem => after[problem.PromptId])] });
    }
}
