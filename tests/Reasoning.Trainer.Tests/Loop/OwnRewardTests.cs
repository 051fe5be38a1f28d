using System.Text.Json;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.RewardRules;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Tests.Loop;

/// <summary>A reward is one file: this one is known to recipes, help and logs, and no file of the program names it.</summary>
public sealed class OwnRewardTests : IDisposable
{
    public OwnRewardTests() => Catalogue.Current = new Catalogue(Catalogue.Shipped.Objectives, [.. RewardKind.All, LengthReward.Declaration]);

    [Fact]
    public void A_recipe_can_name_it_and_set_it_and_the_run_logs_what_it_measures()
    {
        using var folder = new TempFolder();
        string recipe = folder.Write("own.yaml", "summary: Own.\nobjective: grpo\nreward: length\nlength-scale: 3\ntruncated: keep\n");
        Cli run = Cli.Train(folder, recipe, "run", "--steps", "2", "--set", "eval-samples=0", "--set", "length-scale=2");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("lengths   times 2", run.Error);
        foreach (string line in File.ReadLines(RunFolder.Open(folder.File("run")).MetricsFile))
        {
            using JsonDocument step = JsonDocument.Parse(line);
            Assert.Equal(step.RootElement.GetProperty(Metrics.AnswerTokens).GetDouble(), step.RootElement.GetProperty(LengthReward.Lengths).GetDouble(), 9);
            Assert.Equal(
                2 * step.RootElement.GetProperty(LengthReward.Lengths).GetDouble(), step.RootElement.GetProperty(Metrics.Reward).GetDouble(), 9);
        }

        Assert.Contains("length-scale ", Cli.Run("config", "show", "--recipe", recipe).Out);
        Assert.DoesNotContain("length-scale ", Cli.Run("config", "show", "--recipe", "ttrl").Out);
        Assert.Contains("Length (reward length)", Cli.Run("train", "--help-settings").Out);
        Assert.Contains("did you mean 'length'?", Cli.Train(folder, "ttrl", "other", "--set", "reward=lenght").BadInput());
        Assert.Contains("scale of 13", Cli.Train(folder, recipe, "other", "--set", "length-scale=13").BadInput());
    }

    [Fact]
    public void The_page_of_rewards_has_every_one_of_them()
    {
        string[] rows = [.. File.ReadLines(Repository.Path("docs/rewards.md")).Where(line => line.StartsWith('|'))];
        Assert.All(
            RewardKind.All.Where(reward => reward != Reward.None),
            reward => Assert.Contains(rows, row => row.StartsWith($"| `{reward.Name}` |", StringComparison.Ordinal)));
    }

    public void Dispose() => Catalogue.Current = Catalogue.Shipped;

    /// <summary>The length of an answer, scaled, which the rule adds up itself.</summary>
    private sealed class LengthReward(double scale) : RewardRule
    {
        public static readonly Metric Lengths = new("lengths", "tokens", "none", "Mean length.");

        private readonly List<int> _lengths = [];

        public static RewardDeclaration Declaration { get; } = new(
            "length", "Of tests.", "none", context => new LengthReward(context.Recipe.Of<LengthSettings>().LengthScale))
        {
            Settings = [new LengthSettings()],
            Metrics = [Lengths],
            Check = recipe => Recipe.Require(recipe.Of<LengthSettings>().LengthScale != 13, "a scale of 13 brings bad luck"),
            Header = recipe => ("lengths", $"times {recipe.Of<LengthSettings>().LengthScale}"),
        };

        public override void BeginStep(IReadOnlyList<PromptGroup> groups, int step) => _lengths.Clear();

        public override double[] Score(PromptGroup group)
        {
            _lengths.AddRange(group.Samples.Select(sample => sample.Rollout.Ids.Length));
            return [.. group.Samples.Select(sample => scale * sample.Rollout.Ids.Length)];
        }

        public override void Measure(Meter meter, IReadOnlyList<PromptGroup> groups) => meter.Mean(Lengths, _lengths, length => length);
    }

    private sealed record LengthSettings : MethodSettings
    {
        [Setting("factor", "Multiplies the length.", Min = 0)]
        public double LengthScale { get; init; } = 1;
    }
}
