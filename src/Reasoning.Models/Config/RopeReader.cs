namespace Reasoning.Models;

/// <summary>
/// Reads the rotary settings in both spellings: <c>rope_theta</c> and <c>rope_scaling</c> at the root, or all of it inside
/// <c>rope_parameters</c> as transformers 5 writes it.
/// </summary>
internal static class RopeReader
{
    private const int MaxPositions = 1 << 28;

    public static double Theta(JsonFields fields)
    {
        if (fields.OptionalObject("rope_parameters") is { } parameters && !fields.Has("rope_theta"))
            return parameters.OptionalDouble("rope_theta", 1e-6, 1e12) ?? throw parameters.Error("rope_theta", "is missing");
        return fields.Double("rope_theta", 1e-6, 1e12, 10000);
    }

    public static RopeScaling? Scaling(JsonFields fields, int maxPositions)
    {
        JsonFields? found = fields.OptionalObject("rope_parameters") ?? fields.OptionalObject("rope_scaling");
        if (found is not { } scaling) return null;
        string? kindName = scaling.OptionalString("rope_type") ?? scaling.OptionalString("type");
        if (scaling.Double("partial_rotary_factor", 0, 1, 1) != 1)
            throw scaling.Error("partial_rotary_factor", "is not 1, which is not supported");
        RopeScalingKind kind;
        switch (kindName)
        {
            case "default":
            case null when !scaling.Has("factor"):
                return null;
            case "linear": kind = RopeScalingKind.Linear; break;
            case "dynamic": kind = RopeScalingKind.Dynamic; break;
            case "llama3": kind = RopeScalingKind.Llama3; break;
            case "yarn": kind = RopeScalingKind.Yarn; break;
            case null: throw scaling.Error("rope_type", "is missing");
            default:
                throw scaling.Error(
                    "rope_type", $"is '{kindName}', which is not supported; supported are default, linear, dynamic, llama3, yarn");
        }

        int original = scaling.OptionalInt("original_max_position_embeddings", 1, MaxPositions)
            ?? fields.Int("original_max_position_embeddings", 1, MaxPositions, maxPositions);
        double factor = scaling.OptionalDouble("factor", 1, 1e6) ?? throw scaling.Error("factor", "is missing");
        var result = new RopeScaling(kind, factor) { OriginalMaxPositions = original };
        return kind switch
        {
            RopeScalingKind.Llama3 => Llama3(scaling, result),
            RopeScalingKind.Yarn => Yarn(scaling, result),
            _ => result,
        };
    }

    private static RopeScaling Llama3(JsonFields fields, RopeScaling scaling)
    {
        double low = fields.Double("low_freq_factor", 1e-6, 1e6, scaling.LowFreqFactor);
        double high = fields.Double("high_freq_factor", 1e-6, 1e6, scaling.HighFreqFactor);
        if (high <= low) throw fields.Error("high_freq_factor", $"is {high}; it must be above 'low_freq_factor' {low}");
        return scaling with { LowFreqFactor = low, HighFreqFactor = high };
    }

    private static RopeScaling Yarn(JsonFields fields, RopeScaling scaling)
    {
        double fast = fields.Double("beta_fast", 1e-6, 1e6, scaling.BetaFast);
        double slow = fields.Double("beta_slow", 1e-6, 1e6, scaling.BetaSlow);
        if (fast < slow) throw fields.Error("beta_fast", $"is {fast}; it must not be below 'beta_slow' {slow}");
        return scaling with
        {
            BetaFast = fast,
            BetaSlow = slow,
            AttentionFactor = fields.OptionalDouble("attention_factor", 1e-6, 1e6),
            MScale = fields.OptionalDouble("mscale", 0, 1e6),
            MScaleAllDim = fields.OptionalDouble("mscale_all_dim", 0, 1e6),
            Truncate = fields.Bool("truncate", true),
        };
    }
}
