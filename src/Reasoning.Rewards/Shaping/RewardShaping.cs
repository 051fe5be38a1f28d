using Reasoning.Grading;

namespace Reasoning.Rewards.Shaping;

/// <summary>Small rewards that look at form rather than at the answer.</summary>
public static class RewardShaping
{
    /// <summary>
    /// DAPO's overlong penalty (arXiv 2503.14476, eq. 13): 0 up to limit − buffer tokens, then falling linearly to −factor at the limit.
    /// </summary>
    /// <param name="length">Tokens of the response.</param>
    /// <param name="limit">Most tokens a response may have.</param>
    /// <param name="buffer">Length of the slope in tokens, 1 to <paramref name="limit"/>.</param>
    /// <param name="factor">Size of the penalty at the limit.</param>
    public static double Overlong(int length, int limit, int buffer, double factor = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(buffer);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(buffer, limit);
        int excess = length - (limit - buffer);
        return excess <= 0 ? 0 : -(double)excess / buffer * factor;
    }

    /// <summary>1 when the response that this was extracted from holds exactly one box, complete and not blank; else 0.</summary>
    public static double Format(Extraction extraction) => extraction is { Source: ExtractionSource.Box, Boxes: 1 } ? 1 : 0;

    /// <summary>Share of n-grams that repeat an earlier one: 0 when all differ, towards 1 for a loop; 0 when there is at most one n-gram.</summary>
    public static double Repetition(ReadOnlySpan<int> ids, int n = 4)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(n);
        int grams = ids.Length - n + 1;
        if (grams <= 1) return 0;
        var seen = new HashSet<Int128>();
        for (int i = 0; i < grams; i++) seen.Add(Key(ids.Slice(i, n)));
        return 1 - ((double)seen.Count / grams);
    }

    // Exact up to four ids; beyond that a 128-bit polynomial hash.
    private static Int128 Key(ReadOnlySpan<int> ids)
    {
        Int128 key = 0;
        foreach (int id in ids) key = unchecked((key * (ids.Length <= 4 ? (Int128)1 << 32 : 0x2545F4914F6CDD1D)) + (uint)id);
        return key;
    }
}
