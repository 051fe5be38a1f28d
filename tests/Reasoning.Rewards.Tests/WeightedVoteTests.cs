using Reasoning.Rewards.Vote;

namespace Reasoning.Rewards.Tests;

/// <summary>Votes with weights, and where the weights come from.</summary>
public sealed class WeightedVoteTests
{
    private static readonly VoteResult s_vote = Vote("1", "2", "1.0", " ", null, "2", "3");

    [Fact]
    public void The_class_of_the_largest_weight_wins_and_all_weights_together_are_as_many_as_the_votes()
    {
        VoteResult weighted = s_vote.Weighted([0.1, 1, 0.1, 9, 9, 0.5, 0.2]);

        Assert.Equal([0, 1, 0, -1, -1, 1, 2], weighted.Class);
        Assert.Equal("2", weighted.Winner);
        Assert.Equal([false, true, false, false, false, true, false], weighted.Agrees);
        Assert.Equal([0.2 * 5 / 1.9, 1.5 * 5 / 1.9, 0.2 * 5 / 1.9], weighted.Weights, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(1.5 * 5 / 1.9 / 7, weighted.Shares[1], 12);
        Assert.Equal(0, weighted.Shares[3]);
        Assert.False(weighted.Tie);
    }

    [Fact]
    public void Equal_weights_change_nothing_and_neither_do_weights_of_abstentions_alone()
    {
        foreach (double[] weights in (double[][])[[1, 1, 1, 1, 1, 1, 1], [0, 0, 0, 1, 1, 0, 0]])
        {
            VoteResult weighted = s_vote.Weighted(weights);
            Assert.Equal((s_vote.Winner, s_vote.WinnerClass, s_vote.Tie), (weighted.Winner, weighted.WinnerClass, weighted.Tie));
            Assert.Equal(s_vote.Weights, weighted.Weights);
            Assert.Equal(s_vote.Shares, weighted.Shares);
        }

        VoteResult few = MajorityVote.Vote([new("1", false), new(null, false)], new VoteOptions { MinimumValidShare = 0.9 });
        Assert.Null(few.Weighted([1, 1]).Winner);
    }

    [Fact]
    public void An_answer_is_as_sure_as_its_least_sure_part()
    {
        float ln2 = MathF.Log(2), ln4 = MathF.Log(4);
        // c = 1 ½ ¼ 1 1 1; means over 2: ¾ ⅜ ⅝ 1 1, of which a tenth is one.
        Assert.Equal(0.375, ConfidenceWeights.Score([0, ln2, ln4, 0, 0, 0], 2), 1e-6);
        Assert.Equal((1 + 0.5 + 0.25 + 3) / 6, ConfidenceWeights.Score([0, ln2, ln4, 0, 0, 0], 7), 1e-6);
        // 21 windows: the lowest two.
        float[] longer = [.. Enumerable.Range(0, 21).Select(t => t is 4 ? ln4 : t is 9 ? ln2 : 0)];
        Assert.Equal((0.25 + 0.5) / 2, ConfidenceWeights.Score(longer, 1), 1e-6);
        Assert.Equal(0, ConfidenceWeights.Score([], 3));
        Assert.Equal(8, ConfidenceWeights.Window([3, 80, 9]));
        Assert.Equal(13, ConfidenceWeights.Window([100, 142]));
        Assert.Equal(21, ConfidenceWeights.Window([1, 203, 900]));
    }

    [Fact]
    public void The_least_sure_votes_do_not_count_and_the_others_go_from_a_tenth_to_one()
    {
        VoteResult vote = Vote([.. Enumerable.Range(0, 11).Select(i => i == 4 ? null : "7")]);
        float[][] entropies = [.. Enumerable.Range(0, 11).Select(i => (float[])[(float)-Math.Log(0.2 + (0.05 * i))])];
        double[] weights = ConfidenceWeights.Of(vote, entropies, 0.9);

        Assert.Equal(0, weights[0]); // the lowest of ten voters
        Assert.Equal(0.1, weights[1], 12);
        Assert.Equal(0, weights[4]); // abstains
        Assert.Equal(0.1 + (0.9 * 5 / 9), weights[6], 1e-6);
        Assert.Equal(1, weights[10], 12);

        Assert.Equal(3, ConfidenceWeights.Of(vote, entropies, 0.1).Count(weight => weight > 0));
        Assert.Equal([1, 1, 0], ConfidenceWeights.Of(Vote("1", "2", null), [[0.5f], [0.5f], [0]], 0.9));
        Assert.Equal([0], ConfidenceWeights.Of(Vote((string?)null), [[0]], 0.9));
    }

    [Fact]
    public void What_an_answer_that_abstains_was_sure_of_changes_no_weight()
    {
        float[][] entropies = [[0.1f], [0.9f], [0.4f], [0.3f], [0]];
        double[] with = ConfidenceWeights.Of(Vote("1", "2", "1", "1", null), entropies, 0.9);
        Assert.Equal(with[..4], ConfidenceWeights.Of(Vote("1", "2", "1", "1"), entropies[..4], 0.9));
    }

    private static VoteResult Vote(params string?[] answers) => MajorityVote.Vote([.. answers.Select(answer => new Ballot(answer, false))]);
}
