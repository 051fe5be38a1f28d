namespace Reasoning.Models.Generation;

/// <summary>How tokens are drawn. The draw of a token depends on seed, step, prompt id, sample and position only.</summary>
public sealed record SamplingOptions
{
    /// <summary>
    /// Lowest temperature but 0. Logits of 32 are 4e-6 apart in float32: divided by this, their rounding moves a log-probability by 0.004
    /// nats; a hundred times lower it would choose the token.
    /// </summary>
    public const double LowestTemperature = 1e-3;

    /// <summary>Divides the logits; 0 is greedy: the most probable token, the lowest id among equals.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Nucleus: keep the smallest set of most probable tokens whose probability reaches this; 1 keeps all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Keep this many most probable tokens, before <see cref="TopP"/> looks at what is left; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Most tokens of an answer, the stop id included.</summary>
    public int MaxNewTokens { get; init; } = 128;

    /// <summary>Seed of the run.</summary>
    public ulong Seed { get; init; }

    /// <summary>Training step; part of the key, so every step draws anew.</summary>
    public int Step { get; init; }

    /// <summary>Most sequences decoded together. Changes speed and memory, never a rollout.</summary>
    public int MaxBatch { get; init; } = 256;

    /// <summary>
    /// Whether the linear maps are rounded to bfloat16 for generation on the CPU: half the memory to read for each token. Rollouts are then
    /// drawn from a slightly other distribution than the one that learns, and their log-probabilities are of that one.
    /// </summary>
    public bool Bfloat16Weights { get; init; }

    /// <summary>Whether, and how, logits are sharpened before a token is drawn; null for not at all. Greedy decoding is the same with it.</summary>
    public EntropyMinimization? EntropyMinimization { get; init; }

    /// <exception cref="UserErrorException">A value is out of range; the message names the option, the value and the range.</exception>
    internal void Check()
    {
        if (!(Temperature == 0 || Temperature >= LowestTemperature) || double.IsInfinity(Temperature))
            throw Bad("temperature", Temperature, FormattableString.Invariant($"0 (greedy) or at least {LowestTemperature}"));
        if (!(TopP > 0 && TopP <= 1))
            throw Bad("top-p", TopP, "above 0 and at most 1 (1 keeps all tokens)");
        if (TopK < 0)
            throw Bad("top-k", TopK, "0 (all tokens) or a positive number");
        if (MaxNewTokens < 1)
            throw Bad("max-new-tokens", MaxNewTokens, "at least 1");
        if (MaxBatch < 1)
            throw Bad("max-batch", MaxBatch, "at least 1");
        EntropyMinimization?.Check();
    }

    private static UserErrorException Bad(string option, object value, string allowed) =>
        new(FormattableString.Invariant($"{option} is {value}; it must be {allowed}."));
}
