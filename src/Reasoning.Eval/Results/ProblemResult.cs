namespace Reasoning.Eval.Results;

/// <summary>What the samples of one prompt came to.</summary>
public sealed record ProblemResult
{
    public required string PromptId { get; init; }

    /// <summary>The gold answer; null when the prompt has none.</summary>
    public required string? Gold { get; init; }

    /// <summary>For each sample whether it equals the gold answer; null without one. A truncated response counts as wrong.</summary>
    public required bool[]? Correct { get; init; }

    /// <summary>For each sample its class of equal answers, numbered by first occurrence; −1 abstains.</summary>
    public required int[] Class { get; init; }

    /// <summary>For each class its answer as first written; empty in files from before it was kept.</summary>
    public IReadOnlyList<string> Answers { get; init; } = [];

    /// <summary>The answer of most samples as first written; null when all abstain.</summary>
    public required string? Winner { get; init; }

    /// <summary>Samples that agree with the winner.</summary>
    public required int WinnerVotes { get; init; }

    /// <summary>Whether another class has as many.</summary>
    public required bool Tie { get; init; }

    /// <summary>Samples that ended at the token limit.</summary>
    public required int Truncated { get; init; }

    /// <summary>Samples that ended by themselves without an answer that could be read.</summary>
    public required int Unparsed { get; init; }

    /// <summary>Those among <see cref="Unparsed"/> whose answer is too long or too large to work out.</summary>
    public int OverBudget { get; init; }

    /// <summary>Mean number of tokens of a sample.</summary>
    public required double MeanLength { get; init; }

    /// <summary>The greedy answer; null when it was not asked for.</summary>
    public GreedyResult? Greedy { get; init; }

    /// <summary>Number of samples.</summary>
    public int Samples => Class.Length;

    /// <summary>Correct samples; 0 without a gold answer.</summary>
    public int CorrectCount => Correct?.Count(correct => correct) ?? 0;

    /// <summary>Share of all samples that agree with the winner.</summary>
    public double VoteShare => Samples == 0 ? 0 : (double)WinnerVotes / Samples;
}

/// <summary>The answer at temperature 0.</summary>
/// <param name="Answer">The extracted answer; null when there is none.</param>
/// <param name="Correct">Whether it equals the gold answer; null without one.</param>
/// <param name="Truncated">Whether it ended at the token limit.</param>
/// <param name="Length">Number of tokens.</param>
public sealed record GreedyResult(string? Answer, bool? Correct, bool Truncated, int Length);
