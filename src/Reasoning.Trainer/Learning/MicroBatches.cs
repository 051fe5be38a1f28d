using Reasoning.Trainer.Distributed;

namespace Reasoning.Trainer.Learning;

/// <summary>
/// Splits the answers of an update into parts that fit into memory. Weights are given for the whole update, so the split changes nothing.
/// </summary>
internal static class MicroBatches
{
    /// <summary>
    /// Consecutive answers with at most <paramref name="tokens"/> tokens together, prompts included; at least one answer each.
    /// </summary>
    public static IEnumerable<ArraySegment<Sample>> Split(Sample[] samples, int tokens)
    {
        int first = 0, sum = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            int length = Length(samples[i]);
            if (i > first && sum + length > tokens)
            {
                yield return new ArraySegment<Sample>(samples, first, i - first);
                (first, sum) = (i, 0);
            }

            sum += length;
        }

        if (first < samples.Length) yield return new ArraySegment<Sample>(samples, first, samples.Length - first);
    }

    /// <summary>The answers of an update that are this rank's: about as many tokens for each, and the answers to a prompt together.</summary>
    public static ArraySegment<Sample> Share(Sample[] samples, Ranks ranks)
    {
        (int first, int count) = ranks.Share([.. samples.Select(sample => sample.Rollout.PromptId)], [.. samples.Select(Length)]);
        return new ArraySegment<Sample>(samples, first, count);
    }

    private static int Length(Sample sample) => sample.Rollout.PromptIds.Length + sample.Rollout.Ids.Length;
}
