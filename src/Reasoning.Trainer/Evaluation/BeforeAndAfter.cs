using Reasoning.Eval;
using Reasoning.Eval.Results;
using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Distributed;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Evaluation;

/// <summary>
/// Evaluates the same problems with the same draws before and after a run. Results lie in the run folder; a resumed run reads what is
/// there. Several ranks divide the problems; the first one decides what is there, and writes.
/// </summary>
internal sealed class BeforeAndAfter(Recipe recipe, IReadOnlyList<EvalSet> sets, RunFolder run, string? baseFrom, Terminal terminal, Ranks? ranks = null)
{
    public const string Base = "base";
    public const string Adapted = "adapted";
    public const string Matched = "matched";

    private const int TailLength = 60;

    private readonly Ranks _ranks = ranks ?? new Ranks();

    /// <summary>How both are sampled. The step in the key of the draws is none that training uses.</summary>
    public EvalOptions Options { get; } = new()
    {
        Samples = recipe.EvalSamples,
        Ks = recipe.EvalSamples > 1 ? [1, recipe.EvalSamples] : [1],
        Sampling = new SamplingOptions
        {
            Temperature = recipe.EvalTemperature,
            TopP = recipe.EvalTopP,
            MaxNewTokens = recipe.EvalMaxNewTokens > 0 ? recipe.EvalMaxNewTokens : recipe.MaxNewTokens,
            MaxBatch = recipe.SamplingBatch,
            Seed = recipe.Seed,
            Step = -1,
        },
        AnswerPlace = recipe.AnswerPlace,
    };

    /// <summary>Evaluates all sets, unless their results are there.</summary>
    /// <param name="policy">The model as it is now.</param>
    /// <param name="which"><see cref="Base"/> or <see cref="Adapted"/>.</param>
    /// <param name="model">What it is called in the results.</param>
    /// <param name="cancel">Stops between decoding steps.</param>
    public IReadOnlyList<EvalResult> Run(Policy policy, string which, EvaluatedModel model, CancellationToken cancel) =>
        recipe.EvalSamples == 0 ? [] : [.. sets.Select(set => Run(policy, which, model, set, cancel))];

    /// <summary>Removes the results of the adapted model: there are steps to do, after which it is another one.</summary>
    public void ForgetAdapted()
    {
        if (!_ranks.IsFirst) return;
        foreach (string file in sets.SelectMany(set => (string[])[run.EvalFile(Adapted, set.Name), run.EvalFile(Matched, set.Name)])) File.Delete(file);
    }

    /// <summary>
    /// Evaluates the sets that were answered before with the start model at the temperature at which it is as certain on the target prompts as the adapted model is, unless
    /// the results are there; empty where the recipe does not want it.
    /// </summary>
    /// <param name="load">Loads the start model.</param>
    /// <param name="before">Its results.</param>
    /// <param name="after">Those of the adapted model.</param>
    /// <param name="cancel">Stops between decoding steps.</param>
    public IReadOnlyList<EvalResult> RunMatched(
        Func<Policy> load, IReadOnlyList<EvalResult> before, IReadOnlyList<EvalResult> after, CancellationToken cancel)
    {
        if (!recipe.EvalMatched || before.Count == 0) return [];
        if (before[0].TokenEntropy is not { } start || after[0].TokenEntropy is not { } wanted) return [];
        EvalResult?[] known = [.. before.Select((start, i) => Agreed(run.EvalFile(Matched, sets[i].Name), file => Known(file, start)))];
        if (known.All(result => result is not null)) return known!;
        using Policy policy = load();
        double temperature = TemperatureMatch.Find(
            policy, sets[0].Prompts, Options, start, wanted, progress => Show("temperature for the base", sets[0], progress), cancel);
        EvalOptions options = Options with { Greedy = false, Sampling = Options.Sampling with { Temperature = temperature } };
        return [.. before.Select((start, i) => Evaluate(policy, Matched, start.Model, sets[i], options, cancel))];
    }

    /// <summary>Pairs the results of all sets; empty where nothing was evaluated.</summary>
    public IReadOnlyList<EvalComparison> Compare(
        IReadOnlyList<EvalResult> before, IReadOnlyList<EvalResult> after, IReadOnlyList<EvalResult> matched) =>
        EvalComparison.Together([.. before.Select((start, i) => new EvalComparison(NameOf(sets[i].Name, recipe), start, after[i], matched.Count == 0 ? null : matched[i]))]);

    /// <summary>What tables call a set.</summary>
    public static string NameOf(string set, Recipe recipe) => recipe.EpisodeSteps > 0 ? $"{set}, each by its own episode" : set;

    /// <summary>The results of episodes and the base's for the same problems, of the target prompts alone; empty where there are none.</summary>
    /// <param name="before">The base's results.</param>
    /// <param name="step">Last complete step.</param>
    public (IReadOnlyList<EvalResult> Before, IReadOnlyList<EvalResult> After) OfEpisodes(IReadOnlyList<EvalResult> before, int step)
    {
        if (before.Count == 0) return ([], []);
        _ranks.Tell(""); // by now the first one has written the last episode
        (EvalResult start, EvalResult after) = Episodes.Collect(recipe, run, before[0], step);
        return start.Problems.Count == 0 ? ([], []) : ([start], [after]);
    }

    private EvalResult Run(Policy policy, string which, EvaluatedModel model, EvalSet set, CancellationToken cancel)
    {
        if (Agreed(run.EvalFile(which, set.Name), file => Known(policy, which, set, file)) is { } known) return known;
        EvalResult result = Evaluate(policy, which, model, set, Options, cancel);
        if (which == Base) SayExamples(result.Examples);
        return result;
    }

    private EvalResult Evaluate(Policy policy, string which, EvaluatedModel? model, EvalSet set, EvalOptions options, CancellationToken cancel)
    {
        EvalResult result = Evaluator.Run(policy, set.Prompts, options, progress => Show($"{which} model", set, progress), cancel) with
        {
            Model = model,
            Overlap = set == sets[0] ? null : PromptOverlap.Of(set.Prompts, sets[0].Prompts),
        };
        if (_ranks.IsFirst) EvalFile.Write(run.EvalFile(which, set.Name), result);
        EvalSummary summary = EvalSummary.Of(result);
        Reasoning.Eval.Results.Metric headline = summary.Find("pass@1") ?? summary.VoteShare;
        terminal.Progress($"{(which == Matched ? "base, temperature matched," : $"{which} model")} on {set.Name} prompts: {headline.Name} {Cli.Show.Percent(headline.Estimate.Value)} "
            + $"({summary.Problems} problems, {summary.Settings.Describe()}, truncated {Cli.Show.Percent(summary.TruncationRate)})");
        return result;
    }

    /// <summary>What the first rank knows, for all of them: none may answer problems that another one does not.</summary>
    /// <param name="file">Holds the result once it is known.</param>
    /// <param name="find">Finds it there, or elsewhere and puts it there.</param>
    private EvalResult? Agreed(string file, Func<string, EvalResult?> find)
    {
        EvalResult? known = _ranks.IsFirst ? find(file) : null;
        bool isKnown = _ranks.Tell(known is null ? "" : file).Length > 0;
        return isKnown ? known ?? EvalFile.Read(file) : null;
    }

    /// <summary>The result of the matched base if it is there.</summary>
    private static EvalResult? Known(string file, EvalResult before)
    {
        if (!File.Exists(file)) return null;
        EvalResult known = EvalFile.Read(file);
        return before.Settings.DifferenceFrom(known.Settings with { Temperature = before.Settings.Temperature }) is null ? known : null;
    }

    /// <summary>The result if it was evaluated like this before, in this run, or for the base also in the one to take it from.</summary>
    private EvalResult? Known(Policy policy, string which, EvalSet set, string file)
    {
        string[] places = baseFrom is null || which != Base ? [file] : [file, Path.Combine(baseFrom, Path.GetFileName(file))];
        foreach (string place in places.Where(File.Exists))
        {
            EvalResult known = EvalFile.Read(place);
            EvalSettings settings = known.Settings;
            bool same = settings.PromptsHash == set.Prompts.Hash && settings.PromptTemplate == policy.PromptTemplate
                && settings.Seed == Options.Sampling.Seed
                && settings.Samples == Options.Samples && settings.Temperature == Options.Sampling.Temperature && settings.TopP == Options.Sampling.TopP
                && settings.MaxNewTokens == Options.Sampling.MaxNewTokens && settings.EntropyMinimization == Options.Sampling.EntropyMinimization;
            if (!same) continue;
            if (place != file) EvalFile.Write(file, known);
            return known;
        }

        return null;
    }

    private void Show(string what, EvalSet set, GenerationProgress progress) =>
        terminal.Show(
            $"{what} on {set.Name} prompts {Cli.Show.Bar((double)progress.Finished / progress.Total)} "
                + $"{progress.Finished}/{progress.Total}"
            + $"  {Cli.Show.Whole(progress.TokensPerSecond)} tok/s");

    /// <summary>When nothing at all is correct, a few answers show whether that is the model's fault or the parser's.</summary>
    private void SayExamples(IReadOnlyList<GradedExample> examples)
    {
        if (examples.Count > 0) terminal.Progress("  nothing was correct; the first answers:");
        foreach (GradedExample example in examples)
            terminal.Progress(
                $"  {example.PromptId}: gold '{example.Gold}', extracted '{example.Extracted ?? "nothing"}' from "
                    + $"…{Tail(example.Response)}");
    }

    private static string Tail(string text)
    {
        string line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).TrimEnd();
        return line.Length <= TailLength ? line : line[^TailLength..];
    }
}
