using Reasoning.Models.Generation;
using Reasoning.Models.Tokenization;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Learning;

/// <summary>Which tokens of an answer enter the loss.</summary>
internal sealed class TokenChoice(EntropySettings settings, Tokenizer tokenizer)
{
    /// <summary>Whether the choice looks at entropies, which then have to be measured first.</summary>
    public bool NeedsEntropies => settings.Tokens == TokensKind.TopEntropy;

    /// <summary>How many tokens of an answer enter; known before the model runs.</summary>
    public int Count(Sample sample)
    {
        int length = sample.Rollout.Ids.Length;
        return settings.Tokens switch
        {
            TokensKind.First => Math.Min(settings.FirstTokens, length),
            TokensKind.TopEntropy => (int)Math.Ceiling(settings.TopEntropyShare * length),
            TokensKind.Answer => Box(sample).Count(),
            _ => length,
        };
    }

    /// <summary>Which ones, as places in the answer, ascending.</summary>
    /// <param name="sample">The answer.</param>
    /// <param name="entropies">Entropy at each token; empty unless <see cref="NeedsEntropies"/>.</param>
    public IEnumerable<int> Places(Sample sample, ReadOnlySpan<float> entropies)
    {
        if (settings.Tokens == TokensKind.Answer) return Box(sample);
        if (settings.Tokens != TokensKind.TopEntropy) return Enumerable.Range(0, Count(sample));
        float[] values = entropies.ToArray();
        return Enumerable.Range(0, values.Length).OrderByDescending(place => values[place]).Take(Count(sample)).Order();
    }

    /// <summary>
    /// Tokens from the one in which the last complete box begins to the end of the answer. Where a token begins in the text is found by
    /// decoding what comes before it.
    /// </summary>
    private IEnumerable<int> Box(Sample sample)
    {
        int[] ids = sample.Rollout.Ids;
        if (sample.Extraction.Answer is null) return [];
        int low = 0, high = ids.Length - 1; // the last place whose prefix ends at or before the box
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (tokenizer.Decode(ids[..middle]).Length <= sample.Extraction.BoxStart) low = middle;
            else high = middle - 1;
        }

        return Enumerable.Range(low, ids.Length - low);
    }
}

/// <summary>Settings of losses that are made of entropies alone.</summary>
internal sealed record EntropySettings : MethodSettings
{
    [Setting("word", "Tokens whose entropy is minimized.")]
    public TokensKind Tokens { get; init; } = TokensKind.All;

    [Setting("tokens", "For tokens first: how many of each answer.", Min = 1)]
    public int FirstTokens { get; init; } = 8;

    [Setting("share", "For tokens top-entropy: which part of each answer.", Min = 0, Above = true, Max = 1)]
    public double TopEntropyShare { get; init; } = 0.2;

    [Setting("factor", "Divides the logits inside the entropy loss.", Min = SamplingOptions.LowestTemperature, Max = 100)]
    public double LossTemperature { get; init; } = 1;
}

/// <summary>Which tokens of an answer enter an entropy loss.</summary>
internal enum TokensKind
{
    /// <summary>All of them.</summary>
    All,

    /// <summary>The first few.</summary>
    First,

    /// <summary>Those with the highest entropy.</summary>
    TopEntropy,

    /// <summary>Those of the last box.</summary>
    Answer,
}
