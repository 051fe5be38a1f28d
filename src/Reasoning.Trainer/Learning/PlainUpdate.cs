using System.Diagnostics;
using Reasoning.Models.Devices;
using Reasoning.Models.Modeling;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Learning;

/// <summary>Accumulate, clip, step.</summary>
internal sealed class PlainUpdate(Recipe recipe) : IUpdateRule
{
    public void Update(Learner learner, Sample[] batch, int step, Meter meter)
    {
        using Tensor? loss = learner.Accumulate(batch, meter);
        if (loss is not null) Apply(learner, loss, recipe, step, meter);
    }

    /// <summary>
    /// Applies the gathered gradients: sets the rate of the step, clips every group of parameters by its own norm, refuses what is not
    /// finite, updates, and forgets the gradients. The device is waited for twice, whatever the number of parameters: for loss and norms,
    /// which decide whether there is an update, and for the check of its result.
    /// </summary>
    /// <param name="learner">Has gathered them.</param>
    /// <param name="loss">[]</param>
    /// <param name="recipe">The run.</param>
    /// <param name="step">Its number.</param>
    /// <param name="meter">Takes the measurements.</param>
    /// <param name="only">The group that moves; null for all.</param>
    /// <exception cref="NonFiniteException">Loss or gradient is not finite (nothing has been updated), or a parameter is not after the
    /// update.</exception>
    public static void Apply(Learner learner, Tensor loss, Recipe recipe, int step, Meter meter, ParameterGroup? only = null)
    {
        using DisposeScope scope = NewDisposeScope();
        var clock = Stopwatch.StartNew();
        double rate = LearningRate.At(step, recipe) * learner.RateFactor;
        double[] values = Floats.Numbers([loss, .. learner.Groups.Select(group => group.Optimizer.GradientNorm())]);
        int wrong = Array.FindIndex(values, value => !double.IsFinite(value));
        string what = wrong < 1 ? "loss" : $"gradient norm of the {learner.Groups[wrong - 1].Name}";
        if (wrong >= 0) throw new NonFiniteException($"the {what} is {values[wrong]}");

        double[] norms = values[1..];
        RandomDirection? sham = recipe.Control == ControlKind.RandomDirection ? new RandomDirection(learner) : null;
        foreach ((ParameterGroup group, double norm) in learner.Groups.Zip(norms))
        {
            double ratio = group.Ratio(step);
            if (ratio == 0 || (only ?? group) != group) continue;
            double scale = Optimizer.ClipScale(norm, group.MaxGradNorm);
            if (group.Penalty is { } penalty)
            {
                meter.Set(Metrics.OrthonormalDistance, penalty.AddTo(scale));
                scale = 1;
            }

            group.Optimizer.Step(rate * ratio, scale);
        }

        sham?.Turn(recipe.Seed, step, update: (int)(meter[Metrics.Updates] ?? 0));
        learner.Publish();
        learner.ZeroGrad();
        foreach (ParameterGroup group in learner.Groups)
        {
            if (group.Optimizer.FirstNotFinite() is { } name)
                throw new NonFiniteException($"{name} has values that are not finite after the update");
        }

        meter.Lap(Metrics.OptimizerSeconds, clock);
        foreach ((ParameterGroup group, double norm) in learner.Groups.Zip(norms)) meter.Mean(group.Norm, norm, 1);
        meter.Mean(Metrics.Loss, values[0], 1);
        meter.Set(Metrics.Rate, rate);
        meter.Sum(Metrics.Updates, 1);
    }
}

/// <summary>A loss, gradient or parameter is not a finite number any more; the run stops before it spreads.</summary>
internal sealed class NonFiniteException(string message) : Exception(message);
