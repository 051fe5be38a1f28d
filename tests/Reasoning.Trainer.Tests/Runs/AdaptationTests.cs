using System.Diagnostics;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Training;

namespace Reasoning.Trainer.Tests.Runs;

public sealed class AdaptationTests
{
    private static readonly string[] s_small =
        ["steps=2", "prompts-per-step=3", "samples-per-prompt=6", "max-new-tokens=16", "eval-samples=4", "eval-problems=4", "guard-agreement=0", "checkpoint-every=1", "updates-per-rollout=1"];

    public static TheoryData<RunPhase> Phases => [.. Enum.GetValues<RunPhase>()];

    [Fact]
    public async Task The_result_is_what_the_command_prints()
    {
        using var folder = new TempFolder();
        Cli command = Cli.Train(folder, "ttrl", "command", "--steps", "2", "--set", "checkpoint-every=1", "--set", "updates-per-rollout=1");
        var lines = new List<string>();
        TrainResult result = await Adaptation.RunAsync(Request(folder, "ttrl", "library"), new Listener(at => lines.Add(at.Line ?? "")), Cancel);

        Assert.Equal((LoopEnd.Done, 2, folder.File("library")), (result.End, result.Step, result.Folder));
        Assert.StartsWith(Eval.EvalTable.Render(result.Comparisons), command.Out);
        Assert.Equal(Path.Combine(folder.File("library"), "model"), result.Model);
        Assert.Empty(SameRun.Differences(RunFolder.Open(folder.File("command")), RunFolder.Open(folder.File("library")), 2));
        Assert.Contains($"report: {folder.File("library")}/report.html", lines);
        string[] Steps(IEnumerable<string> all) => [.. all.Where(line => line.StartsWith("base model", StringComparison.Ordinal) || line.StartsWith("learns", StringComparison.Ordinal))];
        Assert.Equal(Steps(command.Error.Split('\n')), Steps(lines));
    }

    [Fact]
    public async Task Two_at_once_are_the_runs_that_they_are_one_after_the_other()
    {
        using var folder = new TempFolder();
        string[] recipes = ["ttrl", "zerosiam"];
        foreach (string recipe in recipes) await Adaptation.RunAsync(Request(folder, recipe, $"alone-{recipe}"), null, Cancel);
        TrainRequest[] requests = [.. recipes.Select(recipe => Request(folder, recipe, $"beside-{recipe}"))]; // each writes the prompts, before any run reads them
        await Task.WhenAll(requests.Select(request => Adaptation.RunAsync(request, null, Cancel)));

        foreach (string recipe in recipes)
        {
            RunFolder alone = RunFolder.Open(folder.File($"alone-{recipe}")), beside = RunFolder.Open(folder.File($"beside-{recipe}"));
            Assert.Empty(SameRun.Differences(alone, beside, 2));
            Assert.Equal(File.ReadAllText(alone.EvalFile("adapted", "target")), File.ReadAllText(beside.EvalFile("adapted", "target")));
        }
    }

    [Theory]
    [MemberData(nameof(Phases))]
    public async Task Cancelled_in_any_phase_it_ends_there_within_a_second_and_can_be_resumed(RunPhase phase)
    {
        using var folder = new TempFolder();
        int step = phase is RunPhase.Loading or RunPhase.Evaluating ? 0 : 2;
        TrainRequest request = Request(folder, "ttrl", "broken");
        await EndsThere(request, at => at.Phase == phase && at.Step == step, wait: 0);
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(folder.Path, ".*tmp-*", SearchOption.AllDirectories), _ => true);

        bool begun = File.Exists(new RunFolder(request.Out!).RecordFile);
        Assert.Equal(phase != RunPhase.Loading, begun);
        TrainResult result = await Adaptation.RunAsync(request with { Resume = begun }, null, Cancel);
        Assert.Equal(LoopEnd.Done, result.End);
        await Adaptation.RunAsync(Request(folder, "ttrl", "whole"), null, Cancel);
        Assert.Empty(SameRun.Differences(RunFolder.Open(folder.File("whole")), result.Run, 2));
    }

    [SlowTheory]
    [MemberData(nameof(Phases))]
    public async Task Cancelled_in_the_midst_of_any_phase_of_the_starter_model_it_ends_within_a_second(RunPhase phase)
    {
        using var folder = new TempFolder();
        var request = new TrainRequest
        {
            Model = Repository.Path("checkpoints/starter"),
            Prompts = Repository.Path("data/shifted.jsonl"),
            Recipe = EffectiveRecipe.Load("ttrl", "steps=1", "eval-problems=32"),
            Out = folder.File("run"),
        };
        double seconds = await EndsThere(request, at => at.Phase == phase, wait: phase is RunPhase.Evaluating or RunPhase.Sampling or RunPhase.Updating ? 700 : 0);
        TestContext.Current.TestOutputHelper!.WriteLine($"{phase}: {seconds:F2} s");
    }

    [Fact]
    public async Task Runs_without_a_folder_take_one_each()
    {
        using var folder = new TempFolder();
        string parent = folder.File("runs");
        RunOwner[] owners = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => RunOwner.StartFree(parent, "ttrl"))));
        Assert.Equal(8, owners.Select(owner => owner.Run.Path).Distinct().Count());
        foreach (RunOwner owner in owners) owner.Dispose();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static TrainRequest Request(TempFolder folder, string recipe, string name) => new()
    {
        Model = TinyModel.Folder,
        Prompts = TinyModel.Prompts(folder),
        Recipe = EffectiveRecipe.Load(recipe, s_small),
        Out = folder.File(name),
    };

    /// <summary>Cancels a run some milliseconds after it has come somewhere, and sees that it goes nowhere else.</summary>
    private static async Task<double> EndsThere(TrainRequest request, Predicate<RunProgress> where, int wait)
    {
        using var source = new CancellationTokenSource();
        var clock = new Stopwatch();
        RunProgress? there = null;
        var listener = new Listener(at =>
        {
            if (there is not null)
            {
                Assert.Equal((there.Phase, there.Step), (at.Phase, at.Step));
                return;
            }

            if (!where(at)) return;
            there = at;
            clock.Start();
            source.CancelAfter(wait);
            if (wait == 0) source.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Adaptation.RunAsync(request, listener, source.Token));
        double seconds = clock.Elapsed.TotalSeconds - (wait / 1000.0);
        Assert.InRange(seconds, -0.1, 1);
        return seconds;
    }

    private sealed class Listener(Action<RunProgress> report) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => report(value);
    }
}
