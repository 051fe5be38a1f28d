using Reasoning.Eval.Results;

namespace Reasoning.Eval.Tests;

/// <summary>Evaluations made of counts, for tests of what comes after sampling.</summary>
internal static class Evaluations
{
    public static EvalSettings Settings(int samples = 4, params int[] ks) => new()
    {
        Prompts = "data/shifted.jsonl",
        PromptsHash = "0123456789abcdef0123456789abcdef",
        PromptTemplate = "Question: {prompt}\nAnswer:",
        Samples = samples,
        Ks = ks.Length == 0 ? [1, samples] : ks,
        Temperature = 0.6,
        TopP = 0.95,
        TopK = 0,
        MaxNewTokens = 128,
        Seed = 1,
        Step = 0,
    };

    /// <summary>A problem with its first samples correct (class 0) and the others each in the class given.</summary>
    public static ProblemResult Problem(int number, int correct, int[] others, bool? greedy, bool gold = true)
    {
        int[] classes = [.. Enumerable.Repeat(0, correct), .. others];
        int top = classes.Where(c => c >= 0).GroupBy(c => c).Select(group => group.Count()).DefaultIfEmpty(0).Max();
        return new ProblemResult
        {
            PromptId = $"p{number}",
            Gold = gold ? "5" : null,
            Correct = gold ? [.. classes.Select((_, i) => i < correct)] : null,
            Class = classes,
            Winner = top == 0 ? null : "5",
            WinnerVotes = top,
            Tie = false,
            Truncated = 0,
            Unparsed = classes.Count(c => c < 0),
            MeanLength = 20,
            Greedy = greedy is { } right ? new GreedyResult("5", gold ? right : null, false, 18) : null,
        };
    }

    public static EvalResult Result(params ProblemResult[] problems) =>
        new() { Settings = Settings(problems[0].Samples), Problems = problems, FirstPrompt = "Q" };

    /// <summary>P problems of 4 samples; problem i has counts[i mod length] correct ones, its wrong ones all agree, greedy as told.</summary>
    public static EvalResult Pattern(int problems, int[] counts, bool[] greedy) => Result(
    [
        .. Enumerable.Range(0, problems).Select(i => (Number: i, Correct: counts[i % counts.Length]))
            .Select(p => Problem(p.Number, p.Correct, [.. Enumerable.Repeat(1, 4 - p.Correct)], greedy[p.Number % greedy.Length])),
    ]);
}
