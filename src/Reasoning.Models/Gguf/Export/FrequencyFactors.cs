namespace Reasoning.Models;

/// <summary>
/// Llama 3's stretching of the rotary frequencies as GGUF files hold it: one factor for each pair of dimensions, by which its frequency
/// is divided (the tensor <c>rope_freqs.weight</c>).
/// </summary>
internal static class FrequencyFactors
{
    internal const string TensorName = "rope_freqs.weight";
    private const double Tolerance = 1e-4;
    private const int UsualContext = 8192;

    /// <summary>[headDim/2] factors of a model with this scaling.</summary>
    public static float[] Of(ModelConfig config)
    {
        double[] plain = RotaryFrequencies.Compute(config with { Scaling = null }, 1), scaled = RotaryFrequencies.Compute(config, 1);
        return [.. plain.Zip(scaled, (before, after) => (float)(before / after))];
    }

    /// <summary>The scaling that a model's factors follow from; null where all are 1.</summary>
    /// <exception cref="UserErrorException">They are not of Llama 3's form.</exception>
    public static RopeScaling? Scaling(float[] factors, ModelConfig config, string file)
    {
        double factor = factors.Max();
        if (factors.All(value => Math.Abs(value - 1) < Tolerance)) return null;
        if (factor > 1 && factor < 1e6)
        {
            var usual = new RopeScaling(RopeScalingKind.Llama3, factor) { OriginalMaxPositions = UsualContext };
            if (Fits(usual)) return usual;
            if (Solve(factors, factor, config) is { } solved && Fits(solved)) return solved;
        }

        throw new UserErrorException($"{file}: the factors of tensor '{TensorName}' are not those of Llama 3's rope scaling");

        bool Fits(RopeScaling scaling) => Of(config with { Scaling = scaling })
            .Zip(factors).All(pair => Math.Abs(pair.First - pair.Second) <= Tolerance * pair.Second);
    }

    // Between the two ends the share of the plain frequency is linear in the turns within the original context; two pairs give the line.
    private static RopeScaling? Solve(float[] factors, double factor, ModelConfig config)
    {
        double[] plain = RotaryFrequencies.Compute(config with { Scaling = null }, 1);
        (double Turns, double Share)[] between =
        [
            .. factors.Select((value, i) => (
                    Turns: UsualContext * plain[i] / (2 * Math.PI), Share: ((1 / (double)value) - (1 / factor)) / (1 - (1 / factor))))
                .Where(point => point.Share is > 1e-3 and < 1 - 1e-3),
        ];
        if (between.Length < 2) return null;
        (double firstTurns, double firstShare) = between[0];
        (double lastTurns, double lastShare) = between[^1];
        double slope = (firstShare - lastShare) / (firstTurns - lastTurns);
        double low = firstTurns - (firstShare / slope), high = low + (1 / slope);
        if (!(slope > 0) || !(low > 1e-6) || !(high < 1e6)) return null;
        return new RopeScaling(RopeScalingKind.Llama3, factor)
        {
            OriginalMaxPositions = UsualContext,
            LowFreqFactor = Math.Round(low, 4),
            HighFreqFactor = Math.Round(high, 4),
        };
    }
}
