namespace Reasoning.Models;

/// <summary>
/// Reads the rotary settings in both spellings: <c>rope_theta</c> and <c>rope_scaling</c> at the root, or all of it inside
/// <c>rope_parameters</c> as transformers 5 writes it, for Gemma 3 once for each type of layer.
/// </summary>
internal static class RopeReader
{
    private const int MaxPositions = 1 << 28;
    private const double MinTheta = 1e-6, MaxTheta = 1e12;
    private const string FullLayers = "full_attention";
    private const string SlidingLayers = "sliding_attention";

    private static readonly string[] s_known =
    [
        "rope_type", "type", "rope_theta", "factor", "original_max_position_embeddings", "low_freq_factor", "high_freq_factor", "beta_fast",
        "beta_slow", "attention_factor", "mscale", "mscale_all_dim", "truncate", "partial_rotary_factor", FullLayers, SlidingLayers,
    ];

    public static double Theta(JsonFields fields, ModelFamily family)
    {
        double? root = fields.OptionalDouble("rope_theta", MinTheta, MaxTheta);
        if (Parameters(fields) is not { } parameters || fields.OptionalObject("rope_parameters") is null) return root ?? family.RopeTheta;
        double? inner = parameters.OptionalDouble("rope_theta", MinTheta, MaxTheta);
        if (inner is not null && root is not null && inner != root)
            throw parameters.Error("rope_theta", $"is {inner}, but 'rope_theta' is {root}; remove one of them");
        return inner ?? root ?? throw parameters.Error("rope_theta", "is missing");
    }

    /// <summary>The base of layers with a sliding window, for families that have two.</summary>
    public static double LocalTheta(JsonFields fields)
    {
        if (fields.OptionalObject("rope_parameters")?.OptionalObject(SlidingLayers) is not { } local)
            return fields.Double("rope_local_base_freq", MinTheta, MaxTheta, 10_000);
        if (local.OptionalString("rope_type") is not (null or "default"))
            throw local.Error("rope_type", "is not 'default', which is not supported for sliding layers");
        return local.OptionalDouble("rope_theta", MinTheta, MaxTheta) ?? throw local.Error("rope_theta", "is missing");
    }

    /// <summary>Names of the settings that no kind of scaling has.</summary>
    public static IEnumerable<string> Unknown(JsonFields fields)
    {
        if (Parameters(fields) is not { } parameters) return [];
        return [.. parameters.Element.EnumerateObject().Select(p => p.Name).Where(name => !s_known.Contains(name)).Select(parameters.Name)];
    }

    public static RopeScaling? Scaling(JsonFields fields, int maxPositions)
    {
        if (Parameters(fields) is not { } scaling) return null;
        if (scaling.Has("mrope_section")) throw scaling.Error("mrope_section", "is present: rotations in several dimensions are not supported");
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

    // Where the settings stand that apply to layers with full attention.
    private static JsonFields? Parameters(JsonFields fields)
    {
        JsonFields? parameters = fields.OptionalObject("rope_parameters");
        return parameters?.OptionalObject(FullLayers) ?? parameters ?? fields.OptionalObject("rope_scaling");
    }
}
