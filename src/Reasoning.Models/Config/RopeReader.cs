using System.Text.Json;
using Reasoning.Models.Files;
using Reasoning.Models.Gguf.Codecs;

namespace Reasoning.Models.Config;

/// <summary>The rotary settings of a model.</summary>
/// <param name="Theta">Base of the frequencies.</param>
/// <param name="LocalTheta">Base of sliding layers, for families that have two.</param>
/// <param name="Scaling">Stretching of the frequencies, or null.</param>
/// <param name="Unknown">Names of settings without a meaning for the kind of stretching they stand beside.</param>
internal sealed record RopeSettings(double Theta, double? LocalTheta, RopeScaling? Scaling, string[] Unknown);

/// <summary>
/// Reads the rotary settings in both spellings: <c>rope_theta</c> and <c>rope_scaling</c> at the root, or all of it inside
/// <c>rope_parameters</c> as transformers 5 writes it, for Gemma 3 once for each type of layer. Transformers 4 takes the base at the root
/// and transformers 5 the inner one, so two that differ are refused.
/// </summary>
internal static class RopeReader
{
    private const int MaxPositions = 1 << 28;
    private const double MinTheta = 1e-6, MaxTheta = 1e12;
    private const string FullLayers = "full_attention";
    private const string SlidingLayers = "sliding_attention";
    private const string Parameters = "rope_parameters";
    private const string Original = "original_max_position_embeddings";

    /// <summary>What each kind of stretching reads from its dictionary, beside <see cref="Common"/>.</summary>
    internal static readonly Dictionary<string, string[]> KnownOf = new()
    {
        ["default"] = [],
        ["linear"] = ["factor"],
        ["dynamic"] = ["factor"], // transformers stretches beyond max_position_embeddings whatever else is there
        ["llama3"] = ["factor", Original, "low_freq_factor", "high_freq_factor"],
        ["yarn"] = ["factor", Original, "beta_fast", "beta_slow", "attention_factor", "mscale", "mscale_all_dim", "truncate"],
    };

    /// <summary>What every dictionary may hold.</summary>
    internal static readonly string[] Common = ["rope_type", "type", "rope_theta", "partial_rotary_factor"];

    public static RopeSettings Read(JsonFields fields, ModelFamily family, int maxPositions)
    {
        JsonFields? newer = Dictionary(fields, Parameters), older = Dictionary(fields, "rope_scaling");
        JsonFields? all = newer ?? older, full = all?.OptionalObject(FullLayers), sliding = all?.OptionalObject(SlidingLayers);
        bool isByLayer = full is not null || sliding is not null;
        if (family.LocalRopeTheta is null && sliding is { } one && !(full is { } other && JsonElement.DeepEquals(one.Element, other.Element)))
            throw all!.Value.Error(SlidingLayers, $"differs from '{FullLayers}', which is not supported for {family.Name}");
        if (family.LocalRopeTheta is not null && newer is not null && !isByLayer)
            throw fields.Error(Parameters, $"must hold '{FullLayers}' and '{SlidingLayers}' for {family.Name}");

        double? local = null;
        var unknown = new List<string>();
        if (isByLayer) unknown.AddRange(all!.Value.Names().Where(name => name is not (FullLayers or SlidingLayers)).Select(all.Value.Name));
        if (family.LocalRopeTheta is { } usual)
        {
            local = Theta(fields, "rope_local_base_freq", sliding, usual);
            if (sliding is { } inner && Kind(inner, unknown) != "default")
                throw inner.Error("rope_type", "is not 'default', which is not supported for sliding layers");
        }

        JsonFields? main = isByLayer ? full : all;
        double theta = Theta(fields, "rope_theta", main, family.RopeTheta);
        RopeScaling? scaling = main is { } settings ? Scaling(fields, settings, Kind(settings, unknown), maxPositions) : null;
        if (newer is { } a && older is { } b && !JsonElement.DeepEquals(a.Element, b.Element))
            throw fields.Error("rope_scaling", $"and '{Parameters}' differ; remove one of them");
        return new RopeSettings(theta, local, scaling, [.. unknown]);
    }

    // An empty object is none, as in transformers.
    private static JsonFields? Dictionary(JsonFields fields, string name)
        => fields.OptionalObject(name) is { } found && found.Names().Any() ? found : null;

    // Only what is spelled as rope_scaling may leave the base to the family: rope_parameters always has one.
    private static double Theta(JsonFields fields, string rootName, JsonFields? dictionary, double usual)
    {
        double? root = fields.OptionalDouble(rootName, MinTheta, MaxTheta);
        double? inner = dictionary?.OptionalDouble("rope_theta", MinTheta, MaxTheta);
        if (inner is not null && root is not null && inner != root)
            throw dictionary!.Value.Error("rope_theta", FormattableString.Invariant($"is {inner}, but '{rootName}' is {root}; remove one of them"));
        if (inner is null && root is null && dictionary is { } present && present.Name("").StartsWith(Parameters, StringComparison.Ordinal))
            throw present.Error("rope_theta", "is missing");
        return inner ?? root ?? usual;
    }

    // Also refuses what is not computed for any kind, and notes what has no meaning for this one.
    private static string Kind(JsonFields fields, List<string> unknown)
    {
        string? name = fields.OptionalString("rope_type"), older = fields.OptionalString("type");
        if (name is not null && older is not null && name != older)
            throw fields.Error("type", $"is '{older}', but 'rope_type' is '{name}'; remove one of them");
        if (fields.Has("mrope_section")) throw fields.Error("mrope_section", "is present: rotations in several dimensions are not supported");
        if (fields.Double("partial_rotary_factor", 0, 1, 1) != 1) throw fields.Error("partial_rotary_factor", "is not 1, which is not supported");
        name ??= older ?? (fields.Has("factor") ? throw fields.Error("rope_type", "is missing") : "default");
        if (!KnownOf.TryGetValue(name, out string[]? known))
            throw fields.Error("rope_type", $"is '{name}', which is not supported; supported are {string.Join(", ", KnownOf.Keys)}");
        unknown.AddRange(fields.Names().Except([.. Common, .. known]).Select(fields.Name));
        return name;
    }

    private static RopeScaling? Scaling(JsonFields fields, JsonFields scaling, string kind, int maxPositions)
    {
        if (kind == "default") return null;
        double factor = scaling.OptionalDouble("factor", 1, 1e6) ?? throw scaling.Error("factor", "is missing");
        if (kind is "linear" or "dynamic")
            return new RopeScaling(kind == "linear" ? RopeScalingKind.Linear : RopeScalingKind.Dynamic, factor) { OriginalMaxPositions = maxPositions };
        int? inner = scaling.OptionalInt(Original, 1, MaxPositions);
        int? root = fields.OptionalInt(Original, 1, MaxPositions);
        if (inner is not null && root is not null && inner != root)
            throw scaling.Error(Original, $"is {inner}, but '{Original}' is {root}; remove one of them");
        int original = inner ?? root ?? maxPositions;
        return kind == "llama3" ? Llama3(scaling, factor, original) : Yarn(scaling, factor, original);
    }

    private static RopeScaling Llama3(JsonFields fields, double factor, int original)
    {
        var scaling = new RopeScaling(RopeScalingKind.Llama3, factor) { OriginalMaxPositions = original };
        double low = fields.Double("low_freq_factor", 1e-6, 1e6, scaling.LowFreqFactor);
        double high = fields.Double("high_freq_factor", 1e-6, 1e6, scaling.HighFreqFactor);
        if (high <= low) throw fields.Error("high_freq_factor", $"is {high}; it must be above 'low_freq_factor' {low}");
        return scaling with { LowFreqFactor = low, HighFreqFactor = high };
    }

    private static RopeScaling Yarn(JsonFields fields, double factor, int original)
    {
        var scaling = new RopeScaling(RopeScalingKind.Yarn, factor) { OriginalMaxPositions = original };
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
