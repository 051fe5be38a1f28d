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
            int length = samples[i].Rollout.PromptIds.Length + samples[i].Rollout.Ids.Length;
            if (i > first && sum + length > tokens)
            {
                yield return new ArraySegment<Sample>(samples, first, i - first);
                (first, sum) = (i, 0);
            }

            sum += length;
        }

        if (first < samples.Length) yield return new ArraySegment<Sample>(samples, first, samples.Length - first);
    }
}
