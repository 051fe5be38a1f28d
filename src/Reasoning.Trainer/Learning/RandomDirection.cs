using Reasoning.Models;
using Reasoning.Models.Devices;
using Reasoning.Models.Random;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Learning;

/// <summary>
/// A control experiment: after an update every parameter is moved again from where it was, as far as the update moved it, but in a random
/// direction.
/// <code>
/// θ ← θ_before + ‖θ_after − θ_before‖ g / ‖g‖        g standard normal, for each parameter on its own
/// </code>
/// The length of the whole step is that of the method, and so is its share in every parameter; only what the gradient says of the direction
/// is lost. The optimizer remembers the true gradients. g depends on the seed, the step, the update in the step and the parameter's name.
/// </summary>
internal sealed class RandomDirection
{
    /// <summary>Numbers of one work item; cut by shape alone, so that draws do not depend on the number of threads.</summary>
    private const int ItemElements = 1 << 15;

    /// <summary>Separates these draws from others with the same seed.</summary>
    private static readonly ulong s_purpose = KeyedRandom.Key("random direction");

    private readonly (string Name, Parameter Parameter, Tensor Before)[] _places;

    /// <summary>Remembers where everything is; the copies belong to the scope of the caller.</summary>
    public RandomDirection(Learner learner)
    {
        using IDisposable noGradient = no_grad();
        IEnumerable<(string, Parameter)> all = [.. learner.Parameters, .. learner.Method.Parameters.Select(own => (own.Tensor, own.Parameter))];
        _places = [.. all.Select(pair => (pair.Item1, pair.Item2, pair.Item2.detach().clone()))];
    }

    /// <summary>Turns what has moved since.</summary>
    public void Turn(ulong seed, int step, int update)
    {
        using IDisposable noGradient = no_grad();
        double[] lengths = Floats.Numbers([.. _places.Select(place => (place.Parameter - place.Before).norm().to(ScalarType.Float64))]);
        foreach (((string name, Parameter parameter, Tensor before), double length) in _places.Zip(lengths))
        {
            if (length == 0) continue;
            using var scope = NewDisposeScope();
            float[] direction = Normal(seed, KeyedRandom.Key($"{name}, update {update} of step {step}"), parameter.numel(), out double norm);
            Tensor turned = tensor(direction, parameter.shape, device: parameter.device).Times(length / norm).AddInPlace(before);
            parameter.copy_(turned).DetachFromDisposeScope();
        }
    }

    private static float[] Normal(ulong seed, ulong key, long count, out double norm)
    {
        var values = new float[count];
        var squares = new double[(count + ItemElements - 1) / ItemElements];
        Parallel.For(0, squares.Length, item =>
        {
            var stream = new KeyedStream(seed, s_purpose, key, (ulong)item);
            foreach (ref float value in values.AsSpan(item * ItemElements, (int)Math.Min(ItemElements, count - ((long)item * ItemElements))))
            {
                value = (float)stream.NextGaussian();
                squares[item] += (double)value * value;
            }
        });
        norm = Math.Sqrt(squares.Sum());
        return values;
    }
}
