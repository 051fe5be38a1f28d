using Reasoning.Models;
using Reasoning.Models.Devices;
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
/// <param name="device">Where entropies are.</param>
internal sealed class EntropyBonus(PolicyGradientSettings settings, Dictionary<string, double> numbers, Device? device = null) : IDisposable
{
    public static readonly Metric WeightMetric =
        new("entropy_weight", "weight", "none", "Weight of the entropy bonus where entropy-target moves it, mean over the step's updates.");

    private const string Coefficient = "entropy.coefficient", Last = "entropy.last";

    private readonly Tensor _seen = zeros(2, ScalarType.Float64, device).DetachFromDisposeScope(); // sum and number, of the update at work

    /// <summary>What the micro-batches of the update at work add to.</summary>
    public IReadOnlyList<Tensor> Sums => IsAdaptive ? [_seen] : [];

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
        _seen[0].AddInPlace(entropy.detach().sum(ScalarType.Float64));
        _seen[1].AddInPlace(entropy.shape[0]);
    }

    /// <summary>Moves the coefficient after an update.</summary>
    public void EndUpdate(Meter meter)
    {
        if (!IsAdaptive) return;
        using DisposeScope scope = NewDisposeScope();
        double[] seen = Floats.Numbers([_seen[0], _seen[1]]);
        if (seen[1] == 0) return;
        meter.Mean(WeightMetric, Weight, 1);
        double entropy = seen[0] / seen[1], coefficient = numbers.GetValueOrDefault(Coefficient, settings.EntropyCoefficient);
        double moved = coefficient + (entropy <= settings.EntropyTarget ? settings.EntropyDelta : -settings.EntropyDelta);
        (numbers[Last], numbers[Coefficient]) = (entropy, Math.Clamp(moved, 0, 1));
        _seen.zero_();
    }

    public void Dispose() => _seen.Dispose();
}
