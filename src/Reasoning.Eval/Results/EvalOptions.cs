using Reasoning.Eval.Statistics;
using Reasoning.Grading;
using Reasoning.Models;
using Reasoning.Models.Generation;

namespace Reasoning.Eval.Results;

/// <summary>How to evaluate. Two evaluations with equal options draw with the same keys, so their difference is paired.</summary>
public sealed record EvalOptions
{
    /// <summary>Answers sampled for each prompt.</summary>
    public int Samples { get; init; } = 16;

    /// <summary>The k of pass@k and maj@k, each at most <see cref="Samples"/>.</summary>
    public IReadOnlyList<int> Ks { get; init; } = [1, 16];

    /// <summary>
    /// How they are drawn. A prompt that does not leave room for the most tokens of an answer is refused. Keep seed and step fixed for
    /// everything that is to be compared.
    /// </summary>
    public SamplingOptions Sampling { get; init; } = new() { Temperature = 0.6, TopP = 0.95 };

    /// <summary>Where an answer may stand in a response.</summary>
    public AnswerPlace AnswerPlace { get; init; } = AnswerPlace.Box;

    /// <summary>Whether to decode each prompt greedily as well (temperature 0, one answer).</summary>
    public bool Greedy { get; init; } = true;

    /// <summary>Refuses options no honest number can come from.</summary>
    internal void Check()
    {
        if (Samples < 1) throw new UserErrorException($"samples is {Samples}; it must be at least 1.");
        if (Ks.Count == 0) throw new UserErrorException("k is empty; name at least one, such as 1.");
        foreach (int k in Ks)
        {
            if (k < 1) throw new UserErrorException($"k is {k}; it must be at least 1.");
            if (k > Samples)
            {
                throw new UserErrorException(
                    $"k is {k} but samples is {Samples}: pass@k has no unbiased estimate from fewer than k samples. "
                    + $"Ask for --samples {k} or more, or leave out k {k}.");
            }
        }
        if (Samples > MajAtK.MaxSamples)
            throw new UserErrorException($"samples is {Samples}; it must be at most {MajAtK.MaxSamples}.");
        if (Sampling.Temperature == 0 && Samples > 1)
        {
            throw new UserErrorException(
                $"temperature is 0 and samples is {Samples}: greedy answers are all the same. "
                + "Ask for --samples 1 --k 1, or a temperature above 0.");
        }
    }
}
