using Reasoning.Models.Config;
using Reasoning.Models.Modeling;

namespace Reasoning.Models.Gguf.Import;

/// <summary>
/// Llama 3's stretching of the rotary frequencies as GGUF files hold it: one factor for each pair of dimensions, by which its frequency
/// is divided (the tensor <c>rope_freqs.weight</c>).
/// </summary>
internal static class FrequencyFactors
{
    internal const string TensorName = "rope_freqs.weight";
    private const double Tolerance = 1e-4;
    private const double Edge = 1e-6; // what single precision leaves of a share of 0 or 1
    private const double MostTurns = 1e6;
    private const int UsualContext = 8192;

    /// <summary>[headDim/2] factors of a model with this scaling.</summary>
    public static float[] Of(ModelConfig config)
    {
        double[] plain = RotaryFrequencies.Compute(config with { Scaling = null }, 1), scaled = RotaryFrequencies.Compute(config, 1);
        return [.. plain.Zip(scaled, (before, after) => (float)(before / after))];
    }

    /// <summary>A scaling that a model's factors follow from; null where all are 1. Where few pairs leave a choice, any of them is right.</summary>
    /// <exception cref="UserErrorException">They are not of Llama 3's form.</exception>
    public static RopeScaling? Scaling(float[] factors, ModelConfig config, string file)
    {
        double factor = factors.Max();
        if (factors.All(value => Math.Abs(value - 1) < Tolerance)) return null;
        if (factor > 1 && factor < 1e6)
        {
            (double low, double high) = Limits(factors, factor, config);
            RopeScaling usual = With(1, 4);
            RopeScaling[] candidates = [usual, With(Math.Round(low, 4), Math.Round(high, 4)), With(low, high)];
            if (Array.Find(candidates, Fits) is { } found) return found;
        }

        throw new UserErrorException($"{file}: the factors of tensor '{TensorName}' are not those of Llama 3's rope scaling");

        RopeScaling With(double low, double high) => new(RopeScalingKind.Llama3, factor)
        {
            OriginalMaxPositions = UsualContext,
            LowFreqFactor = low,
            HighFreqFactor = high,
        };

        bool Fits(RopeScaling scaling) => scaling.LowFreqFactor > 0 && scaling.HighFreqFactor > scaling.LowFreqFactor
            && scaling.HighFreqFactor < MostTurns
            && Of(config with { Scaling = scaling }).Zip(factors).All(pair => Math.Abs(pair.First - pair.Second) <= Tolerance * pair.Second);
    }

    // Pairs that turn less than the first limit within the context are divided by the factor, those that turn more than the second one are
    // kept, and between them the share of the plain frequency is linear in the turns.
    private static (double Low, double High) Limits(float[] factors, double factor, ModelConfig config)
    {
        double[] plain = RotaryFrequencies.Compute(config with { Scaling = null }, 1);
        (double Turns, double Share)[] points =
        [
            .. factors.Select((value, i) =>
                (Turns: UsualContext * plain[i] / (2 * Math.PI), Share: ((1 / (double)value) - (1 / factor)) / (1 - (1 / factor)))),
        ];
        double divided = points.Where(point => point.Share <= Edge).Max(point => point.Turns);
        double kept = points.Where(point => point.Share >= 1 - Edge).Select(point => point.Turns).DefaultIfEmpty(2 * points[0].Turns).Min();
        (double Turns, double Share)[] between = [.. points.Where(point => point.Share is > Edge and < 1 - Edge)];
        if (between.Length == 0) return (divided + ((kept - divided) / 3), kept - ((kept - divided) / 3));
        (double turns, double share) = between[0];
        if (between.Length == 1)
        {
            // The lines through one point that spare both neighbours begin from here on; one in the middle of them.
            double first = Math.Max(divided, (turns - (share * kept)) / (1 - share)), low = (first + turns) / 2;
            return (low, low + ((turns - low) / share));
        }

        double slope = (share - between[^1].Share) / (turns - between[^1].Turns), start = turns - (share / slope);
        return (start, start + (1 / slope));
    }
}
