using Reasoning.Models.Config;

namespace Reasoning.Models.Modeling;

/// <summary>
/// The angle per position of each rotated pair, and the factor on cosine and sine, for every kind of scaling that
/// Hugging Face's <c>rope_scaling</c> knows for the families read here. All in float64.
/// <code>
/// default   f_i = θ^(−2i/d)
/// linear    f_i / s
/// dynamic   θ' = θ (s · n / n₀ − (s − 1))^(d / (d − 2)) for a sequence of n > n₀ tokens
/// llama3    wavelength 2π/f above n₀/low: f/s; below n₀/high: f; between: linear in n₀ f / 2π
/// yarn      f/s · r + f · (1 − r), r a ramp over i between the pairs that turn β_fast and β_slow times within n₀
/// </code>
/// </summary>
internal static class RotaryFrequencies
{
    /// <summary>[headDim/2] radians per position, for a sequence of <paramref name="length"/> tokens (only the dynamic kind asks).</summary>
    internal static double[] Compute(ModelConfig config, int length)
    {
        RopeScaling? scaling = config.Scaling;
        double theta = config.RopeTheta;
        if (scaling is { Kind: RopeScalingKind.Dynamic } && length > scaling.OriginalMaxPositions)
        {
            double stretch = (scaling.Factor * length / scaling.OriginalMaxPositions) - (scaling.Factor - 1);
            theta *= Math.Pow(stretch, config.HeadDim / (config.HeadDim - 2.0));
        }

        var frequencies = new double[config.HeadDim / 2];
        for (int i = 0; i < frequencies.Length; i++)
            frequencies[i] = Math.Pow(theta, -2.0 * i / config.HeadDim);

        switch (scaling?.Kind)
        {
            case RopeScalingKind.Linear:
                for (int i = 0; i < frequencies.Length; i++)
                    frequencies[i] /= scaling.Factor;
                break;
            case RopeScalingKind.Llama3:
                for (int i = 0; i < frequencies.Length; i++)
                    frequencies[i] = Llama3(frequencies[i], scaling);
                break;
            case RopeScalingKind.Yarn:
                Yarn(frequencies, config, scaling);
                break;
        }

        return frequencies;
    }

    /// <summary>The factor on cosine and sine: 1 except for YaRN, whose attention it makes sharper.</summary>
    internal static double AttentionFactor(RopeScaling? scaling)
    {
        if (scaling is not { Kind: RopeScalingKind.Yarn })
            return 1;
        if (scaling.AttentionFactor is { } given)
            return given;
        return scaling is { MScale: > 0 and { } above, MScaleAllDim: > 0 and { } below }
            ? Temperature(scaling.Factor, above) / Temperature(scaling.Factor, below)
            : Temperature(scaling.Factor, 1);
    }

    private static double Temperature(double factor, double weight) => factor <= 1 ? 1 : (0.1 * weight * Math.Log(factor)) + 1;

    private static double Llama3(double frequency, RopeScaling scaling)
    {
        double turns = scaling.OriginalMaxPositions * frequency / (2 * Math.PI); // within the original context
        if (turns < scaling.LowFreqFactor)
            return frequency / scaling.Factor;
        if (turns > scaling.HighFreqFactor)
            return frequency;
        double kept = (turns - scaling.LowFreqFactor) / (scaling.HighFreqFactor - scaling.LowFreqFactor);
        return ((1 - kept) * frequency / scaling.Factor) + (kept * frequency);
    }

    private static void Yarn(double[] frequencies, ModelConfig config, RopeScaling scaling)
    {
        // The pair, as a real number, that turns this often within the original context.
        double PairTurning(double turns) => config.HeadDim * Math.Log(scaling.OriginalMaxPositions / (turns * 2 * Math.PI))
            / (2 * Math.Log(config.RopeTheta));

        double first = PairTurning(scaling.BetaFast), last = PairTurning(scaling.BetaSlow);
        if (scaling.Truncate)
            (first, last) = (Math.Floor(first), Math.Ceiling(last));
        (first, last) = (Math.Max(first, 0), Math.Min(last, config.HeadDim - 1));
        if (first == last)
            last += 0.001;

        for (int i = 0; i < frequencies.Length; i++)
        {
            double interpolated = Math.Clamp((i - first) / (last - first), 0, 1);
            frequencies[i] *= (interpolated / scaling.Factor) + (1 - interpolated);
        }
    }
}
