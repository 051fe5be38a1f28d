namespace Reasoning.Models.Config;

/// <summary>The numbers of <c>rope_scaling</c> in config.json. Fields that a kind does not use keep their defaults.</summary>
/// <param name="Kind">Which rule stretches the frequencies.</param>
/// <param name="Factor">How many times longer than the original context, at least 1.</param>
public sealed record RopeScaling(RopeScalingKind Kind, double Factor)
{
    /// <summary>Context length of pretraining, in tokens; <c>max_position_embeddings</c> where the file does not say.</summary>
    public required int OriginalMaxPositions { get; init; }

    /// <summary>Llama 3: wavelengths above original / this are divided by the factor.</summary>
    public double LowFreqFactor { get; init; } = 1;

    /// <summary>Llama 3: wavelengths below original / this are kept.</summary>
    public double HighFreqFactor { get; init; } = 4;

    /// <summary>YaRN: dimensions that turn more often than this within the original context are kept.</summary>
    public double BetaFast { get; init; } = 32;

    /// <summary>YaRN: dimensions that turn less often than this within the original context are fully interpolated.</summary>
    public double BetaSlow { get; init; } = 1;

    /// <summary>YaRN: factor on cosine and sine; null means the rule 0.1 · ln(factor) + 1 (or its <see cref="MScale"/> form).</summary>
    public double? AttentionFactor { get; init; }

    /// <summary>
    /// YaRN: weight of ln(factor) above the line in the attention factor; used only together with <see cref="MScaleAllDim"/>.
    /// </summary>
    public double? MScale { get; init; }

    /// <summary>YaRN: weight of ln(factor) below the line in the attention factor.</summary>
    public double? MScaleAllDim { get; init; }

    /// <summary>YaRN: whether the ends of the ramp are rounded outwards to whole dimensions.</summary>
    public bool Truncate { get; init; } = true;
}
