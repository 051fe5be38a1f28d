using System.Text.Json.Nodes;
using Reasoning.Eval.Results;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Tests.Runs;

/// <summary><c>--seeds</c> of train and compare.</summary>
public sealed class RunSeriesTests
{
    private static readonly string[] s_settings = [.. Cli.Small, "--set", "steps=1", "--set", "updates-per-rollout=1"];

    [Fact]
    public void Each_seed_is_the_run_that_it_would_be_alone_and_the_summary_is_over_seeds()
    {
        using var folder = new TempFolder();
        Cli series = Cli.Train(folder, "ttrl", "all", [.. s_settings[^4..], "--seeds", "2", "--seed", "5"]);
        Assert.True(series.ExitCode == 0, series.Error);
        Cli alone = Cli.Train(folder, "ttrl", "alone", [.. s_settings[^4..], "--seed", "6"]);
        Assert.True(alone.ExitCode == 0, alone.Error);
        Assert.Equal(["seed-5", "seed-6"], Names(folder.File("all")));
        Assert.Empty(Training.SameRun.Differences(RunFolder.Open(folder.File("all/seed-6")), RunFolder.Open(folder.File("alone")), 1));
        Assert.StartsWith("n=4 T=0.6 top-p=0.95 max 16 tokens seeds 5, 6\n", series.Out);
        Assert.Matches(@"\nttrl on target prompts, 2 seeds\n +base +adapted +difference +95 % interval +p +gain loss\n  pass@1 ", series.Out);
        Assert.Contains("gain and loss: how many seeds show a significant gain or loss", System.Text.RegularExpressions.Regex.Replace(series.Out, @"\s+", " "));
        Assert.All(series.Out.Split('\n').Where(line => !line.Contains('/', StringComparison.Ordinal)), line => Assert.InRange(line.Length, 0, 100));
        Assert.All(series.Out.Split('\n').Where(line => line.StartsWith("  pass", StringComparison.Ordinal)), line => Assert.InRange(line.Length, 0, 80));

        double[] differences = [.. ((string[])["all/seed-5", "all/seed-6"]).Select(run => PassAt1(folder.File(run)))];
        JsonNode summary = JsonNode.Parse(File.ReadAllText(folder.File("all/summary.json")))!;
        Assert.Equal([5, 6], summary["runs"]!.AsArray().Select(run => run!["seed"]!.GetValue<int>()));
        JsonNode row = summary["summary"]!.AsArray()
            .Single(row => row!["metric"]!.GetValue<string>() == "pass@1" && row["against"]!.GetValue<string>() == "base")!;
        double mean = differences.Average(), deviation = Math.Abs(differences[0] - differences[1]) / Math.Sqrt(2);
        Assert.Equal(2, row["seeds"]!.GetValue<int>());
        AssertClose(mean, row["difference"]!["mean"]!);
        AssertClose(deviation, row["difference"]!["deviation"]!);
        // Student's t for one degree of freedom is that of Cauchy: tan(π (0.975 − 1/2)).
        AssertClose(mean - (Math.Tan(Math.PI * 0.475) * deviation / Math.Sqrt(2)), row["difference"]!["low"]!);
        // The distribution of Cauchy again, on both sides.
        double p = mean == 0 ? 1 : 1 - (2 / Math.PI * Math.Atan(Math.Abs(mean) * Math.Sqrt(2) / deviation));
        AssertClose(p, row["p"]!);
        Assert.InRange(row["p_corrected"]!.GetValue<double>(), p, 1);
        AssertClose(differences.Min(), row["difference"]!["min"]!);
        AssertClose(differences.Max(), row["difference"]!["max"]!);
    }

    [Fact]
    public void Resume_runs_what_is_missing_and_leaves_what_is_done()
    {
        using var folder = new TempFolder();
        string[] args = [.. s_settings[^4..], "--seeds", "1,4"];
        Assert.Equal(0, Cli.Train(folder, "tent", "whole", args).ExitCode);
        Assert.Equal(0, Cli.Train(folder, "tent", "all", [.. s_settings[^4..], "--seeds", "1"]).ExitCode);
        string done = RunFolder.Open(folder.File("all/seed-1")).EvalFile("adapted", RunFolder.TargetSet);
        DateTime written = File.GetLastWriteTimeUtc(done);
        Assert.Contains("holds a run already", Cli.Train(folder, "tent", "all", args).BadInput());

        Cli resumed = Cli.Train(folder, "tent", "all", [.. args, "--resume", "--json"]);
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Equal(written, File.GetLastWriteTimeUtc(done));
        Assert.Equal(File.ReadAllText(folder.File("whole/summary.json")), File.ReadAllText(folder.File("all/summary.json")));
        JsonNode[] lines = [.. resumed.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
        Assert.Equal([1, 4], lines[..^1].Select(line => line["seed"]!.GetValue<int>()));
        Assert.NotEmpty(lines[^1]["summary"]!.AsArray());

        Assert.Contains("cannot become", Cli.Train(folder, "tent", "all", [.. args, "--resume", "--set", "learning-rate=1"]).BadInput());
        Assert.Contains("has the recipe tent, not zerosiam", Cli.Train(folder, "zerosiam", "all", [.. args, "--resume"]).BadInput());
    }

    [Fact]
    public void A_run_that_the_guard_stopped_is_named_and_not_taken_up_again()
    {
        using var folder = new TempFolder();
        string[] args =
        [
            "--seeds", "2", "--set", "steps=6", "--set", "eval-samples=0", "--set", "guard-predictor=1e-9", "--set", "guard-patience=1",
            "--set", "updates-per-rollout=1",
        ];
        Cli first = Cli.Train(folder, "zerosiam", "all", args), again = Cli.Train(folder, "zerosiam", "all", [.. args, "--resume"]);
        Assert.True(first.ExitCode == 0, first.Error);
        Assert.Matches("zerosiam, seed 2: stopped by the guard: rule predictor", first.Out);
        Assert.Equal(first.Out, again.Out);
        Assert.DoesNotContain("step ", again.Error);
    }

    [Fact]
    public void Compare_resumes_in_the_same_way()
    {
        using var folder = new TempFolder();
        string[] args =
        [
            "compare", "--recipes", "tent,zerosiam", "--seeds", "2", "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--out",
            folder.File("all"), .. s_settings,
        ];
        Cli first = Cli.Run(args);
        Assert.True(first.ExitCode == 0, first.Error);
        Directory.Delete(folder.File("all/zerosiam-seed1"), recursive: true);
        Cli resumed = Cli.Run([.. args, "--resume"]);
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Equal(first.Out, resumed.Out);
        Assert.Equal(["tent-seed1", "tent-seed2", "zerosiam-seed1", "zerosiam-seed2"], Names(folder.File("all")));
    }

    [Fact]
    public void Variants_of_a_recipe_stand_side_by_side()
    {
        using var folder = new TempFolder();
        string[] args =
        [
            "compare", "--recipes", "zerosiam,zerosiam+alpha=0+learning-rate=2e-5,reinforce++,reinforce+++control=shuffled", "--seeds", "1", "--model", TinyModel.Folder,
            "--prompts", TinyModel.Prompts(folder), "--out", folder.File("all"), .. s_settings,
        ];
        Cli run = Cli.Run(args);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(
            ["reinforce+++control=shuffled-seed1", "reinforce++-seed1", "zerosiam+alpha=0+learning-rate=2e-5-seed1", "zerosiam-seed1"], Names(folder.File("all")));
        var changed = RunFolder.Open(folder.File("all/zerosiam+alpha=0+learning-rate=2e-5-seed1"));
        Assert.Equal(2e-5, RunRecord.Read(changed).Effective(changed).Recipe.LearningRate);
        Assert.Matches(
            @"\npass@1 on target prompts, 1 seed\n +base .*\n  zerosiam +.*\n  zerosiam\+alpha=0\+learning-rate=2e-5 .*\n  reinforce\+\+ .*\n  reinforce\+\+\+control=shuffled ",
            run.Out);
        JsonNode row = JsonNode.Parse(File.ReadAllText(folder.File("all/summary.json")))!["summary"]!.AsArray()
            .First(row => row!["recipe"]!.GetValue<string>() == "reinforce++" && row["metric"]!.GetValue<string>() == "pass@1")!;
        string points = System.Text.RegularExpressions.Regex.Escape(Reasoning.Eval.Results.Figures.Signed(row["difference"]!["mean"]!.GetValue<double>()));
        Assert.Matches($@"\ndifferences in points.*\n  recipe +pass@1 +pass@4 +maj@4 +greedy(.*\n)+  zerosiam +\S+(.*\n)+  reinforce\+\+ +{points} ", run.Out);
        Assert.Equal(run.Out, Cli.Run([.. args, "--resume"]).Out);
        string[] rows = [.. File.ReadAllLines(folder.File("all/report/seeds.csv")).Where(row => row.Contains(",pass@1,", StringComparison.Ordinal))];
        Assert.Equal(rows.Count(row => row.EndsWith(",base", StringComparison.Ordinal)), rows.Count(row => row.EndsWith(",\"base, temperature matched\"", StringComparison.Ordinal)));
        Assert.Contains("Against the base at the temperature", File.ReadAllText(folder.File("all/report.html")));
    }

    [Fact]
    public void Against_a_recipe_the_others_are_paired_with_it_seed_by_seed()
    {
        using var folder = new TempFolder();
        string[] args =
        [
            "compare", "--recipes", "tent,ttrl+learning-rate=1,ttrl", "--seeds", "2", "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--out",
            folder.File("all"), "--against", "ttrl+learning-rate=1", .. s_settings, "--set", "guard=false",
        ];
        Cli run = Cli.Run(args);
        Assert.True(run.ExitCode == 0, run.Error);
        JsonNode[] rows = [.. JsonNode.Parse(File.ReadAllText(folder.File("all/summary.json")))!["summary"]!.AsArray()
            .Where(row => row!["metric"]!.GetValue<string>() == "vote share").Select(row => row!)];
        JsonNode[] paired = [.. rows.Where(row => row["against"]!.GetValue<string>() == "ttrl+learning-rate=1")];
        Assert.Equal(["tent", "ttrl"], paired.Select(row => row["recipe"]!.GetValue<string>()));
        double[] other = VoteShares("ttrl+learning-rate=1"), tent = VoteShares("tent");
        Assert.NotEqual(other, tent);
        double[] differences = [.. tent.Zip(other, (one, two) => one - two)];
        AssertClose(other.Average(), paired[0]["base"]!["mean"]!);
        AssertClose(differences.Average(), paired[0]["difference"]!["mean"]!);
        AssertClose(differences.Min(), paired[0]["difference"]!["min"]!);
        AssertClose(differences.Max(), paired[0]["difference"]!["max"]!);
        Assert.Matches(@"\nvote share on target prompts against ttrl\+learning-rate=1, 2 seeds\n +other +adapted .*\n  tent .*\n  ttrl ", run.Out);

        Assert.Contains(",ttrl+learning-rate=1\n", File.ReadAllText(folder.File("all/report/seeds.csv")));
        string page = folder.File("page.html");
        Assert.Equal(0, Cli.Run("report", folder.File("all"), "--out", page, "--against", "tent-seed1").ExitCode);
        Assert.Contains("<summary>Against tent</summary>", File.ReadAllText(page));
        Assert.DoesNotContain("<summary>Against tent</summary>", File.ReadAllText(folder.File("all/report.html")));
        Assert.Contains("--against rlvr: no such recipe here; there are ", Cli.Run("report", folder.File("all"), "--out", page, "--against", "rlvr").BadInput());
        Assert.Contains("--against rlvr: not one of --recipes: tent, ttrl+learning-rate=1, ttrl", Cli.Run([.. args.Select(arg => arg == "ttrl+learning-rate=1" ? "rlvr" : arg)]).BadInput());

        double[] VoteShares(string recipe) => [.. ((string[])["1", "2"]).Select(seed =>
            EvalSummary.Of(EvalFile.Read(RunFolder.Open(folder.File($"all/{recipe}-seed{seed}")).EvalFile("adapted", RunFolder.TargetSet))).VoteShare.Estimate.Value)];
    }

    [Fact]
    public void A_recipe_that_occurs_twice_is_refused()
    {
        using var folder = new TempFolder();
        Cli run = Cli.Run("compare", "--recipes", "tent,tent", "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--out", folder.File("all"));
        Assert.Contains("--recipes: tent occurs twice", run.BadInput());
        Assert.Contains("learning-rat", Cli.Run("compare", "--recipes", "tent+learning-rat=1", "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--out", folder.File("all")).BadInput());
    }

    [Theory]
    [InlineData("0", "--seeds is 0; allowed: 1 to 1000")]
    [InlineData("3,x", "--seeds 3,x: write how many")]
    [InlineData("-1", "--seeds -1: write how many")]
    [InlineData("1,2,1", "--seeds 1,2,1: a seed occurs twice")]
    public void Wrong_seeds_end_in_one_line(string seeds, string message)
    {
        using var folder = new TempFolder();
        Assert.Contains(message, Cli.Train(folder, "tent", "all", $"--seeds={seeds}").BadInput());
        Assert.False(Directory.Exists(folder.File("all")));
    }

    [Fact]
    public void Resume_has_to_say_what()
    {
        Assert.Contains("--out DIR", Cli.Run("train", "--seeds", "2", "--resume").BadInput());
        Assert.Contains("--out DIR", Cli.Run("compare", "--recipes", "tent", "--resume").BadInput());
    }

    private static IEnumerable<string> Names(string folder) =>
        Directory.GetDirectories(folder).Where(path => File.Exists(Path.Combine(path, "run.json"))).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal);

    /// <summary>Mean of adapted − base over problems, from the files of the run.</summary>
    private static double PassAt1(string run)
    {
        double[][] sides = [.. ((string[])["base", "adapted"]).Select(which =>
            Eval.Results.EvalSummary.Of(Eval.Results.EvalFile.Read(RunFolder.Open(run).EvalFile(which, RunFolder.TargetSet))).Find("pass@1")!.PerProblem.ToArray())];
        return sides[1].Average() - sides[0].Average();
    }

    private static void AssertClose(double expected, JsonNode actual) => Assert.Equal(expected, actual.GetValue<double>(), 1e-9);
}
