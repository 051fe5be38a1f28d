using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Methods;

/// <summary>
/// The weight η of the entropy bonus: a constant, or moved after every update so that the entropy does not fall below a target
/// (Skywork-OR1, arXiv:2505.22312; the form is that of TRL).
/// <code>
/// c ← clip(c + δ, 0, 1) where H ≤ H*,  else clip(c − δ, 0, 1)        η of the next update = c where H ≤ H*, else 0
/// </code>
/// H is the mean token entropy of the update just made, c begins at <c>entropy-coefficient</c>, H* is <c>entropy-target</c>, δ is
/// <c>entropy-delta</c>. The first update of a run knows no H and has no bonus.
/// </summary>
/// <param name="settings">Of the run.</param>
/// <param name="numbers">Those of the method, which checkpoints keep.</param>
internal sealed class EntropyBonus(PolicyGradientSettings settings, Dictionary<string, double> numbers) : IDisposable
{
    public static readonly Metric WeightMetric =
        new("entropy_weight", "weight", "none", "Weight of the entropy bonus where entropy-target moves it, mean over the step's updates.");

    private const string Coefficient = "entropy.coefficient", Last = "entropy.last";

    private Tensor? _sum; // [] float64, of the update at work
    private long _count;

    /// <summary>η of the update at work.</summary>
    public double Weight => !IsAdaptive ? settings.EntropyCoefficient
        : numbers.TryGetValue(Last, out double last) && last <= settings.EntropyTarget ? numbers[Coefficient] : 0;

    private bool IsAdaptive => settings.EntropyTarget > 0;

    /// <summary>Counts some tokens of the update.</summary>
    /// <param name="entropy">[rows]</param>
    public void See(Tensor entropy)
    {
        if (!IsAdaptive) return;
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        _sum ??= zeros([], ScalarType.Float64, entropy.device).DetachFromDisposeScope();
        _sum.add_(entropy.detach().sum(ScalarType.Float64)).DetachFromDisposeScope();
        _count += entropy.shape[0];
    }

    /// <summary>Moves the coefficient after an update.</summary>
    public void EndUpdate(Meter meter)
    {
        if (_sum is null) return;
        meter.Mean(WeightMetric, Weight, 1);
        double entropy = _sum.item<double>() / _count, coefficient = numbers.GetValueOrDefault(Coefficient, settings.EntropyCoefficient);
        double moved = coefficient + (entropy <= settings.EntropyTarget ? settings.EntropyDelta : -settings.EntropyDelta);
        (numbers[Last], numbers[Coefficient]) = (entropy, Math.Clamp(moved, 0, 1));
        Forget();
    }

    public void Dispose() => Forget();

    private void Forget()
    {
        _sum?.Dispose();
        (_sum, _count) = (null, 0);
    }
}
