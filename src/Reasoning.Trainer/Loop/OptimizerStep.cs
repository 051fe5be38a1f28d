using System.Diagnostics;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Loop;

/// <summary>
/// Applies the gathered gradients: sets the rate of the step, clips model and predictor each by its own norm, refuses what is not finite,
/// updates, and forgets the gradients.
/// </summary>
internal static class OptimizerStep
{
    /// <exception cref="NonFiniteException">Loss or gradient is not finite (nothing has been updated), or a parameter is not after the
    /// update.</exception>
    public static void Apply(Learner learner, double loss, Recipe recipe, int step, Meter meter)
    {
        var clock = Stopwatch.StartNew();
        double rate = LearningRate.At(step, recipe);
        Parameter[] parameters = [.. learner.Parameters.Select(pair => pair.Parameter)];
        double norm = Clip(parameters, recipe.MaxGradNorm);
        double predictorNorm = learner.Predictor is null ? 0 : Clip([learner.Predictor.Weight], recipe.PredictorMaxGradNorm);
        if (!double.IsFinite(loss)) throw new NonFiniteException($"the loss is {loss}");
        if (!double.IsFinite(norm)) throw new NonFiniteException($"the gradient norm is {norm}");
        if (!double.IsFinite(predictorNorm)) throw new NonFiniteException($"the gradient norm of the predictor is {predictorNorm}");

        bool onlyPredictor = learner.Predictor is not null && step <= recipe.PredictorWarmup;
        if (!onlyPredictor) Update(learner.Optimizer, rate);
        if (learner.PredictorOptimizer is not null && recipe.PredictorRatio > 0)
            Update(learner.PredictorOptimizer, rate * recipe.PredictorRatio);
        learner.Publish();
        learner.ZeroGrad();
        CheckParameters(learner);
        meter.Lap(Metrics.OptimizerSeconds, clock);

        meter.Mean(Metrics.GradNorm, norm, 1);
        if (learner.Predictor is not null) meter.Mean(Metrics.PredictorGradNorm, predictorNorm, 1);
        meter.Mean(Metrics.Loss, loss, 1);
        meter.Set(Metrics.Rate, rate);
        meter.Sum(Metrics.Updates, 1);
    }

    /// <summary>Scales the gradients down to a norm, unless that is 0; returns the norm before.</summary>
    private static double Clip(Parameter[] parameters, double maximum) =>
        nn.utils.clip_grad_norm_(parameters, maximum > 0 ? maximum : double.MaxValue);

    private static void Update(OptimizerHelper optimizer, double rate)
    {
        foreach (optim.ILearningRateController group in optimizer.ParamGroups) group.LearningRate = rate;
        using DisposeScope scope = NewDisposeScope();
        optimizer.step();
    }

    private static void CheckParameters(Learner learner)
    {
        using IDisposable noGradient = no_grad();
        IEnumerable<(string Name, Parameter Parameter)> all = learner.Parameters;
        if (learner.Predictor is not null) all = all.Append(("the predictor", learner.Predictor.Weight));
        foreach ((string name, Parameter parameter) in all)
        {
            using DisposeScope scope = NewDisposeScope();
            if (!double.IsFinite(parameter.sum().to(ScalarType.Float64).item<double>()))
                throw new NonFiniteException($"{name} has values that are not finite after the update");
        }
    }
}
