using Reasoning.Models.Random;
using Reasoning.Rewards.Shaping;
using Reasoning.Rewards.Vote;

namespace Reasoning.Rewards.Tests;

/// <summary>SCRL: the gate, the reward by hand, and what must hold for every group.</summary>
public sealed class SelectiveRewardTests
{
    private static readonly VoteGate s_gate = new();

    [Theory]
    [InlineData(0, 8, 3, 1)] // 3 ≥ 3, 3 − 1 > 1
    [InlineData(-1, 8, 2, 1)]
    [InlineData(-1, 8, 3, 2)] // only 1 ahead
    [InlineData(-1, 8, 4, 4)]
    [InlineData(0, 16, 6, 3)]
    [InlineData(-1, 16, 6, 4)] // 2 ahead, and it takes more
    [InlineData(-1, 16, 5, 1)]
    [InlineData(0, 16, 6, 0)]
    [InlineData(-1, 16, 5, 0)]
    public void A_vote_is_a_label_when_it_is_large_and_ahead(int label, int ballots, int first, int second) =>
        Assert.Equal(label, s_gate.Label(Vote(ballots, first, second)));

    [Theory]
    [InlineData(4, 0)]
    [InlineData(7, 0)]
    [InlineData(8, 1)]
    [InlineData(12, 1)]
    [InlineData(16, 1)]
    [InlineData(17, 2)]
    [InlineData(32, 3)]
    [InlineData(64, 7)]
    public void Below_an_eighth_an_answer_is_rare_and_so_is_a_single_vote_of_eight(int ballots, int most) =>
        Assert.Equal(most, s_gate.MostRare(ballots));

    [Fact]
    public void Label_negative_other_and_abstention_by_hand()
    {
        // Of 16: 8 for the label, 5 for another, 1 unsure, 1 sure, 1 abstains. Mean entropy 1.
        VoteResult vote = Vote(16, 8, 5, 1, 1);
        double[] entropies = [.. Enumerable.Repeat(0.5, 8), .. Enumerable.Repeat(1.5, 5), 2, 0.5, 2];
        SelectiveResult result = SelectiveReward.Score(vote, entropies, s_gate, 0.1);

        Assert.Equal(1, entropies.Average());
        Assert.Equal(0, result.Label);
        Assert.Null(result.Advantages);
        Assert.Equal(0.5 + 0.05, result.Rewards[0], 12);
        Assert.Equal(-0.05, result.Rewards[8], 12);
        Assert.Equal((-1 / 16.0) - 0.1, result.Rewards[13], 12); // 1 vote of at most 1: 2 − 1 votes short
        Assert.Equal(0.05, result.Rewards[14], 12);
        Assert.Equal((-1 / 16.0) - 0.2, result.Rewards[15], 12);
        Assert.Equal([13], Where(result.Negatives));
    }

    [Fact]
    public void Without_a_label_only_negatives_learn_and_without_those_nobody_does()
    {
        double[] entropies = [.. Enumerable.Repeat(1.0, 14), 3, 1];
        SelectiveResult negatives = SelectiveReward.Score(Vote(16, 7, 7, 1), entropies, s_gate, 0.1);
        Assert.Equal(-1, negatives.Label);
        Assert.Equal([14], Where([.. negatives.Advantages!.Select(advantage => advantage != 0)]));
        Assert.Equal(negatives.Rewards[14], negatives.Advantages![14]);
        Assert.True(negatives.Advantages[14] < 0);

        SelectiveResult nothing = SelectiveReward.Score(Vote(16, 7, 7), [.. entropies.Reverse()], s_gate, 0.1);
        Assert.NotEqual(nothing.Rewards[0], nothing.Rewards[15]);
        Assert.Equal(new double[16], nothing.Advantages);
    }

    /// <summary>Two thousand random groups of 2 to 40 answers, with abstentions, equal entropies and weights among them.</summary>
    [Fact]
    public void Of_every_group_labels_pass_the_gate_and_negatives_are_rare_unsure_and_lose()
    {
        int labels = 0, negatives = 0, nothing = 0;
        var stream = new KeyedStream(3, 7);
        for (int trial = 0; trial < 2000; trial++)
        {
            int n = 2 + stream.NextInt(39), classes = 1 + stream.NextInt(9);
            Ballot[] ballots = new Ballot[n];
            double[] entropies = new double[n], weights = new double[n];
            for (int i = 0; i < n; i++)
            {
                int answer = Math.Min(stream.NextInt(classes), stream.NextInt(classes));
                ballots[i] = new Ballot(stream.NextInt(8) == 0 ? null : $"{answer}", stream.NextInt(12) == 0);
                entropies[i] = trial % 10 == 0 ? 0 : stream.NextInt(4) * 0.25;
                weights[i] = 0.1 + (0.9 * stream.NextDouble());
            }

            VoteResult vote = MajorityVote.Vote(ballots);
            if (trial % 3 == 0) vote = vote.Weighted(weights);
            SelectiveResult result = SelectiveReward.Score(vote, entropies, s_gate, 0.1);

            if (result.Label >= 0)
            {
                labels++;
                Assert.True(vote.Weights[result.Label] >= (0.375 * n) - 1e-9);
                Assert.All(vote.Weights.Where((_, c) => c != result.Label), other => Assert.True(vote.Weights[result.Label] - other > 0.125 * n));
                Assert.Null(result.Advantages);
            }
            else
            {
                Assert.Equal(
                    result.Negatives.Select((is1, i) => is1 ? result.Rewards[i] : 0), result.Advantages!);
                if (!result.Negatives.Contains(true))
                {
                    nothing++;
                    Assert.All(result.Advantages!, advantage => Assert.Equal(0, advantage));
                }
            }

            double lowest = result.Rewards.Where((_, i) => vote.Class[i] >= 0).DefaultIfEmpty(0.1).Min();
            for (int i = 0; i < n; i++)
            {
                if (vote.Class[i] < 0) Assert.Equal(lowest - 0.1, result.Rewards[i], 12);
                if (!result.Negatives[i]) continue;
                negatives++;
                Assert.True(n >= 8);
                Assert.NotEqual(result.Label, vote.Class[i]);
                Assert.True(vote.Weights[vote.Class[i]] <= Math.Max(1, Math.Ceiling(n / 8.0) - 1));
                Assert.True(entropies.Where((_, j) => vote.Class[j] == vote.Class[i]).Average() >= entropies.Average());
                Assert.True(result.Rewards[i] < 0);
            }
        }

        Assert.True(labels > 300 && negatives > 300 && nothing > 100, $"{labels} {negatives} {nothing}");
    }

    /// <summary>A vote of the given counts, classes one after the other, the rest abstaining.</summary>
    private static VoteResult Vote(int ballots, params int[] counts)
    {
        IEnumerable<Ballot> votes = counts.SelectMany((count, c) => Enumerable.Repeat(new Ballot($"{c}", false), count));
        return MajorityVote.Vote([.. votes, .. Enumerable.Repeat(new Ballot(null, false), ballots - counts.Sum())]);
    }

    private static IEnumerable<int> Where(bool[] flags) => Enumerable.Range(0, flags.Length).Where(i => flags[i]);
}
