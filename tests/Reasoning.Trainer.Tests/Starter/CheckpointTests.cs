using System.Text.Json;
using Reasoning.Eval;
using Reasoning.Eval.Results;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Models.SafeTensors;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Tests.Starter;

/// <summary>The models in the folder checkpoints.</summary>
public sealed class CheckpointTests
{
    private const int Few = 16;

    [Theory]
    [InlineData("starter", "source", 15)]
    [InlineData("noisy", "grid-source", 10)]
    public void It_is_whole_and_small_and_answers_problems_like_those_of_its_training(string name, string prompts, int right)
    {
        string folder = Repository.Path($"checkpoints/{name}");
        CheckpointFolder.Verify(folder);
        Assert.InRange(Directory.EnumerateFiles(folder).Sum(file => new FileInfo(file).Length), 5_000_000, 8_000_000);
        using Policy policy = Policy.Load(folder);
        PromptSet all = PromptSet.Load(Repository.Path($"data/{prompts}.jsonl"));
        EvalResult result = Evaluator.Run(policy, new PromptSet(all.Path, all.Prompts.Take(Few)), new EvalOptions { Samples = 1, Ks = [1] });
        Assert.InRange(result.Problems.Count(problem => problem.Greedy!.Correct == true), right, Few);
    }

    /// <summary>Room to lose: entropy minimization begins at 0.3 to 0.6 nats a token on the prompts that it adapts to.</summary>
    [Fact]
    public void The_noisy_one_has_entropy_to_lose()
    {
        using var folder = new TempFolder();
        Cli run = Cli.Run(
            "train", "--recipe", "tent", "--model", Repository.Path("checkpoints/noisy"), "--prompts", Repository.Path("data/grid.jsonl"), "--steps", "1",
            "--out", folder.File("run"), "--set", "prompts-per-step=64", "--set", "samples-per-prompt=1", "--set", "eval-samples=0", "--set", "guard=false");
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument step = JsonDocument.Parse(File.ReadLines(RunFolder.Open(folder.File("run")).MetricsFile).Single());
        Assert.InRange(step.RootElement.GetProperty(Metrics.Entropy).GetDouble(), 0.3, 0.6);
    }
}
