using Reasoning.Bench.Harness;
using Reasoning.Eval.Results;
using Reasoning.Eval.Statistics;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Bench.Benches;

/// <summary>
/// Does ZeroSiam's predictor keep entropy minimization from collapse? Three experiments of the claim, each with the ablations that would tell which
/// part of it does so, and seeds as the unit. Runs are kept in artifacts; rows that --only names are made, without it those that are there are shown.
/// </summary>
internal static class CollapseBench
{
    public const string StreamTitle = "collapse on a stream: one answer a step, accuracy before each update minus that of the frozen model";
    public const string OrderedTitle = "collapse on an ordered stream: the same on the noisy model and prompts of one kind after the other";
    public const string ShortcutTitle = "the shortcut: a high entropy at first, large rates, nothing clipped";

    private const int Seeds = 5, StreamSteps = 256;

    /// <summary>So far below the frozen model a run may end and count as stable; and in how many seeds it has to.</summary>
    private const double Tolerance = 0.05;
    private const int Enough = 4;

    /// <summary>D over H(p_o) of an arm whose predictor does something without running away (methods.md, section 13).</summary>
    private const double LeastDivergence = 0.05, MostDivergence = 0.5;

    private static readonly string[] s_alone =
    [
        "guard=false", "guard-probe=0", "eval-matched=false", "log-samples-every=0", "checkpoint-every=0", "tensorboard=false",
    ];

    private static readonly Arm[] s_arms =
    [
        new("tent", "tent"),
        new("zerosiam, ratio 1", "zerosiam", "predictor-ratio=1"),
        new("zerosiam, ratio 10", "zerosiam", "predictor-ratio=10"),
        new("zerosiam, ratio 30", "zerosiam", "predictor-ratio=30"),
        new("α = 0", "zerosiam", "predictor-ratio=10", "alpha=0"),
        new("no stop-gradient", "zerosiam", "predictor-ratio=10", "stop-gradient=false"),
        new("alignment to the predictor alone", "zerosiam", "predictor-ratio=10", "align-gradient=predictor"),
        new("random predictor", "zerosiam", "predictor-ratio=10", "predictor-init=random"),
        new("frozen predictor", "zerosiam", "predictor-ratio=0"),
        new("α = 0 at ratio 1", "zerosiam", "predictor-ratio=1", "alpha=0"),
        new("no stop-gradient at ratio 1", "zerosiam", "predictor-ratio=1", "stop-gradient=false"),
    ];

    private static readonly Optimizer s_adamW = new("adamw", [1e-5, 3e-5, 1e-4]);

    // As the authors train: the affine parameters of the norms by SGD with momentum, without clipping.
    private static readonly Optimizer s_norms = new("sgd, norms", [0.03, 0.1, 0.3], "trainable=norms", "optimizer=sgd", "momentum=0.9", "max-grad-norm=0");

    // Two ways to have an entropy that can fall far: a loss that looks at flattened distributions, and a model that is not sure.
    private static readonly (string Name, string Model, string Prompts, string Setting)[] s_uncertain =
        [("starter at loss temperature 3", "starter", "shifted.jsonl", "loss-temperature=3"), ("noisy", "noisy", "grid.jsonl", "loss-temperature=1")];

    public static void Stream(Report report, BenchOptions options) =>
        Along(report, options, new KeptRuns("collapse-stream", BenchModels.Starter, Path.Combine(BenchModels.Root, DefaultFiles.Prompts)), "prompt-order=shuffled");

    public static void Ordered(Report report, BenchOptions options)
    {
        string sorted = Path.Combine(Directory.CreateDirectory(Path.Combine(BenchModels.Root, "artifacts")).FullName, "grid-sorted.jsonl");
        // An id begins with the kind of the problem.
        File.WriteAllLines(sorted, File.ReadLines(Path.Combine(BenchModels.Root, "data", "grid.jsonl")).Order(StringComparer.Ordinal));
        Along(report, options, new KeptRuns("collapse-ordered", Path.Combine(BenchModels.Root, "checkpoints", "noisy"), sorted), "prompt-order=file");
    }

    private static void Along(Report report, BenchOptions options, KeptRuns runs, string order)
    {
        string[] common = [.. s_alone, "prompts-per-step=1", "samples-per-prompt=1", $"steps={StreamSteps}", "eval-samples=0", order];
        report.Columns("optimizer, rate, arm", "seeds", "online accuracy", "minus frozen", "within 5 points", "entropy", "D / H(p_o)", "tuned", "minus tent", "p, all");
        double[] frozen = [.. Each(runs, common, new Arm("frozen", "tent"), s_adamW, 0, options, always: true).Select(Online)];
        report.Note($"the frozen model: {Figures.Percent(frozen.DefaultIfEmpty(double.NaN).Average())} of {frozen.Length} seeds");
        var rows = new List<(string Row, Cell[] Cells, double P)>();
        var stable = new Dictionary<string, double>();
        foreach (Optimizer optimizer in (Optimizer[])[s_adamW, s_norms])
        {
            foreach (double rate in optimizer.Rates)
            {
                double[] tent = [];
                foreach (Arm arm in s_arms)
                {
                    RunFolder[] all = Each(runs, common, arm, optimizer, rate, options);
                    if (all.Length == 0) continue;
                    double[] online = [.. all.Select(Online)];
                    double[] over = [.. online.Zip(frozen, (one, start) => one - start)];
                    if (arm == s_arms[0]) tent = online;
                    double[] overTent = arm == s_arms[0] ? [] : [.. online.Zip(tent, (one, other) => one - other)];
                    int within = over.Count(difference => difference >= -Tolerance);
                    if (within >= Enough) stable[$"{optimizer.Name}, {arm.Name}"] = rate;
                    (string ratio, string tuned) = Tuned(all, arm);
                    rows.Add((Row(optimizer, rate, arm),
                        [Count(all), Figures.Percent(online.Average()), Points(over), $"{within}", Number(Mean(all, "entropy")), ratio, tuned, Points(overTent)], P(overTent)));
                }
            }
        }

        Print(report, rows);
        foreach (Optimizer optimizer in (Optimizer[])[s_adamW, s_norms])
        {
            report.Note($"largest stable rate, {optimizer.Name}: " + string.Join(", ", s_arms.Select(arm =>
                $"{arm.Name} {(stable.TryGetValue($"{optimizer.Name}, {arm.Name}", out double rate) ? KeptRuns.Text(rate) : "none")}")));
        }

        report.Note($"stable: at most {100 * Tolerance:0} points below the frozen model in {Enough} of {Seeds} seeds. Tuned: D / H(p_o) between {LeastDivergence} and {MostDivergence}, "
            + "and H(p_o) + α D at most H(p_r), both over all steps. p: Student's t over seeds, paired, after Holm's correction for all rows");
    }

    public static void Shortcut(Report report, BenchOptions options)
    {
        string[] common = [.. s_alone, "prompts-per-step=32", "samples-per-prompt=1", "steps=20", "eval-samples=1", "eval-problems=128"];
        report.Columns(
            "model, optimizer, rate, arm", "seeds", "greedy before", "after", "difference", "entropy", "logit norm", "top-token share", "D / H(p_o)", "tuned", "minus tent", "p, all");
        var rows = new List<(string Row, Cell[] Cells, double P)>();
        foreach ((string start, string model, string prompts, string hot) in s_uncertain)
        {
            var runs = new KeptRuns($"collapse-shortcut-{start}", Path.Combine(BenchModels.Root, "checkpoints", model), Path.Combine(BenchModels.Root, "data", prompts));
            foreach (double rate in s_norms.Rates) Shortcut(start, runs, [.. common, hot], rate);
        }

        Print(report, rows);
        report.Note("entropies and norms of the first and the last step. p: Student's t over seeds, paired, after Holm's correction for all rows");

        void Shortcut(string start, KeptRuns runs, string[] settings, double rate)
        {
            double[] tent = [];
            foreach (Arm arm in s_arms)
            {
                RunFolder[] all = Each(runs, settings, arm, s_norms, rate, options, prefix: $"{start}, ");
                if (all.Length == 0) continue;
                double[] before = [.. all.Select(run => KeptRuns.Accuracy(run, "base", "greedy"))], after = [.. all.Select(run => KeptRuns.Accuracy(run, "adapted", "greedy"))];
                if (arm == s_arms[0]) tent = after;
                double[] overTent = arm == s_arms[0] ? [] : [.. after.Zip(tent, (one, other) => one - other)];
                (string ratio, string tuned) = Tuned(all, arm);
                rows.Add(($"{start}, {Row(s_norms, rate, arm)}",
                    [
                        Count(all), Figures.Percent(before.Average()), Figures.Percent(after.Average()), Points([.. after.Zip(before, (one, start) => one - start)]),
                        $"{Number(all.Average(run => First(run, "entropy")))} → {Number(all.Average(run => Last(run, "entropy")))}",
                        $"{Number(all.Average(run => First(run, "logit_norm")))} → {Number(all.Average(run => Last(run, "logit_norm")))}",
                        Number(all.Average(run => Last(run, "top_token_share"))), ratio, tuned, Points(overTent),
                    ], P(overTent)));
            }
        }
    }

    private static RunFolder[] Each(
        KeptRuns runs, string[] common, Arm arm, Optimizer optimizer, double rate, BenchOptions options, bool always = false, string prefix = "")
    {
        bool wanted = always || (options.Only.Length > 0 && options.Wants(prefix + Row(optimizer, rate, arm)));
        return [.. Enumerable.Range(1, Seeds).Select(seed => (Name: $"{Row(optimizer, rate, arm)}, seed {seed}", Seed: seed)).Where(run => wanted || runs.IsDone(run.Name))
            .Select(run => runs.Get(run.Name, EffectiveRecipe.Load(
                arm.Recipe,
                [
                    .. common, .. optimizer.Settings, .. arm.Settings, .. arm.Recipe == "zerosiam" && optimizer == s_norms ? (string[])["predictor-max-grad-norm=0"] : [],
                    FormattableString.Invariant($"learning-rate={rate}"), $"seed={run.Seed}",
                ])))];
    }

    private static string Row(Optimizer optimizer, double rate, Arm arm) => $"{optimizer.Name} {KeptRuns.Text(rate)}, {arm.Name}";

    private static void Print(Report report, List<(string Row, Cell[] Cells, double P)> rows)
    {
        double[] corrected = Holm.Adjust([.. rows.Select(row => row.P)]);
        foreach ((int i, (string row, Cell[] cells, _)) in rows.Index())
            report.Row([row, .. cells, Figures.PValue(corrected[i])]);
    }

    private static (string Ratio, string Tuned) Tuned(RunFolder[] all, Arm arm)
    {
        if (arm.Recipe != "zerosiam") return ("", "");
        double divergence = Mean(all, "divergence"), online = Mean(all, "online_entropy"), ratio = divergence / online;
        double alpha = arm.Settings.Contains("alpha=0") ? 0 : 1;
        bool tuned = ratio is >= LeastDivergence and <= MostDivergence && online + (alpha * divergence) <= Mean(all, "entropy");
        return (Number(ratio), tuned ? "yes" : "no");
    }

    private static string Count(RunFolder[] all) => all.Count(KeptRuns.IsDiverged) is > 0 and int lost ? $"{all.Length}, {lost} not finite" : $"{all.Length}";

    // What was not answered because the run diverged counts as wrong.
    private static double Online(RunFolder run) =>
        Series(run, "online_accuracy").Last() * JsonLines.Numbers(run.MetricsFile).Count() / StreamSteps;

    private static double P(double[] differences) => differences.Length == 0 ? double.NaN : SeedSpread.Of(differences).PValue;

    private static double First(RunFolder run, string metric) => Series(run, metric).First();

    private static double Last(RunFolder run, string metric) => Series(run, metric).Last();

    private static double Mean(RunFolder[] all, string metric) => all.SelectMany(run => Series(run, metric)).Average();

    private static IEnumerable<double> Series(RunFolder run, string metric) =>
        JsonLines.Numbers(run.MetricsFile).Select(step => step.TryGetValue(metric, out double value) ? value : double.NaN).Where(value => !double.IsNaN(value)).DefaultIfEmpty(double.NaN);

    private static string Number(double value) => double.IsNaN(value) ? "" : Math.Abs(value) >= 1000 ? Show.Whole(value) : FormattableString.Invariant($"{value:0.###}");

    private static string Points(double[] differences)
    {
        if (differences.Length == 0) return "";
        SeedSpread spread = SeedSpread.Of(differences);
        return $"{Figures.Signed(spread.Mean)} [{Figures.Signed(spread.Low)}, {Figures.Signed(spread.High)}]";
    }

    /// <summary>One way to minimize entropy.</summary>
    private sealed record Arm(string Name, string Recipe, params string[] Settings);

    /// <summary>What learns, how, and how fast.</summary>
    private sealed record Optimizer(string Name, double[] Rates, params string[] Settings);
}
