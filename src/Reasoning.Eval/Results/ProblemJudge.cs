using Reasoning.Grading;
using Reasoning.Models.Prompts;
using Reasoning.Rewards.Vote;

namespace Reasoning.Eval.Results;

/// <summary>One response as text, with what only its ids tell.</summary>
/// <param name="Text">The sampled text, without the prompt.</param>
/// <param name="Truncated">Whether it ended at the token limit.</param>
/// <param name="Length">Number of tokens.</param>
internal readonly record struct Response(string Text, bool Truncated, int Length);

/// <summary>Turns the responses to one prompt into a <see cref="ProblemResult"/>: extract, grade, vote.</summary>
internal static class ProblemJudge
{
    public static ProblemResult Judge(
        Prompt prompt, IReadOnlyList<Response> responses, Response? greedy, AnswerPlace place = AnswerPlace.Box)
    {
        Grader? gold = prompt.Answer is null ? null : new Grader(prompt.Answer);
        string?[] answers = [.. responses.Select(response => AnswerExtractor.Extract(response.Text, place).Answer)];
        VoteResult vote = MajorityVote.Vote([.. responses.Select((response, i) => new Ballot(answers[i], response.Truncated))]);
        return new ProblemResult
        {
            PromptId = prompt.Id,
            Gold = prompt.Answer,
            Correct = gold is null ? null : [.. responses.Select((response, i) => IsCorrect(gold, answers[i], response.Truncated))],
            Class = vote.Class,
            Answers = vote.Answers,
            Winner = vote.Winner,
            WinnerVotes = vote.WinnerVotes,
            Tie = vote.Tie,
            Truncated = vote.Truncated,
            Unparsed = vote.Total - vote.Valid - vote.Truncated,
            OverBudget = vote.OverBudget,
            MeanLength = responses.Count == 0 ? 0 : responses.Average(response => response.Length),
            Greedy = greedy is { } single ? JudgeGreedy(gold, single, place) : null,
        };
    }

    private static GreedyResult JudgeGreedy(Grader? gold, Response response, AnswerPlace place)
    {
        string? answer = AnswerExtractor.Extract(response.Text, place).Answer;
        return new GreedyResult(answer, gold is null ? null : IsCorrect(gold, answer, response.Truncated), response.Truncated, response.Length);
    }

    private static bool IsCorrect(Grader gold, string? answer, bool truncated) =>
        !truncated && gold.GradeExtracted(answer).IsEqual;
}
