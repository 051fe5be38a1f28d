using System.CommandLine;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Training;

namespace Reasoning.Trainer.Commands;

/// <summary><c>verify-resume</c>: proves on this machine that k steps, a restart and k steps are the same as 2k steps.</summary>
internal static class VerifyResumeCommand
{
    public static Command Create(Terminal terminal, CancellationToken cancel)
    {
        Option<string> model = CommonOptions.Model(), prompts = CommonOptions.Prompts(), device = CommonOptions.Device();
        var recipe = new Option<string>("--recipe")
        {
            HelpName = "R",
            Description = "Shipped recipe or path of a YAML file.",
            DefaultValueFactory = _ => TrainCommand.DefaultRecipe,
        };
        var steps = new Option<int>("--steps")
        {
            HelpName = "K",
            Description = "Steps before the restart, and as many after it.",
            DefaultValueFactory = _ => 2,
        };
        var set = new Option<string[]>("--set")
        {
            HelpName = "key=value",
            Description = "Changes one setting; may be given several times.",
            DefaultValueFactory = _ => [],
        };
        var command = new Command(
            "verify-resume", "Trains 2k steps at once, and k steps, a restart and k steps; compares weights, optimizer and samples byte "
                + "by byte.")
        {
            model, prompts, recipe, steps, set, device,
        };
        command.SetAction(parsed =>
        {
            int k = CommonOptions.InRange(parsed.GetValue(steps), 1, 100_000, "--steps");
            string[] fixedSettings = [$"steps={2 * k}", "eval-samples=0", "log-samples-every=1", "keep-checkpoints=1"];
            EffectiveRecipe effective = EffectiveRecipe.Build(
                RecipeFile.Load(parsed.GetValue(recipe)!),
                [.. parsed.GetValue(set)!.Select(EffectiveRecipe.Assignment), .. fixedSettings.Select(EffectiveRecipe.Assignment)]);
            Recipe.Require(!effective.Recipe.HasServer, "verify-resume compares bytes, and what a server draws is its own affair: leave rollouts out");
            var request = new TrainRequest
            {
                Recipe = effective,
                Model = CommonOptions.ModelFolder(parsed.GetValue(model)),
                Prompts = parsed.GetValue(prompts) ?? DefaultFiles.Find(DefaultFiles.Prompts, "--prompts"),
                Device = CommonOptions.DeviceOf(parsed.GetValue(device), terminal),
            };
            return Verify(request, k, terminal, cancel);
        });
        return command;
    }

    private static int Verify(TrainRequest request, int k, Terminal terminal, CancellationToken cancel)
    {
        string folder = Directory.CreateTempSubdirectory("reasoning-verify-resume-").FullName;
        try
        {
            TrainRequest whole = request with { Out = Path.Combine(folder, "whole") };
            TrainRequest halves = request with { Out = Path.Combine(folder, "halves") };
            foreach (TrainRequest run in (TrainRequest[])[whole, halves with { StopAfter = k }, halves with { Resume = true }])
            {
                terminal.Progress(
                    $"--- {Path.GetFileName(run.Out)}: "
                        + $"{(run.Resume ? $"steps {k + 1} to {2 * k} after a restart" : $"steps 1 to {run.StopAfter ?? 2 * k}")}");
                new TrainRun(run, terminal, TimeProvider.System).Run(cancel);
                cancel.ThrowIfCancellationRequested();
            }

            List<string> different = SameRun.Differences(RunFolder.Open(whole.Out!), RunFolder.Open(halves.Out!), 2 * k);
            foreach (string file in different) terminal.Out.WriteLine($"differs: {file}");
            terminal.Out.WriteLine(
                different.Count == 0
                    ? $"ok: {k} + resume + {k} steps equal {2 * k} steps byte by byte"
                    : "failed: the resumed run is another one");
            return different.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
