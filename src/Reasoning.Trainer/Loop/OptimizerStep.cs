using System.Diagnostics;
using Reasoning.Models;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Loop;

/// <summary>
/// Applies the gathered gradients: sets the rate of the step, clips model and predictor each by its own norm, refuses what is not finite,
/// updates, and forgets the gradients. The device is waited for twice, whatever the number of parameters: for loss and norms, which decide
/// whether there is an update, and for the check of its result.
/// </summary>
internal static class OptimizerStep
{
    private static readonly string[] s_names = ["loss", "gradient norm", "gradient norm of the predictor"];

    /// <exception cref="NonFiniteException">Loss or gradient is not finite (nothing has been updated), or a parameter is not after the
    /// update.</exception>
    public static void Apply(Learner learner, Tensor loss, Recipe recipe, int step, Meter meter)
    {
        using DisposeScope scope = NewDisposeScope();
        var clock = Stopwatch.StartNew();
        double rate = LearningRate.At(step, recipe);
        double[] values = Floats.Numbers([loss, .. learner.Optimizers.Select(optimizer => optimizer.GradientNorm())]);
        int wrong = Array.FindIndex(values, value => !double.IsFinite(value));
        if (wrong >= 0) throw new NonFiniteException($"the {s_names[wrong]} is {values[wrong]}");

        bool onlyPredictor = learner.Predictor is not null && step <= recipe.PredictorWarmup;
        if (!onlyPredictor) learner.Optimizer.Step(rate, Optimizer.ClipScale(values[1], recipe.MaxGradNorm));
        if (learner.PredictorOptimizer is not null && recipe.PredictorRatio > 0)
            learner.PredictorOptimizer.Step(rate * recipe.PredictorRatio, Optimizer.ClipScale(values[2], recipe.PredictorMaxGradNorm));
        learner.Publish();
        learner.ZeroGrad();
        foreach (Optimizer optimizer in learner.Optimizers)
        {
            if (optimizer.FirstNotFinite() is { } name) throw new NonFiniteException($"{name} has values that are not finite after the update");
        }

        meter.Lap(Metrics.OptimizerSeconds, clock);
        meter.Mean(Metrics.GradNorm, values[1], 1);
        if (learner.Predictor is not null) meter.Mean(Metrics.PredictorGradNorm, values[2], 1);
        meter.Mean(Metrics.Loss, values[0], 1);
        meter.Set(Metrics.Rate, rate);
        meter.Sum(Metrics.Updates, 1);
    }
}
