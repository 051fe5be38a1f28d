using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Distributed;
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

    [Theory]
    [InlineData("ttrl")]
    [InlineData("zerosiam")]
    [InlineData("sar")]
    public void Over_twenty_steps_any_number_of_ranks_has_the_loss_of_one_process(string recipe) => Compare(recipe, steps: 20, most: 1e-5, counts: [2, 3, 4]);

    private static void Compare(string recipe, int steps, double most, int[] counts)
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
            var request = new TrainRequest
            {
                Model = TinyModel.Folder,
                Prompts = prompts,
                Recipe = EffectiveRecipe.Load(recipe, [$"steps={steps}", .. s_small]),
                Out = folder.File($"{recipe}-{count}"),
            };
            TrainResult[] ends = ThreadRanks.Run(count, ranks => Adaptation.Run(request, Terminal.Silent(), null, default, ranks: ranks));
            Assert.All(ends, end => Assert.Equal((LoopEnd.Done, steps), (end.End, end.Step)));
            return ends[0].Run;
        }
    }

    /// <summary>Sampled ids and what became of them, without log-probabilities.</summary>
    private static string[] Rollouts(RunFolder run) =>
        [.. File.ReadLines(run.SamplesFile).Select(line => line[line.IndexOf("\"text\"", StringComparison.Ordinal)..line.IndexOf("\"logprobs\"", StringComparison.Ordinal)])];

    private static IEnumerable<string> Files(RunFolder run) =>
        Directory.EnumerateFiles(run.Path, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(run.Path, file));
}
