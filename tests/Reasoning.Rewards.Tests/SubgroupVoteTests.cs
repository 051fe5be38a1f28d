using Reasoning.Rewards.Vote;

namespace Reasoning.Rewards.Tests;

/// <summary>SCOPE: weights of steps, labels of blocks, and the choice of a size.</summary>
public sealed class SubgroupVoteTests
{
    [Fact]
    public void A_weight_is_the_mean_over_steps_whatever_their_length()
    {
        // Steps 1 1 | 4 | 0 0 0: means 1, 4, 0.
        Assert.Equal(Math.Exp(-5 / 3.0), SubgroupVote.Weight([1, 1, 4, 0, 0, 0], [false, true, true, false, false, false]), 12);
        Assert.Equal(Math.Exp(-5 / 3.0), SubgroupVote.Weight([1, 1, 4, 0, 0, 0], [false, true, true, false, false, true]), 12);
        Assert.Equal(Math.Exp(-1), SubgroupVote.Weight([1, 1, 4, 0, 0, 0], new bool[6]), 12);
        Assert.Equal(1, SubgroupVote.Weight([], []));
    }

    [Fact]
    public void A_quarter_a_half_and_all()
    {
        Assert.Equal([8, 16, 32], SubgroupVote.Sizes(32));
        Assert.Equal([3, 6], SubgroupVote.Sizes(6));
        Assert.Equal([2], SubgroupVote.Sizes(2));
        Assert.Equal([2, 5, 10], SubgroupVote.Sizes(10));
    }

    [Fact]
    public void Every_block_has_the_heaviest_class_of_a_half_drawn_for_it()
    {
        // Ten of 1 with little weight, six of 2 with much: of any 8, unless there is no 2 among them, 2 wins.
        VoteResult vote = Vote([.. Enumerable.Range(0, 16).Select(i => i < 10 ? "1" : "2")]);
        double[] weights = [.. Enumerable.Range(0, 16).Select(i => i < 10 ? 0.01 : 1.0)];
        int[] blocks = [.. Enumerable.Range(0, 200).SelectMany(step => SubgroupVote.Labels(vote, weights, 4, 0.3, new VoteGate(), 1, step, "p", 0))];
        Assert.Equal(800, blocks.Length);
        Assert.InRange(blocks.Count(label => label == 0), 0, 20); // expected 800 · C(10, 8) / C(16, 8) = 2.8

        // Equal weights: sometimes 1, sometimes 2, more often 1.
        double[] equal = [.. weights.Select(_ => 1.0)];
        blocks = [.. Enumerable.Range(0, 200).SelectMany(step => SubgroupVote.Labels(vote, equal, 4, 0.3, new VoteGate(), 1, step, "p", 0))];
        Assert.InRange(blocks.Count(label => label == 0), 600, 790);
    }

    [Fact]
    public void Draws_depend_on_seed_step_prompt_size_and_number_alone()
    {
        VoteResult vote = Vote([.. Enumerable.Range(0, 16).Select(i => $"{i % 3}")]);
        double[] weights = [.. Enumerable.Range(0, 16).Select(i => 1 + (0.1 * i))];
        int[] Draw(ulong seed, int step, string prompt, int draw) =>
            [.. Enumerable.Range(0, 8).SelectMany(more => SubgroupVote.Labels(vote, weights, 2, 0, new VoteGate(), seed, step + (100 * more), prompt, draw))];
        Assert.Equal(Draw(1, 1, "p", 0), Draw(1, 1, "p", 0));
        foreach (int[] other in (int[][])[Draw(2, 1, "p", 0), Draw(1, 2, "p", 0), Draw(1, 1, "q", 0), Draw(1, 1, "p", 1)])
            Assert.NotEqual(Draw(1, 1, "p", 0), other);
    }

    [Fact]
    public void A_winner_with_little_weight_leaves_the_label_to_the_gate_and_abstentions_never_weigh()
    {
        VoteResult scattered = Vote("1", "2", "3", "4", "5", "6", "7", "8");
        Assert.All(SubgroupVote.Labels(scattered, [1, 1, 1, 1, 1, 1, 1, 1], 2, 0.3, new VoteGate(), 1, 1, "p", 0), label => Assert.Equal(-1, label));

        // 1 has 6 of 16 and all others one each: clear for the gate, but seldom half of the drawn weight.
        VoteResult clear = Vote([.. Enumerable.Range(0, 16).Select(i => i < 6 ? "1" : $"{i}")]);
        double[] light = [.. Enumerable.Range(0, 16).Select(i => i < 6 ? 0.01 : 1.0)];
        Assert.All(SubgroupVote.Labels(clear, light, 4, 0.5, new VoteGate(), 1, 1, "p", 0), label => Assert.Equal(0, label));

        VoteResult few = Vote("1", null, null, null, null, null, null, null);
        int[] labels = [.. Enumerable.Range(0, 50).SelectMany(step => SubgroupVote.Labels(few, [.. Enumerable.Repeat(1.0, 8)], 4, 0.3, new VoteGate(), 1, step, "p", 0))];
        Assert.Contains(0, labels);
        Assert.Contains(-1, labels); // nobody with an answer was drawn, and one of eight is no label
    }

    [Fact]
    public void The_size_is_the_nearest_to_the_best_of_both_on_the_front()
    {
        // 4 is beaten by 2 in both. Of the rest, scaled: (0, 1), (0.75, 0.5), (1, 0).
        (int, double, double)[] candidates = [(1, 0.2, 3), (2, 0.5, 2), (4, 0.4, 1.5), (8, 0.6, 1)];
        Assert.Equal(2, SubgroupVote.Choose(candidates, 0.7)); // √.7, √(.7 / 16 + .3 / 4), √.3
        Assert.Equal(8, SubgroupVote.Choose(candidates, 1));
        Assert.Equal(1, SubgroupVote.Choose(candidates, 0));
        Assert.Equal(3, SubgroupVote.Choose([(6, 0.5, 1), (3, 0.5, 1)], 0.7));
    }

    private static VoteResult Vote(params string?[] answers) => MajorityVote.Vote([.. answers.Select(answer => new Ballot(answer, false))]);
}
