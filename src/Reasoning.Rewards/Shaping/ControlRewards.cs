using Reasoning.Models;

namespace Reasoning.Rewards;

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

    /// <summary>The same rewards given to other responses of the group: mean and spread stay, the link to the answers is cut.</summary>
    public static double[] Shuffled(ReadOnlySpan<double> rewards, ulong seed, int step, string promptId)
    {
        var stream = new KeyedStream(seed, (ulong)step, KeyedRandom.Key(promptId), ShuffleLane);
        double[] shuffled = rewards.ToArray();
        stream.Shuffle(shuffled.AsSpan());
        return shuffled;
    }
}
