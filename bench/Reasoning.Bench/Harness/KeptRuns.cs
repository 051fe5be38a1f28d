using System.Globalization;
using Reasoning.Eval.Results;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Training;

namespace Reasoning.Bench.Harness;

/// <summary>Runs of an experiment in a folder of artifacts: each is made once, so that an experiment of hours goes on where it was left.</summary>
/// <param name="name">Folder below artifacts.</param>
/// <param name="model">Start model.</param>
/// <param name="prompts">File of prompts.</param>
internal sealed class KeptRuns(string name, string model, string prompts)
{
    private readonly string _folder = Path.Combine(BenchModels.Root, "artifacts", name);

    /// <summary>Whether a run is there to its end.</summary>
    public bool IsDone(string run) => IsWhole(Path.Combine(_folder, run));

    /// <summary>The run of that name; trained if it is not there to its end.</summary>
    /// <param name="run">Its folder.</param>
    /// <param name="recipe">What it does.</param>
    public RunFolder Get(string run, EffectiveRecipe recipe)
    {
        string folder = Path.Combine(_folder, run);
        if (IsWhole(folder)) return RunFolder.Open(folder);
        Directory.CreateDirectory(_folder);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        var request = new TrainRequest
        {
            Recipe = recipe,
            Model = model,
            Prompts = prompts,
            Out = folder,
            BaseFrom = recipe.Recipe.EvalSamples == 0 ? null : Directory.GetDirectories(_folder).FirstOrDefault(IsWhole),
        };
        var quiet = new Terminal(TextWriter.Null, TextWriter.Null, TextReader.Null, isInteractive: false, width: 200);
        try
        {
            return new TrainRun(request, quiet, TimeProvider.System).Run(default).Run;
        }
        catch (RunFailedException e) when (e.InnerException is NonFiniteException)
        {
            return RunFolder.Open(folder);
        }
    }

    /// <summary>Whether a run ended early because its numbers were no longer finite: that is a result, and the run is whole.</summary>
    public static bool IsDiverged(RunFolder run) => Directory.EnumerateFiles(run.Path, "nonfinite-step-*.json").Any();

    /// <summary>An accuracy of a run, of "base" or "adapted"; 0 after it diverged, NaN where it was not measured.</summary>
    public static double Accuracy(RunFolder run, string which, string metric) => which == "adapted" && IsDiverged(run)
        ? 0
        : EvalSummary.Of(EvalFile.Read(run.EvalFile(which, RunFolder.TargetSet))).Find(metric)?.Estimate.Value ?? double.NaN;

    /// <summary>A number as folder names and tables write it.</summary>
    public static string Text(double value) => value.ToString("0.#####", CultureInfo.InvariantCulture);

    // The saved model comes after the last step, and before the evaluation where there is one.
    private static bool IsWhole(string folder)
    {
        if (!File.Exists(Path.Combine(folder, "run.json"))) return false;
        var run = RunFolder.Open(folder);
        bool isEvaluated = !File.Exists(run.EvalFile("base", RunFolder.TargetSet)) || File.Exists(run.EvalFile("adapted", RunFolder.TargetSet));
        return IsDiverged(run) || (Directory.Exists(run.ModelFolder) && isEvaluated);
    }
}
