using Reasoning.Grading;

namespace Reasoning.Eval;

/// <summary>How to evaluate. Two evaluations with equal options draw with the same keys, so their difference is paired.</summary>
public sealed record EvalOptions
{
    /// <summary>Answers sampled for each prompt.</summary>
    public int Samples { get; init; } = 16;

    /// <summary>The k of pass@k and maj@k, each at most <see cref="Samples"/>.</summary>
    public IReadOnlyList<int> Ks { get; init; } = [1, 16];

    /// <summary>Sampling temperature.</summary>
    public double Temperature { get; init; } = 0.6;

    /// <summary>Nucleus mass, above 0 to 1; 1 keeps all tokens.</summary>
    public double TopP { get; init; } = 0.95;

    /// <summary>Most probable tokens kept; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Most tokens of an answer. A prompt that does not leave that many positions is refused.</summary>
    public int MaxNewTokens { get; init; } = 128;

    /// <summary>Seed of all draws.</summary>
    public ulong Seed { get; init; }

    /// <summary>Step in the key of all draws; keep it fixed for everything that is to be compared.</summary>
    public int Step { get; init; }

    /// <summary>Where an answer may stand in a response.</summary>
    public AnswerPlace AnswerPlace { get; init; } = AnswerPlace.Box;

    /// <summary>Whether to decode each prompt greedily as well (temperature 0, one answer).</summary>
    public bool Greedy { get; init; } = true;

    /// <summary>Most sequences decoded together; changes speed and memory only.</summary>
    public int MaxBatch { get; init; } = 256;
}
