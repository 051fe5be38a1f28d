using Reasoning.Models.Generation;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Loop;

/// <summary>One calm line per step, and a progress bar within a step on a terminal.</summary>
internal sealed class StepConsole(Terminal terminal, Recipe recipe)
{
    private const double ManyTruncated = 0.5;
    private const int StepsUntilWarning = 3;

    private double _seconds;
    private int _steps;
    private int _truncatedSteps;

    /// <summary>The step begins with something else.</summary>
    public void Enter(RunPhase phase, int step) => terminal.Enter(phase, step, recipe.Steps);

    /// <summary>Sampling goes on.</summary>
    public void Sampling(int step, GenerationProgress progress) =>
        terminal.Show(
            $"step {step}/{recipe.Steps}  sampling {Show.Bar((double)progress.Finished / progress.Total)} "
            + $"{progress.Finished}/{progress.Total}  {Show.Whole(progress.TokensPerSecond)} tok/s");

    /// <summary>An update begins.</summary>
    public void Updating(int step, int part, int parts) => terminal.Show($"step {step}/{recipe.Steps}  update {part + 1}/{parts}");

    /// <summary>A step is complete.</summary>
    public void Step(int step, IReadOnlyList<PromptGroup> groups, Meter meter)
    {
        _seconds += meter[Metrics.SamplingSeconds]!.Value + meter[Metrics.JudgingSeconds]!.Value + meter[Metrics.UpdateSeconds]!.Value;
        _steps++;
        terminal.Progress(Line(step, meter, _seconds / _steps * (recipe.Steps - step)));
        SaySkipped(groups);
        WarnOfTruncation(meter);
    }

    /// <summary>The guard has something to say.</summary>
    public void Alarm(string text) => terminal.Progress($"  guard: {text}");

    private string Line(int step, Meter meter, double secondsLeft)
    {
        int digits = recipe.Steps.ToString().Length;
        bool isExact = recipe is { SamplingWeights: WeightsKind.Float32, Compute: WeightsKind.Float32 };
        // In the order of the line, with what a narrow terminal does without first at 1.
        (string Text, int Drop)[] fields =
        [
            ($"step {step.ToString().PadLeft(digits)}/{recipe.Steps}", 0),
            ($"vote {Percent(meter, Metrics.VoteShare)}", 0),
            .. recipe.Objective.Shown.Select((shown, i) => ($"{shown.Label} {Value(meter, shown.Metric, shown.Digits)}", i == 0 ? 0 : 4)),
            .. isExact ? [] : ((string, int)[])[($"gap {Value(meter, Metrics.LogProbGap, 5)} (most {Value(meter, Metrics.LogProbGapMax, 3)})", 5)],
            ($"truncated {Percent(meter, Metrics.TruncatedShare)}", meter[Metrics.TruncatedShare] > 0 ? 6 : 3),
            ($"grad {(meter[Metrics.GradNorm] is { } norm ? Show.Number(norm) : "none")}", 1),
            ($"{Show.Whole(meter[Metrics.TokensPerSecond]!.Value)} tok/s", 2),
            ($"ETA {Show.Time(secondsLeft)}", 7),
        ];
        for (int drop = 1; terminal.IsInteractive && drop <= 7 && Line().Length > terminal.Width; drop++)
            fields = [.. fields.Where(field => field.Drop != drop)];
        return Line();

        string Line() => string.Join("  ", fields.Select(field => field.Text));
    }

    private void SaySkipped(IReadOnlyList<PromptGroup> groups)
    {
        foreach (IGrouping<string, PromptGroup> skipped in groups.Where(group => group.Skipped is not null).GroupBy(group => group.Skipped!))
        {
            string consequence = groups.All(group => group.Skipped is not null) ? "nothing to learn from, no update" : "they do not train";
            terminal.Progress(
                $"  {skipped.Count()} of {groups.Count} prompts skipped, {consequence}: {skipped.Key} "
                    + $"({Show.Names([.. skipped.Select(group => group.Prompt.Id)], 3)})");
        }
    }

    private void WarnOfTruncation(Meter meter)
    {
        _truncatedSteps = meter[Metrics.TruncatedShare] > ManyTruncated ? _truncatedSteps + 1 : 0;
        if (_truncatedSteps == StepsUntilWarning)
        {
            terminal.Progress(
                $"  warning: more than half of the answers ran into max-new-tokens {recipe.MaxNewTokens} for {StepsUntilWarning} steps; "
                + $"they neither vote nor train. Give them room: --set max-new-tokens={recipe.MaxNewTokens * 2}");
        }
    }

    private static string Percent(Meter meter, Metric metric) => meter[metric] is { } value ? Show.Percent(value) : "–";

    private static string Value(Meter meter, Metric metric, int digits) => meter[metric] is { } value ? Show.Fixed(value, digits) : "–";
}
