using System.Text.Json;
using Reasoning.Models;
using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Tests.Methods;

/// <summary>A method is one file: this one is known to recipes, help, logs and checkpoints, and no file of the program names it.</summary>
public sealed class OwnMethodTests : IDisposable
{
    public OwnMethodTests() => Catalogue.Current = new Catalogue([.. Catalogue.Shipped.Objectives, BelowLine.Declaration], Catalogue.Shipped.Rewards);

    [Fact]
    public void A_recipe_can_name_it_and_set_it_and_the_run_logs_what_it_measures()
    {
        using var folder = new TempFolder();
        string recipe = Recipe(folder);
        Cli run = Cli.Train(folder, recipe, "run", "--steps", "2", "--set", "line=0.5", "--set", "eval-samples=0");

        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("line=0.5", run.Error);
        Assert.Contains("; shift 1; ", run.Error);
        Assert.Contains("below ", run.Error);
        foreach (string line in File.ReadLines(RunFolder.Open(folder.File("run")).MetricsFile))
        {
            using JsonDocument step = JsonDocument.Parse(line);
            Assert.InRange(step.RootElement.GetProperty(BelowLine.Share).GetDouble(), 0.01, 0.99);
            Assert.True(step.RootElement.GetProperty(BelowLine.ShiftNorm).GetDouble() >= 0);
        }

        Assert.Contains("line ", Cli.Run("config", "show", "--recipe", recipe).Out);
        Assert.Contains("Line (objective below-line)", Cli.Run("train", "--help-settings").Out);
        Assert.Contains("did you mean 'line'?", Cli.Train(folder, recipe, "other", "--set", "lines=1").BadInput());
    }

    [Fact]
    public void Its_parameters_tensors_and_numbers_survive_a_restart_byte_for_byte()
    {
        using var folder = new TempFolder();
        Cli verified = Cli.Run(
            ["verify-resume", "--recipe", Recipe(folder), "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), .. Cli.Small[..6]]);

        Assert.True(verified.ExitCode == 0, verified.Out + verified.Error);
    }

    [Fact]
    public void Tokens_that_the_loss_leaves_out_do_not_count_in_the_mean()
    {
        Recipe recipe = new Recipe { Objective = BelowLine.Declaration }.With(new LineSettings { Line = 0.5 });
        using var fixture = new MethodFixture(recipe);
        (double loss, _) = fixture.Differentiate();
        float[] entropies = fixture.Samples.SelectMany(sample => Entropies(fixture, sample)).ToArray();

        Assert.Equal(entropies.Where(h => h < 0.5).Average(), loss, 1e-4);
        Assert.Equal(entropies.Count(h => h < 0.5), fixture.Meter[Metrics.TrainedTokens]);
    }

    [Fact]
    public void Without_any_token_there_is_no_update()
    {
        using var fixture = new MethodFixture(new Recipe { Objective = BelowLine.Declaration }.With(new LineSettings { Line = 0 }));
        fixture.Learner.BeginStep(fixture.Samples);

        Assert.Null(fixture.Learner.Accumulate(fixture.Samples, fixture.Meter));
        Assert.All(fixture.Learner.Parameters, pair => Assert.Null(pair.Parameter.grad));
    }

    [Fact]
    public void No_two_settings_or_metrics_have_one_name()
    {
        Assert.Distinct(Setting.All.Select(setting => setting.Name));
        Assert.Distinct(Catalogue.Current.Metrics.Select(metric => metric.Name));
    }

    public void Dispose() => Catalogue.Current = Catalogue.Shipped;

    private static string Recipe(TempFolder folder) => folder.Write("own.yaml", "summary: Own.\nobjective: below-line\ntruncated: keep\nline: 1\n");

    private static float[] Entropies(MethodFixture fixture, Sample sample)
    {
        (_, _, double[] entropies) = Scorer.Score(fixture.Learner.Policy.Model, [.. sample.Rollout.PromptIds, .. sample.Rollout.Ids]);
        return [.. entropies[(sample.Rollout.PromptIds.Length - 1)..].Select(h => (float)h)];
    }

    /// <summary>Minimizes the entropy, scaled by a learned number, of tokens whose entropy is below a line; counts its steps twice.</summary>
    private sealed class BelowLine : Method
    {
        public static readonly Metric Share = new("below_share", "share", "up", "Tokens below the line.");
        public static readonly Metric ShiftNorm = new("shift_norm", "norm", "none", "Gradient norm of the shift.");

        private readonly Parameter _shift = new(ones(1));
        private readonly Tensor _count = zeros(1);
        private readonly double _line;

        private BelowLine(MethodContext context) : base(context, new EntropySettings())
        {
            _line = context.Recipe.Of<LineSettings>().Line;
            _shift.DetachFromDisposeScope();
            Parameters = [new("shift", "shift.weight", _shift, Ratio: 1, MaxGradNorm: 0, ShiftNorm)];
            Tensors = [("count", _count.DetachFromDisposeScope())];
        }

        public static MethodDeclaration Declaration { get; } = new("below-line", "Of tests.", "none", context => new BelowLine(context))
        {
            Settings = [new LineSettings()],
            Metrics = [Share, ShiftNorm],
            Shown = [("below", Share, 2)],
        };

        public override IReadOnlyList<ExtraParameter> Parameters { get; }

        public override IReadOnlyList<(string Name, Tensor Values)> Tensors { get; }

        public override Tensor[] States(Tensor hidden) => [hidden * _shift];

        public override Tensor Loss(LogitRows rows, TokenBatch tokens)
        {
            using Scalar line = _line;
            Tensor entropy = LogitRows.Entropy(rows.LogProbs()), below = entropy.lt(line);
            tokens.Mean(Share, rows, below);
            tokens.Only(rows, below);
            return entropy;
        }

        public override void EndStep(Meter meter)
        {
            using IDisposable noGradient = no_grad();
            _count.AddInPlace(1).DetachFromDisposeScope();
            Numbers["count"] = Numbers.GetValueOrDefault("count") + (1.0 / 3);
        }
    }

    private sealed record LineSettings : MethodSettings
    {
        [Setting("nats", "Entropy below which a token counts.", Min = 0)]
        public double Line { get; init; } = 1;
    }
}
