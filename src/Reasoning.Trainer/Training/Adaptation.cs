using Reasoning.Models;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Distributed;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Reports;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Training;

/// <summary>Adapts a model to prompts: what the command <c>train</c> does, for programs. Several may run at once in one process.</summary>
public static class Adaptation
{
    /// <summary>Adapts a model in the first free folder <c>runs/RECIPE-N</c>.</summary>
    /// <param name="model">Checkpoint folder or GGUF file.</param>
    /// <param name="prompts">File of the prompts to adapt to; docs/data.md.</param>
    /// <param name="recipe">All settings.</param>
    /// <inheritdoc cref="RunAsync(TrainRequest, IProgress{RunProgress}?, CancellationToken)"/>
    public static Task<TrainResult> RunAsync(
        string model, string prompts, EffectiveRecipe recipe, IProgress<RunProgress>? progress = null, CancellationToken cancellation = default) =>
        RunAsync(new TrainRequest { Recipe = recipe, Model = model, Prompts = prompts }, progress, cancellation);

    /// <summary>Adapts a model.</summary>
    /// <param name="request">What to do.</param>
    /// <param name="progress">Told of every phase and line, on the thread of the run.</param>
    /// <param name="cancellation">
    /// Ends the run within a second in every phase: after the layer, tensor or decoding step that it is in, and at the longest after the
    /// backward pass of one micro-batch (setting <c>micro-batch-tokens</c>). What was being written is removed; the folder can be resumed
    /// from its last checkpoint.
    /// </param>
    /// <exception cref="UserErrorException">Something in the request cannot be; one line says what, where and what to do.</exception>
    /// <exception cref="RunFailedException">It went wrong while running.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static Task<TrainResult> RunAsync(
        TrainRequest request, IProgress<RunProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        Terminal quiet = Terminal.Silent(progress);
        return Task.Factory.StartNew(
            () =>
            {
                quiet.Enter(RunPhase.Loading);
                TrainRequest checkedRequest = request with { Model = CommonOptions.ModelFolder(request.Model, cancellation) };
                return Run(checkedRequest, quiet, afterStep: null, new Ranks(), stop: default, cancellation);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>The same on this thread, with what only the command line has.</summary>
    /// <param name="request">What to do; its model has been verified.</param>
    /// <param name="terminal">Gets the lines.</param>
    /// <param name="afterStep">Told after every step, when all that it wrote is in the folder.</param>
    /// <param name="ranks">Who trains together.</param>
    /// <param name="stop">Ends the run after what it is doing, with a checkpoint of the last complete step.</param>
    /// <param name="cancel">Ends it at once, where it stands.</param>
    internal static TrainResult Run(
        TrainRequest request, Terminal terminal, Action<RunFolder, int>? afterStep, Ranks ranks, CancellationToken stop, CancellationToken cancel = default)
    {
        TrainResult result = new TrainRun(request, terminal, TimeProvider.System)
        {
            AfterStep = ranks.IsFirst ? afterStep : null,
            Ranks = ranks,
        }.Run(stop, cancel);
        if (ranks.IsFirst) Report.Beside(result.Folder, terminal);
        return result;
    }
}
