using Reasoning.Models;

namespace Reasoning.Eval;

/// <summary>Refuses options no honest number can come from.</summary>
internal static class EvalOptionsCheck
{
    public static void Check(EvalOptions options)
    {
        if (options.Samples < 1) throw new UserErrorException($"samples is {options.Samples}; it must be at least 1.");
        if (options.Ks.Count == 0) throw new UserErrorException("k is empty; name at least one, such as 1.");
        foreach (int k in options.Ks)
        {
            if (k < 1) throw new UserErrorException($"k is {k}; it must be at least 1.");
            if (k > options.Samples)
            {
                throw new UserErrorException(
                    $"k is {k} but samples is {options.Samples}: pass@k has no unbiased estimate from fewer than k samples. "
                    + $"Ask for --samples {k} or more, or leave out k {k}.");
            }
        }
        if (options.Samples > MajAtK.MaxSamples)
            throw new UserErrorException($"samples is {options.Samples}; it must be at most {MajAtK.MaxSamples}.");
        if (options.Temperature == 0 && options.Samples > 1)
        {
            throw new UserErrorException(
                $"temperature is 0 and samples is {options.Samples}: greedy answers are all the same. "
                + "Ask for --samples 1 --k 1, or a temperature above 0.");
        }
    }
}
