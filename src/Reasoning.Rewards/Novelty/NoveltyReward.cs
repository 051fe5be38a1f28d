using System.Text.RegularExpressions;
using Reasoning.Grading;

namespace Reasoning.Rewards.Novelty;

/// <summary>
/// EVOL-RL: majority for selection, novelty for variation (arXiv 2509.15194, section 3; code semantic_novelty.py).
/// For a valid response i with unit embedding e_i: s_ij = e_i·e_j, s̄_i = mean over the others of its group (majority or not), m_i = max
/// over all others, u_i = 1 − (α s̄_i + (1 − α) m_i). u is scaled to [0, 1] within each group: ũ. Reward: 0.5 + 0.5 ũ in the majority,
/// −1 + 0.5 ũ outside, −1 for invalid responses.
/// </summary>
/// <remarks>
/// When all responses agree, a later division by the group's standard deviation makes novelty the whole signal. When only one valid
/// response is left it earns −1 like the rest: a vote of one is no majority.
/// </remarks>
public static partial class NoveltyReward
{
    private const double Invalid = -1;

    /// <summary>Rewards for one group. With at most one response there is nothing to compare: 1 for agreeing, 0 for not.</summary>
    internal static NoveltyResult Score(IReadOnlyList<NoveltyResponse> responses, ITextEmbedding embedding, NoveltyOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(responses);
        ArgumentNullException.ThrowIfNull(embedding);
        options ??= new NoveltyOptions();
        int count = responses.Count;
        double[] rewards = Filled(count, Invalid), novelty = Filled(count, double.NaN);
        double[] mean = Filled(count, double.NaN), largest = Filled(count, double.NaN);
        var result = new NoveltyResult(rewards, novelty, mean, largest);
        if (count <= 1)
        {
            for (int i = 0; i < count; i++) rewards[i] = responses[i].Agrees ? 1 : 0;
            return result;
        }
        int[] valid = [.. Enumerable.Range(0, count).Where(i => responses[i].IsValid)];
        if (valid.Length <= 1) return result;

        float[][] vectors = embedding.Embed([.. valid.Select(i => responses[i].Text)]); // [valid, width]
        for (int a = 0; a < valid.Length; a++)
        {
            double all = 0, own = 0, max = double.NegativeInfinity;
            int ownCount = 0;
            for (int b = 0; b < valid.Length; b++)
            {
                if (a == b) continue;
                double similarity = Similarity(vectors[a], vectors[b], options.ClipSimilarity);
                all += similarity;
                max = Math.Max(max, similarity);
                if (responses[valid[a]].Agrees != responses[valid[b]].Agrees) continue;
                own += similarity;
                ownCount++;
            }
            int i = valid[a];
            mean[i] = ownCount > 0 ? own / ownCount : all / (valid.Length - 1);
            largest[i] = max;
            novelty[i] = 1 - ((options.Alpha * mean[i]) + ((1 - options.Alpha) * max));
        }
        Band([.. valid.Where(i => responses[i].Agrees)], floor: 0.5);
        Band([.. valid.Where(i => !responses[i].Agrees)], floor: -1);
        return result;

        void Band(int[] members, double floor)
        {
            if (members.Length == 0) return;
            double low = members.Min(i => novelty[i]), high = members.Max(i => novelty[i]);
            // Equal up to rounding is equal: otherwise noise would be stretched over the whole band.
            bool flat = high - low <= 1e-6;
            double flatScore = options.EqualScoresGoToTheBottom ? 0 : members.Length == 1 ? 1 : 0.5;
            foreach (int i in members) rewards[i] = floor + (0.5 * (flat ? flatScore : (novelty[i] - low) / (high - low)));
        }
    }

    /// <summary>Whether a response counts as valid under a rule.</summary>
    /// <param name="completion">The sampled text.</param>
    /// <param name="extraction">The answer found in it.</param>
    /// <param name="truncated">Whether it ended at the token limit.</param>
    /// <param name="rule">The rule.</param>
    public static bool IsValid(string completion, Extraction extraction, bool truncated, NoveltyValidity rule)
    {
        ArgumentNullException.ThrowIfNull(extraction);
        switch (rule)
        {
            case NoveltyValidity.FinalBoxHasDigit:
                return extraction.Answer is { } boxed && boxed.AsSpan().ContainsAnyInRange('0', '9');
            case NoveltyValidity.AnyBoxHasDigit:
                return BoxWithDigit().IsMatch(completion);
            default:
                return !truncated && Answer.Parse(extraction.Answer).IsReadable;
        }
    }

    /// <summary>The part of a response that is compared.</summary>
    /// <param name="completion">The sampled text.</param>
    /// <param name="extraction">The answer found in it.</param>
    /// <param name="part">Which part.</param>
    public static string ReasoningPart(string completion, Extraction extraction, NoveltyText part)
    {
        ArgumentNullException.ThrowIfNull(completion);
        ArgumentNullException.ThrowIfNull(extraction);
        if (part == NoveltyText.BeforeFinalBox) return completion[..extraction.ReasoningEnd].Trim();
        const string Mark = "</think>";
        int end = completion.IndexOf(Mark, StringComparison.Ordinal);
        return end < 0 ? completion : completion[(end + Mark.Length)..].Trim();
    }

    private static double Similarity(float[] a, float[] b, bool clip)
    {
        double cosine = 0;
        for (int i = 0; i < a.Length; i++) cosine += (double)a[i] * b[i];
        return clip ? Math.Clamp(cosine, 0, 1) : cosine;
    }

    private static double[] Filled(int count, double value) => [.. Enumerable.Repeat(value, count)];

    [GeneratedRegex(@"\\boxed\{[^}]*[0-9][^}]*\}")]
    private static partial Regex BoxWithDigit();
}

/// <summary>One response of a group as the novelty reward sees it.</summary>
/// <param name="Text">The part to compare; see <see cref="NoveltyReward.ReasoningPart"/>.</param>
/// <param name="Agrees">Whether its answer equals the vote.</param>
/// <param name="IsValid">Whether it takes part; see <see cref="NoveltyReward.IsValid"/>.</param>
public sealed record NoveltyResponse(string Text, bool Agrees, bool IsValid);

/// <summary>Rewards of a group with what led to them. Entries of invalid responses are NaN but for the reward.</summary>
/// <param name="Rewards">+0.5 to +1 for agreeing with the vote, −1 to −0.5 for not, −1 for invalid responses.</param>
/// <param name="Novelty">u = 1 − (α × mean similarity + (1 − α) × largest similarity).</param>
/// <param name="MeanSimilarity">Mean cosine to the others of the own group (of all, for a group of one).</param>
/// <param name="LargestSimilarity">Largest cosine to any other valid response.</param>
public sealed record NoveltyResult(double[] Rewards, double[] Novelty, double[] MeanSimilarity, double[] LargestSimilarity);
