using Reasoning.Grading;

namespace Reasoning.Rewards.Vote;

/// <summary>
/// Majority vote over classes of equal answers (the label of TTRL, arXiv 2504.16084).
/// </summary>
/// <remarks>
/// Deviations from the paper's code: answers are grouped by <see cref="Equivalence"/> rather than by exact string, so ½ and 0.5 are one
/// vote; blank, unread and truncated answers abstain, so that an empty answer never becomes the label. An answer joins the first class
/// all of whose members equal it: classes are consistent even where equality is not transitive (5 cm = 5 = 5 m).
/// </remarks>
public static class MajorityVote
{
    /// <summary>Counts the ballots, in the order in which they were sampled. Among equals the class whose first vote came first wins.</summary>
    public static VoteResult Vote(IReadOnlyList<Ballot> ballots, VoteOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(ballots);
        options ??= new VoteOptions();
        var classes = new List<List<Answer>>();
        var votes = new List<int>();
        var ofForm = new Dictionary<string, int>(StringComparer.Ordinal);
        int[] classOf = new int[ballots.Count];
        int unread = 0, overBudget = 0;
        for (int i = 0; i < ballots.Count; i++)
        {
            classOf[i] = -1;
            if (ballots[i].Truncated) continue;
            Answer answer = Answer.Parse(ballots[i].Answer);
            if (answer.Kind is AnswerKind.Unread or AnswerKind.OverBudget) unread++;
            if (answer.Kind == AnswerKind.OverBudget) overBudget++;
            classOf[i] = Classify(answer, classes, ofForm);
            if (classOf[i] == votes.Count) votes.Add(0);
            if (classOf[i] >= 0) votes[classOf[i]]++;
        }

        int valid = votes.Sum();
        bool enough = valid > 0 && valid >= options.MinimumValidShare * ballots.Count;
        int most = enough ? votes.Max() : -1;
        int winner = enough ? votes.IndexOf(most) : -1;
        return new VoteResult
        {
            Winner = winner < 0 ? null : classes[winner][0].Raw,
            WinnerClass = winner,
            Class = classOf,
            Answers = [.. classes.Select(members => members[0].Raw)],
            Votes = [.. votes],
            Weights = [.. votes.Select(count => (double)count)],
            Valid = valid,
            Total = ballots.Count,
            Truncated = ballots.Count(ballot => ballot.Truncated),
            Unread = unread,
            OverBudget = overBudget,
            Tie = enough && votes.Count(count => count == most) > 1,
        };
    }

    /// <summary>The class of an answer, a new one if need be; −1 when it cannot be read. Each distinct form is compared once.</summary>
    private static int Classify(Answer answer, List<List<Answer>> classes, Dictionary<string, int> ofForm)
    {
        if (!answer.IsReadable) return -1;
        if (ofForm.TryGetValue(answer.Canonical, out int known)) return known;
        int found = classes.FindIndex(members => members.TrueForAll(member => Equivalence.Compare(member, answer) == Outcome.Equal));
        if (found < 0)
        {
            found = classes.Count;
            classes.Add([]);
        }
        classes[found].Add(answer);
        ofForm.Add(answer.Canonical, found);
        return found;
    }
}

/// <summary>One sampled answer as it enters a vote.</summary>
/// <param name="Answer">The extracted answer; null when there is none.</param>
/// <param name="Truncated">Whether the response ended at the token limit; a truncated response abstains.</param>
public sealed record Ballot(string? Answer, bool Truncated);

/// <summary>How votes are counted.</summary>
public sealed record VoteOptions
{
    /// <summary>Share of ballots, 0 to 1, that must hold a valid answer; with fewer there is no winner.</summary>
    public double MinimumValidShare { get; init; }
}
