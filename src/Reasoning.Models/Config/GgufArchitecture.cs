namespace Reasoning.Models.Config;

/// <summary>What readers of GGUF files expect of an architecture.</summary>
/// <param name="Name">The value of <c>general.architecture</c> and the prefix of its keys.</param>
internal sealed record GgufArchitecture(string Name)
{
    /// <summary>
    /// Whether the rotation turns neighbouring dimensions of a head, not those half a head apart as in Hugging Face checkpoints, so that
    /// the rows of queries and keys change places.
    /// </summary>
    public bool RotatesNeighbours { get; init; }

    /// <summary>Whether a tensor of factors on the rotary frequencies is read (Llama 3's scaling).</summary>
    public bool TakesFrequencyFactors { get; init; }

    /// <summary>Of how many layers one sees everything and the others slide; null where readers know no sliding window.</summary>
    public int? SlidingPeriod { get; init; }

    /// <summary>What readers divide scores by the root of, where files cannot say it; null for the width of a head.</summary>
    public Func<ModelConfig, double>? QueryScalar { get; init; }
}
