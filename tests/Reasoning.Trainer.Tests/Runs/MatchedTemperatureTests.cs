using System.Text.Json.Nodes;
using Reasoning.Eval.Results;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Tests.Runs;

/// <summary>The start model at the temperature at which it is as certain as the adapted one.</summary>
public sealed class MatchedTemperatureTests
{
    // A certainty that the run is told: what learning makes of the tiny model in a few steps depends on the last digits of its weights.
    private static readonly string[] s_settings = ["--steps", "3", "--set", "matched-entropy=0.05", "--set", "guard=false", "--set", "eval-samples=16"];

    [Fact]
    public void It_stands_in_the_table_and_in_files_and_is_the_same_after_a_resume()
    {
        using var folder = new TempFolder();
        Cli first = Cli.Train(folder, "temperature", "run", [.. s_settings, "--heldout", TinyModel.Prompts(folder), "--json"]);
        Assert.True(first.ExitCode == 0, first.Error);
        var run = RunFolder.Open(folder.File("run"));
        EvalResult start = EvalFile.Read(run.EvalFile("base", RunFolder.TargetSet)), adapted = EvalFile.Read(run.EvalFile("adapted", RunFolder.TargetSet));
        EvalResult matched = EvalFile.Read(run.EvalFile("matched", RunFolder.TargetSet)), heldout = EvalFile.Read(run.EvalFile("matched", "held-out"));

        // More certain, as the adapted model is, by a lower temperature, which is that of both sets. How near it comes is for the tests of TemperatureMatch.
        Assert.True(adapted.TokenEntropy < start.TokenEntropy && matched.TokenEntropy < start.TokenEntropy,
            $"{start.TokenEntropy} → {adapted.TokenEntropy}, matched {matched.TokenEntropy} at {matched.Settings.Temperature}");
        Assert.True(matched.Settings.Temperature < start.Settings.Temperature);
        Assert.Equal(matched.Settings.Temperature, heldout.Settings.Temperature);
        Assert.Equal(start.Model, matched.Model);
        JsonNode set = JsonNode.Parse(first.Out)!["sets"]!["target"]!["temperature_matched"]!;
        Assert.Equal(matched.Settings.Temperature, set["temperature"]!.GetValue<double>());
        Assert.NotNull(set["metrics"]!["pass@1"]!["p_corrected"]);

        string before = File.ReadAllText(run.EvalFile("matched", "held-out"));
        File.Delete(run.EvalFile("matched", "held-out"));
        Cli resumed = Cli.Run("train", "--resume", "--out", run.Path);
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Equal(before, File.ReadAllText(run.EvalFile("matched", "held-out")));
        Assert.Contains(FormattableString.Invariant($"\n  base, temperature matched: T={matched.Settings.Temperature} ("), resumed.Out);
        Assert.Contains("base, temperature matched", File.ReadAllText(Path.Combine(run.Path, "report.html")));
    }

    [Fact]
    public void A_switch_leaves_it_out()
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "temperature", "off", [.. s_settings, "--set", "eval-matched=false"]).ExitCode);
        Assert.Empty(Directory.GetFiles(folder.File("off"), "eval-matched-*"));
    }

    [Fact]
    public void Episodes_have_it_once_every_problem_has_had_its_own()
    {
        using var folder = new TempFolder();
        string[] settings = ["--set", "prompts-per-step=1", "--set", "episode-steps=1", "--set", "guard=false", "--set", "eval-samples=4", "--set", "eval-problems=6", "--heldout", TinyModel.Prompts(folder)];
        Assert.Equal(0, Cli.Train(folder, "tent", "run", ["--steps", "5", .. settings]).ExitCode);
        var run = RunFolder.Open(folder.File("run"));
        EvalResult start = EvalFile.Read(run.EvalFile("base", RunFolder.TargetSet));
        Assert.Equal(6, start.Problems.Count);
        Assert.Empty(Directory.GetFiles(run.Path, "eval-matched-*"));

        Cli whole = Cli.Run("train", "--resume", "--out", run.Path, "--steps", "6");
        Assert.True(whole.ExitCode == 0, whole.Error);
        EvalResult matched = EvalFile.Read(Assert.Single(Directory.GetFiles(run.Path, "eval-matched-*")));
        Assert.Equal(start.Problems.Select(problem => problem.PromptId), matched.Problems.Select(problem => problem.PromptId));
        EvalResult[] episodes = [.. Enumerable.Range(1, 6).Select(run.EpisodeFile).Select(EvalFile.Read)];
        double tokens = episodes.Sum(episode => episode.Problems[0].MeanLength), entropy = episodes.Sum(episode => episode.Problems[0].MeanLength * episode.TokenEntropy!.Value) / tokens;
        Assert.Contains(FormattableString.Invariant($"T={matched.Settings.Temperature} ({matched.TokenEntropy:0.000} nats a token; adapted {entropy:0.000})"), whole.Out);
        Assert.Contains("base, temperature matched", File.ReadAllText(Path.Combine(run.Path, "report.html")));
    }
}
