using Reasoning.Models;
using Reasoning.Models.Devices;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Learning;

/// <summary>
/// Sharpness-aware minimization (Foret et al. 2021, arXiv:2010.01412, section 3): climb, take the gradient there, restore, step.
/// <code>
/// ε = ρ g / (‖g‖ + 10⁻¹²)        g = ∇L(θ), over all that learns        θ ← plain update of θ with ∇L(θ + ε)
/// </code>
/// Twice the work of a plain update, and a copy of all that learns while the climb lasts.
/// </summary>
/// <param name="recipe">The run.</param>
/// <param name="rho">ρ, the length of the climb.</param>
/// <param name="after">Told the loss at the top, after the update.</param>
internal sealed class SharpnessAware(Recipe recipe, double rho, Action<Learner, double> after) : IUpdateRule
{
    /// <summary>Whether the weights are at the top of the climb.</summary>
    public bool IsAtTop { get; private set; }

    public void Update(Learner learner, Sample[] batch, int step, Meter meter)
    {
        using DisposeScope scope = NewDisposeScope();
        if (learner.Accumulate(batch, meter) is not { } foot) return;
        double[] values = Floats.Numbers([foot, .. learner.Groups.Select(group => group.Optimizer.GradientNorm())]);
        double norm = Math.Sqrt(values.Skip(1).Sum(part => part * part));
        if (!double.IsFinite(norm)) throw new NonFiniteException($"the gradient norm before the climb is {norm}");

        Parameter[] learning = [.. learner.Learning];
        Tensor[] before = [.. learning.Select(parameter => parameter.detach().clone())];
        Tensor? top;
        using var second = new Meter(); // measurements are those of the weights that the step began with
        try
        {
            Climb(learning, rho / (norm + 1e-12));
            learner.Publish();
            learner.ZeroGrad();
            IsAtTop = true;
            top = learner.Accumulate(batch, second);
        }
        finally
        {
            IsAtTop = false;
            using IDisposable noGradient = no_grad();
            foreach ((Parameter parameter, Tensor value) in learning.Zip(before)) parameter.copy_(value).DetachFromDisposeScope();
            learner.Publish();
        }

        foreach (Metric time in (Metric[])[Metrics.ForwardSeconds, Metrics.BackwardSeconds]) meter.Sum(time, second[time] ?? 0);
        if (top is null) return;
        PlainUpdate.Apply(learner, top, recipe, step, meter);
        after(learner, top.item<double>());
    }

    private static void Climb(Parameter[] learning, double length)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        foreach (Parameter parameter in learning)
        {
            if (parameter.grad is { } gradient) parameter.AddInPlace(gradient, length).DetachFromDisposeScope();
        }
    }
}
