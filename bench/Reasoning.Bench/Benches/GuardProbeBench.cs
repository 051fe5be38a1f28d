using Reasoning.Bench.Harness;
using Reasoning.Eval.Results;
using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Bench.Benches;

/// <summary>
/// What the guard's probe says of models whose fate is known: it asks each model that a run left behind, with probes that differ in their prompts
/// and draws, how often it still answers as its start model did. Reads the runs of compare that are in artifacts.
/// </summary>
internal static class GuardProbeBench
{
    public const string Title = "the guard's probe on models that runs left: answers equal to the start model's, over what its own do";

    private const int Probes = 4;

    /// <summary>Of the accuracy of the base: below it a model is not only damaged.</summary>
    private const double Destroyed = 0.5;

    private static readonly double s_limit = new Recipe().GuardAgreement;

    public static void Run(Report report, BenchOptions options)
    {
        report.Columns(["run", "pass@1 kept", "what became of it", .. Enumerable.Range(1, Probes).Select(probe => $"probe {probe}")]);
        RunFolder[] runs =
        [
            .. Directory.EnumerateDirectories(Path.Combine(BenchModels.Root, "artifacts")).SelectMany(Directory.EnumerateDirectories).Where(options.Wants)
                .Where(folder => File.Exists(Path.Combine(folder, "run.json"))).Order(StringComparer.Ordinal).Select(RunFolder.Open)
                .Where(run => Directory.Exists(run.ModelFolder) && File.Exists(run.EvalFile("adapted", RunFolder.TargetSet))),
        ];
        var all = new List<(string Kind, double[] Readings)>();
        foreach (IGrouping<(string Model, string Prompts), RunFolder> same in runs.GroupBy(run => RunRecord.Read(run) is var record ? (record.Model.Path, record.Prompts.Path) : default))
        {
            double[][] readings = [.. Enumerable.Range(1, Probes).Select(probe => Readings(same.Key.Model, same.Key.Prompts, [.. same], (ulong)probe))];
            foreach ((int i, RunFolder run) in same.Index())
            {
                double kept = KeptRuns.Accuracy(run, "adapted", "pass@1") / KeptRuns.Accuracy(run, "base", "pass@1");
                double[] own = [.. readings.Select(probe => probe[i])];
                string kind = kept < Destroyed ? "destroyed" : GuardBench.Kind(kept);
                all.Add((kind, own));
                report.Row([
                    Path.GetRelativePath(Path.Combine(BenchModels.Root, "artifacts"), run.Path), Figures.Percent(kept), kind,
                    .. own.Select(value => new Cell(KeptRuns.Text(Math.Round(value, 2)), value)),
                ]);
            }
        }

        foreach (IGrouping<string, (string Kind, double[] Readings)> kind in all.GroupBy(one => one.Kind))
        {
            double[] values = [.. kind.SelectMany(one => one.Readings).Order()];
            report.Note($"{kind.Count()} {kind.Key} runs: {values.Count(value => value <= s_limit)} of {values.Length} readings at or below the limit of {s_limit}; "
                + $"{KeptRuns.Text(Math.Round(values[0], 2))} to {KeptRuns.Text(Math.Round(values[^1], 2))}");
        }

        report.Note(FormattableString.Invariant($"destroyed: pass@1 below {Destroyed} of the base's; {GuardBench.Kinds}"));
    }

    /// <summary>What a probe of the start model reads on each run's model.</summary>
    private static double[] Readings(string start, string prompts, RunFolder[] runs, ulong seed)
    {
        using Policy policy = Policy.Load(Path.Combine(BenchModels.Root, start));
        Recipe recipe = RunRecord.Read(runs[0]).Effective(runs[0]).Recipe with { Seed = seed, Guard = true, GuardProbe = 1, GuardAgreement = s_limit };
        Probe probe = Probe.Start(policy, PromptSet.Load(Path.Combine(BenchModels.Root, prompts)).Prompts, recipe, default)!;
        return [.. runs.Select(Reading)];

        double Reading(RunFolder run)
        {
            using (IDisposable noGradient = no_grad())
            using (CausalLM left = CausalLM.Load(run.ModelFolder))
            {
                foreach ((Parameter to, Parameter from) in policy.Model.parameters().Zip(left.parameters())) to.copy_(from);
            }

            using var meter = new Meter();
            probe.Measure(meter, asks: true);
            return meter[Metrics.ProbeAgreement] ?? double.NaN;
        }
    }
}
