using Reasoning.Grading;
using Reasoning.Grading.Tests;
using Reasoning.Rewards.Vote;

namespace Reasoning.Rewards.Tests;

public sealed class MajorityVoteTests
{
    private static VoteResult Vote(params string?[] answers) => MajorityVote.Vote([.. answers.Select(answer => new Ballot(answer, false))]);

    [Fact]
    public void The_largest_class_wins()
    {
        VoteResult vote = Vote("3", "5", "4", "5");
        Assert.Equal("5", vote.Winner);
        Assert.Equal(0.5, vote.Share);
        Assert.False(vote.Tie);
        Assert.Equal([0, 1, 2, 1], vote.Class);
        Assert.Equal([false, true, false, true], vote.Agrees);
        Assert.Equal([0, 1, 0, 1], vote.Rewards);
    }

    [Fact]
    public void Different_spellings_are_one_class()
    {
        VoteResult vote = Vote("1", "0.5", @"\frac12", "1", @"\dfrac{1}{2}");
        Assert.Equal("0.5", vote.Winner);
        Assert.Equal(3, vote.WinnerVotes);
        Assert.Equal([0, 1, 1, 0, 1], vote.Class);
    }

    [Fact]
    public void A_tie_goes_to_the_class_sampled_first_and_is_flagged()
    {
        VoteResult vote = Vote("7", "8", "8", "7");
        Assert.Equal("7", vote.Winner);
        Assert.True(vote.Tie);
        Assert.Equal("8", Vote("8", "7", "8", "7").Winner);
        Assert.False(Vote("8", "7", "8").Tie);
    }

    [Fact]
    public void Blank_and_unread_answers_abstain_and_never_win()
    {
        VoteResult vote = Vote("", "", " ", null, @"\oint", @"\oint", "$$", "5");
        Assert.Equal("5", vote.Winner);
        Assert.Equal(1, vote.Valid);
        Assert.Equal(8, vote.Total);
        Assert.Equal(1 / 8.0, vote.Share);
        Assert.Equal([-1, -1, -1, -1, -1, -1, -1, 0], vote.Class);
        Assert.Equal(0, vote.Rewards[0]);
    }

    [Theory]
    [InlineData("no answer")]
    [InlineData("No answer.")]
    [InlineData(@"\text{answer}")]
    [InlineData("Your answer")]
    [InlineData("N/A")]
    [InlineData("...")]
    [InlineData("?")]
    public void What_stands_in_for_an_answer_agrees_with_nothing(string text)
    {
        Assert.NotEqual(Outcome.Equal, Equivalence.Compare(text, text));
        Assert.NotEqual(Outcome.Equal, new Grader(text).GradeAnswer(text).Outcome);
        VoteResult vote = Vote(text, text, "5");
        Assert.Equal("5", vote.Winner);
        Assert.Equal([-1, -1, 0], vote.Class);
    }

    [Fact]
    public void Abstentions_are_counted_by_their_reason()
    {
        VoteResult vote = MajorityVote.Vote([new(@"\oint", false), new("9^{9^{9^9}} + 1 - 1", false), new("", false), new(null, false), new("4", true), new("4", false)]);
        Assert.Equal(2, vote.Unread);
        Assert.Equal(1, vote.OverBudget);
        Assert.Equal(1, vote.Truncated);
        Assert.Equal(1, vote.Valid);
    }

    [Fact]
    public void Truncated_responses_abstain()
    {
        VoteResult vote = MajorityVote.Vote([new("5", true), new("5", true), new("4", false)]);
        Assert.Equal("4", vote.Winner);
        Assert.Equal(2, vote.Truncated);
        Assert.Equal([false, false, true], vote.Agrees);
    }

    [Fact]
    public void Without_votes_there_is_no_winner()
    {
        foreach (VoteResult vote in (VoteResult[])[Vote(), Vote("", null), MajorityVote.Vote([new("5", true)])])
        {
            Assert.Null(vote.Winner);
            Assert.Equal(-1, vote.WinnerClass);
            Assert.Equal(0, vote.Share);
            Assert.False(vote.Tie);
            Assert.DoesNotContain(true, vote.Agrees);
            Assert.All(vote.Rewards, reward => Assert.Equal(0, reward));
        }
    }

    [Fact]
    public void One_ballot_elects_itself()
    {
        VoteResult vote = Vote("5");
        Assert.Equal("5", vote.Winner);
        Assert.Equal(1, vote.Share);
    }

    [Fact]
    public void Too_few_valid_answers_elect_nobody()
    {
        Ballot[] ballots = [new("5", false), new("5", false), new(null, false), new(null, false)];
        Assert.Equal("5", MajorityVote.Vote(ballots, new VoteOptions { MinimumValidShare = 0.5 }).Winner);
        VoteResult vote = MajorityVote.Vote(ballots, new VoteOptions { MinimumValidShare = 0.51 });
        Assert.Null(vote.Winner);
        Assert.Equal(2, vote.Valid);
        Assert.All(vote.Rewards, reward => Assert.Equal(0, reward));
    }

    [Fact]
    public void Soft_votes_earn_the_share_of_their_class()
    {
        Ballot[] ballots = [new("5", false), new("4", false), new("5", false), new(null, false)];
        Assert.Equal([0.5, 0.25, 0.5, 0], MajorityVote.Vote(ballots).Shares);
    }

    [Fact]
    public void Members_of_a_class_are_equal_to_each_other()
    {
        // 5 equals 5 cm and 5 m, which differ; 5 cm was first.
        VoteResult vote = Vote("5 cm", "5", "5 m", "5");
        Assert.Equal([0, 0, 1, 0], vote.Class);
    }

    /// <summary>A group of 12, 13 and 12 with one ballot of each kind planted, and what that one earns.</summary>
    [Theory]
    [InlineData(@"12\text{ or more}", 0)] // any words: a text of its own
    [InlineData(@"1\text{ dozen}", 1)] // number words
    [InlineData(@"12\text{ dozen}", 0)]
    [InlineData(@"12\text{ cm}", 1)] // units
    [InlineData(@"\frac{12}{1", 0)] // broken formulas abstain
    [InlineData(@"\neq 12", 0)]
    [InlineData(@"\text{not }12", 0)]
    [InlineData(@"12\,", 1)] // layout
    [InlineData(@"\textcolor{red}{12}\\", 1)]
    [InlineData(@"24 \over 2", 1)]
    [InlineData(@"11.\overline{9}", 1)] // repeating decimals
    [InlineData(@"\textbf{(B)}\ 12", 1)] // text around the answer
    [InlineData(@"\textbf{(B)}\ 13", 0)]
    [InlineData("答案：12元。", 1)]
    [InlineData(@"\frac{24}{2}=12.0", 1)]
    [InlineData("twelve", 1)] // vocabulary
    [InlineData("12 kilometers per hour", 1)]
    [InlineData(@"22_{\text{five}}", 0)]
    [InlineData(@"12k, k\in\mathbb{Z}", 0)] // conditions
    [InlineData(@"12\sqrt{\frac nn}", 1)] // roots
    [InlineData("11.9999999999", 0)] // rounding
    [InlineData(@"\frac{NO}{BO}=12", 1)] // named quantities
    [InlineData(@"\begin{vmatrix}12&0\\0&1\end{vmatrix}", 1)] // evaluation
    public void Each_kind_of_answer_earns_what_its_value_is_worth(string planted, double reward)
    {
        VoteResult vote = Vote("12", planted, "13", "12");
        Assert.Equal("12", vote.Winner);
        Assert.Equal([1, reward, 0, 1], vote.Rewards);
        Assert.Equal(reward == 1 ? 3 : 2, vote.WinnerVotes);
    }

    [Fact]
    public void A_list_beside_a_tuple_splits_the_class()
    {
        // (1,2) equals 1,2 in its order, and 1,2 equals 2,1; the first and the last differ.
        Assert.Equal([0, 0, 1], Vote("(1,2)", "1,2", "2,1").Class);
        Assert.Equal([0, 0, 1], Vote("1,2", "2,1", "(1,2)").Class);
    }

    /// <summary>Classes of random groups of spellings: every two members are equal, and an answer stands apart only from classes it does not fit.</summary>
    [Fact]
    public void Equality_holds_between_all_members_of_a_class()
    {
        string[][] pools = [.. Pairs.Of("pairs.txt").Concat(Pairs.Of("near-misses.txt")).GroupBy(pair => pair.Group, (_, pairs) => pairs.SelectMany(pair => new[] { pair.A, pair.B }).Distinct().ToArray())];
        var random = new Random(11);
        for (int round = 0; round < 400; round++)
        {
            string[] pool = pools[random.Next(pools.Length)];
            int from = random.Next(pool.Length);
            // Neighbours in the table are alike, so that classes have several members.
            string[] answers = [.. Enumerable.Range(0, 12).Select(_ => pool[(from + random.Next(8)) % pool.Length])];
            int[] classes = Vote(answers).Class;
            for (int i = 0; i < answers.Length; i++)
            {
                for (int j = 0; j < i; j++)
                {
                    if (classes[i] >= 0 && classes[i] == classes[j])
                        Assert.True(Equivalence.AreEqual(answers[i], answers[j]), $"{answers[i]} and {answers[j]} share a class");
                }
                bool fitsEarlier = classes[i] > 0 && Enumerable.Range(0, classes[i]).Any(c => Enumerable.Range(0, i).Where(j => classes[j] == c) is var members
                    && members.Any() && Enumerable.Range(0, answers.Length).Where(j => classes[j] == c).All(j => Equivalence.AreEqual(answers[i], answers[j])));
                Assert.False(fitsEarlier, $"{answers[i]} fits an earlier class");
            }
        }
    }

    [Fact]
    public void The_order_of_ballots_changes_numbers_not_classes()
    {
        string[] answers = ["1/2", "3", "0.5", "x+1", "1+x", "3.0", "3"];
        VoteResult forward = Vote(answers), backward = Vote([.. answers.Reverse()]);
        for (int i = 0; i < answers.Length; i++)
        {
            for (int j = 0; j < answers.Length; j++)
                Assert.Equal(forward.Class[i] == forward.Class[j], backward.Class[^(i + 1)] == backward.Class[^(j + 1)]);
        }
    }

    [Fact]
    public void The_file_of_the_vote_is_short()
    {
        string project = Repository.Path("src/Reasoning.Rewards");
        string file = Directory.EnumerateFiles(project, "MajorityVote.cs", SearchOption.AllDirectories).Single();
        Assert.True(File.ReadAllLines(file).Length <= 150);
    }
}
