using Reasoning.Models.Random;
using Reasoning.Rewards.Vote;

namespace Reasoning.Rewards.Shaping;

/// <summary>
/// Rewards that know nothing of the answers, to see how much of a gain comes from training at all (the question raised by "Spurious
/// Rewards", arXiv 2506.10947). Each draw is a function of seed, step and prompt.
/// </summary>
public static class ControlRewards
{
    private const ulong RandomLane = 0x72616E64;
    private const ulong ShuffleLane = 0x73687566;

    /// <summary><paramref name="count"/> rewards of 1 with the given probability, else 0.</summary>
    public static double[] Random(int count, double probability, ulong seed, int step, string promptId)
    {
        var stream = new KeyedStream(seed, (ulong)step, KeyedRandom.Key(promptId), RandomLane);
        double[] rewards = new double[count];
        for (int i = 0; i < count; i++) rewards[i] = stream.NextDouble() < probability ? 1 : 0;
        return rewards;
    }

    /// <summary>A sham vote: each answer that may vote counts as agreeing by the flip of a coin; the others never do.</summary>
    public static bool[] RandomVote(VoteResult vote, ulong seed, int step, string promptId)
    {
        ArgumentNullException.ThrowIfNull(vote);
        double[] flips = Random(vote.Class.Length, 0.5, seed, step, promptId);
        return [.. vote.Class.Select((c, i) => c >= 0 && flips[i] > 0)];
    }

    /// <summary>
    /// A sham vote: as many answers count as agreeing as do, but dealt out at random among all that may vote. Share and spread of the
    /// rewards stay; the link to the answers is cut.
    /// </summary>
    public static bool[] ShuffledVote(VoteResult vote, ulong seed, int step, string promptId)
    {
        ArgumentNullException.ThrowIfNull(vote);
        int[] voters = [.. Enumerable.Range(0, vote.Class.Length).Where(i => vote.Class[i] >= 0)];
        bool[] honest = vote.Agrees, dealt = new bool[honest.Length];
        double[] shuffled = Shuffled([.. voters.Select(i => honest[i] ? 1.0 : 0)], seed, step, promptId);
        for (int v = 0; v < voters.Length; v++) dealt[voters[v]] = shuffled[v] > 0;
        return dealt;
    }

    /// <summary>The same rewards given to other responses of the group: mean and spread stay, the link to the answers is cut.</summary>
    public static double[] Shuffled(ReadOnlySpan<double> rewards, ulong seed, int step, string promptId)
    {
        var stream = new KeyedStream(seed, (ulong)step, KeyedRandom.Key(promptId), ShuffleLane);
        double[] shuffled = rewards.ToArray();
        stream.Shuffle(shuffled.AsSpan());
        return shuffled;
    }
}
