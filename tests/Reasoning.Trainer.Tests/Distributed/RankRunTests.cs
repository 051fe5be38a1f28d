using Reasoning.Models;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Training;

namespace Reasoning.Trainer.Tests.Distributed;

/// <summary>Whole runs whose ranks are threads, compared with that of one process.</summary>
public sealed class RankRunTests
{
    private static readonly string[] s_small =
        ["prompts-per-step=5", "samples-per-prompt=6", "max-new-tokens=40", "eval-samples=2", "eval-problems=4", "log-samples-every=1", "micro-batch-tokens=200"];

    /// <summary>Of the process, not of what it computes.</summary>
    private static readonly string[] s_own =
    [
        .. Metrics.Common.Where(metric => metric.Unit == "s").Select(metric => metric.Name),
        Metrics.TokensPerSecond.Name, Metrics.LiveTensors.Name, Metrics.ResidentMemory.Name,
    ];

    public static TheoryData<string> Shipped => [.. RecipeFile.Shipped];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Two_ranks_do_what_one_process_does(string recipe) => Compare(recipe, steps: 3, most: 1e-5, counts: [2]);

    /// <summary>What no shipped recipe asks for: what the steps share, take back, or do in several updates.</summary>
    [Theory]
    [InlineData("tent", "episode-steps=2", "prompts-per-step=1")]
    [InlineData("tent", "trainable=lora", "learning-rate=0.01")]
    [InlineData("tent", "control=random-direction")]
    [InlineData("tent", "tokens=top-entropy")]
    [InlineData("tent", "learning-rate=0.03", "guard-action=rollback", "guard-patience=1", "checkpoint-every=1", "guard-rollbacks=9")]
    [InlineData("zerosiam", "predictor-steps=3", "align-gradient=predictor")]
    [InlineData("ttrl", "updates-per-rollout=3", "entropy-target=2", "entropy-coefficient=0.1", "kl-coefficient=0.1")]
    [InlineData("eata", "updates-per-rollout=2", "optimizer-state=bfloat16", "fisher-answers=3")]
    [InlineData("ttrl", "vote=confidence")]
    public void So_they_do_with_other_settings(string recipe, params string[] settings) => Compare(recipe, steps: 4, most: 1e-5, counts: [2], settings);

    [Fact]
    public void Ranks_that_are_to_do_different_runs_are_refused()
    {
        using var folder = new TempFolder(inMemory: true);
        string prompts = TinyModel.Prompts(folder);
        string[] said = ThreadRanks.Run(3, ranks => Assert.Throws<UserErrorException>(() => Adaptation.Run(
            Request("tent", [$"seed={(ranks.Rank == 1 ? 2 : 1)}"], prompts, folder.File("run")), Terminal.Silent(), null, ranks, default)).Message);
        Assert.All(said, line => Assert.StartsWith("rank 1 is to do another run than rank 0", line));
        Assert.False(Directory.Exists(folder.File("run")));
    }

    [Theory]
    [InlineData("evol-rl", "embedding endpoint is for one process", "embedding=endpoint", "embedding-url=http://localhost:1", "embedding-model=m")]
    [InlineData("ttrl", "rollouts of a server are for one process", "rollouts=http://localhost:1", "importance-cap=2")]
    public void What_asks_a_server_is_for_one_process(string recipe, string message, params string[] settings)
    {
        using var folder = new TempFolder(inMemory: true);
        string prompts = TinyModel.Prompts(folder);
        string[] said = ThreadRanks.Run(2, ranks => Assert.Throws<UserErrorException>(() => Adaptation.Run(
            Request(recipe, settings, prompts, folder.File("run")), Terminal.Silent(), null, ranks, default)).Message);
        Assert.All(said, line => Assert.StartsWith(message, line));
    }

    [Theory]
    [InlineData("ttrl")]
    [InlineData("zerosiam")]
    [InlineData("sar")]
    public void Any_number_of_ranks_has_the_loss_of_one_process(string recipe) => Compare(recipe, steps: 5, most: 1e-5, counts: [2, 3, 4]);

    [SlowTheory]
    [InlineData("ttrl")]
    [InlineData("zerosiam")]
    [InlineData("sar")]
    public void Over_twenty_steps_any_number_of_ranks_has_the_loss_of_one_process(string recipe) => Compare(recipe, steps: 20, most: 1e-5, counts: [2, 3, 4]);

    private static void Compare(string recipe, int steps, double most, int[] counts, params string[] settings)
    {
        using var folder = new TempFolder(inMemory: true);
        string prompts = TinyModel.Prompts(folder);
        RunFolder one = Train(1);
        IReadOnlyDictionary<string, double>[] expected = [.. JsonLines.Numbers(one.MetricsFile)];
        Assert.Equal(steps, expected.Length);
        foreach (int count in counts)
        {
            RunFolder several = Train(count);
            Assert.Equal(Rollouts(one), Rollouts(several));
            Assert.Equal(File.ReadAllText(one.EvalFile("base", "target")), File.ReadAllText(several.EvalFile("base", "target")));
            Assert.Equal(Files(one).Order(), Files(several).Order());
            IReadOnlyDictionary<string, double>[] actual = [.. JsonLines.Numbers(several.MetricsFile)];
            Assert.Equal(steps, actual.Length);
            foreach ((IReadOnlyDictionary<string, double> there, IReadOnlyDictionary<string, double> here) in expected.Zip(actual))
            {
                Assert.Equal(there.Keys.Except(s_own), here.Keys.Except(s_own));
                foreach ((string name, double value) in there.Where(pair => !s_own.Contains(pair.Key)))
                {
                    double difference = Math.Abs(value - here[name]);
                    Assert.True(
                        difference <= most * Math.Max(1, Math.Abs(value)),
                        $"{recipe}, {count} ranks, step {there["step"]}: {name} is {here[name]}, and {value} of one process");
                }
            }
        }

        RunFolder Train(int count)
        {
            TrainRequest request = Request(recipe, [$"steps={steps}", .. settings], prompts, folder.File($"{recipe}-{count}"));
            TrainResult[] ends = ThreadRanks.Run(count, ranks => Adaptation.Run(request, Terminal.Silent(), null, ranks, default));
            Assert.All(ends, end => Assert.Equal((LoopEnd.Done, steps), (end.End, end.Step)));
            return ends[0].Run;
        }
    }

    private static TrainRequest Request(string recipe, string[] settings, string prompts, string run) => new()
    {
        Model = TinyModel.Folder,
        Prompts = prompts,
        Recipe = EffectiveRecipe.Load(recipe, [.. s_small, .. settings]),
        Out = run,
    };

    /// <summary>Sampled ids and what became of them, without log-probabilities.</summary>
    private static string[] Rollouts(RunFolder run) =>
        [.. File.ReadLines(run.SamplesFile).Select(line => line[line.IndexOf("\"text\"", StringComparison.Ordinal)..line.IndexOf("\"logprobs\"", StringComparison.Ordinal)])];

    private static IEnumerable<string> Files(RunFolder run) =>
        Directory.EnumerateFiles(run.Path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(run.Path, file));
}
