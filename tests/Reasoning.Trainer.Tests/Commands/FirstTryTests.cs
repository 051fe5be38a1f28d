using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Tests.Commands;

/// <summary>What someone types who knows other programs, but not this one.</summary>
public sealed class FirstTryTests
{
    [Fact]
    public void Without_a_command_the_help_is_shown()
    {
        foreach (string[] args in (string[][])[[], ["config"]])
        {
            Cli run = Cli.Run(args);
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            Assert.Equal(Cli.Run([.. args, "--help"]).Out, run.Out);
            Assert.Equal(run.Out, Cli.Run(["help", .. args]).Out);
        }
    }

    [Fact]
    public void A_run_folder_given_as_a_model_is_told_where_its_model_is()
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "tent", "run", "--steps", "1", "--set", "eval-samples=0").ExitCode);
        string run = folder.File("run");
        string[][] commands = [["eval"], ["sample", "--prompt", "1"], ["score", "--text", "1"], ["export", "--out", folder.File("a.gguf")], ["train", "--out", folder.File("b")]];
        Assert.All(commands, command => Assert.Contains($"this is a run folder; its model is {run}/model", Cli.Run([.. command, "--model", run]).BadInput()));
        Directory.Delete(RunFolder.Open(run).ModelFolder, recursive: true);
        Assert.Contains("this is a run folder without a model yet", Cli.Run("eval", "--model", run).BadInput());
    }

    [Fact]
    public void Sample_says_why_it_takes_a_text_as_it_stands()
    {
        using var folder = new TempFolder();
        string copy = folder.Copy(TinyModel.Folder);
        File.Delete(Path.Combine(copy, "reasoning.json"));
        string[] sample = ["sample", "--prompt", "1", "--max-new-tokens", "2", "--model"];
        Assert.Contains("bare (the default of sample for a model that says nothing about prompts)", Cli.Run([.. sample, copy]).Error);
        Assert.Contains("bare (asked for)", Cli.Run([.. sample, copy, "--raw"]).Error);
        Assert.Contains("plain (by the checkpoint)", Cli.Run([.. sample, TinyModel.Folder]).Error);
    }

    [Fact]
    public void Every_name_of_another_program_leads_to_one_setting_that_exists()
    {
        string[] ours = [.. Setting.All.Select(setting => setting.Name)];
        Assert.All(OtherNames.All, pair => Assert.Contains(pair.Setting, ours));
        Assert.Empty(OtherNames.All.Select(pair => pair.Name).Intersect(ours));
        Assert.Equal(OtherNames.All.Count(), OtherNames.All.Select(pair => pair.Name).Distinct().Count());
        string help = string.Concat(((string[])["train", "eval"]).Select(command => Cli.Run(command, "--help").Out));
        Assert.All(OtherNames.AllOptions, pair => Assert.Contains($"  {pair.Option} ", help));
        Assert.All(OtherNames.AllOptions, pair => Assert.DoesNotContain($"  --{pair.Name} ", help));
        Assert.Equal("learning-rate", OtherNames.Find("actor.optim.LR"));
        Assert.Null(OtherNames.Find("unheard-of"));
    }

    [Fact]
    public void A_run_of_an_earlier_version_goes_on_with_the_evaluation_it_has()
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "tent", "run", "--steps", "1").ExitCode);
        var run = RunFolder.Open(folder.File("run"));
        foreach (string which in (string[])["base", "adapted"])
            File.Move(run.EvalFile(which, RunFolder.TargetSet), Path.Combine(run.Path, $"eval-{which}-adapted.json"));
        Cli resumed = Cli.Run("train", "--resume", "--out", run.Path, "--steps", "2");

        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.DoesNotContain("base model on target prompts", resumed.Error); // not evaluated again
        Assert.Contains("adapted model on target prompts", resumed.Error);
        Assert.StartsWith("target: 4 problems", resumed.Out);
        Assert.Equal(
            ["eval-adapted-target.json", "eval-base-adapted.json", "eval-matched-target.json"], Directory.GetFiles(run.Path, "eval-*").Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Evaluations_of_runs_of_earlier_versions_are_found_by_their_names()
    {
        using var folder = new TempFolder();
        var run = new RunFolder(folder.Path);
        Assert.EndsWith("eval-base-target.json", run.EvalFile("base", RunFolder.TargetSet));
        folder.Write("eval-base-adapted.json", "");
        Assert.EndsWith("eval-base-adapted.json", run.EvalFile("base", RunFolder.TargetSet));
        Assert.EndsWith("eval-adapted-target.json", run.EvalFile("adapted", RunFolder.TargetSet));
        Assert.EndsWith("eval-base-source.json", run.EvalFile("base", "source"));
    }
}
