namespace Reasoning.Trainer.Learning;

/// <summary>Where an answer comes from that a server gave.</summary>
/// <param name="Hash">Of the weights that made it: the start model's, or those of the adapters that the server had.</param>
/// <param name="Staleness">Updates of the policy since those weights.</param>
/// <param name="LogProbs">Of each token what the server says.</param>
/// <param name="Weights">Of each token the truncated importance weight.</param>
/// <param name="Cut">Tokens whose weight was truncated.</param>
internal sealed record Served(string Hash, int Staleness, float[] LogProbs, float[] Weights, int Cut)
{
    /// <summary>Compares what server and policy say: w = min(exp(log π − log π_server), cap).</summary>
    public static Served Of(float[] server, float[] policy, double cap, string hash, int staleness)
    {
        double[] ratios = [.. policy.Zip(server, (own, theirs) => Math.Exp((double)own - theirs))];
        return new Served(hash, staleness, server, [.. ratios.Select(ratio => (float)Math.Min(ratio, cap))], ratios.Count(ratio => ratio > cap));
    }

    /// <summary>Distances of the log-probabilities of server and policy.</summary>
    /// <param name="sample">The answer, with the policy's.</param>
    public IEnumerable<double> Gaps(Sample sample) => sample.Rollout.LogProbs.Zip(LogProbs, (own, theirs) => Math.Abs((double)own - theirs));
}
