using Reasoning.Eval.Statistics;

namespace Reasoning.Eval.Results;

/// <summary>The numbers of an evaluation. Accuracies cover the prompts with a gold answer and are absent when there are none.</summary>
public sealed record EvalSummary
{
    /// <summary>Shares of k answers that G-Pass@k asks to be right: half of them, and all.</summary>
    private static readonly double[] s_steadiness = [0.5, 1];

    public required EvalSettings Settings { get; init; }

    /// <summary>What answered; null where it is not known.</summary>
    public EvaluatedModel? Model { get; init; }

    /// <summary>Evaluated prompts.</summary>
    public required int Problems { get; init; }

    /// <summary>Evaluated prompts with a gold answer.</summary>
    public required int WithGold { get; init; }

    /// <summary>Prompts refused as too long.</summary>
    public required int Refused { get; init; }

    /// <summary>Share of all samples that ended at the token limit.</summary>
    public required double TruncationRate { get; init; }

    /// <summary>Share of all samples that ended by themselves without a readable answer.</summary>
    public required double UnparsedRate { get; init; }

    /// <summary>Share of all samples whose answer is too long or too large to work out; part of <see cref="UnparsedRate"/>.</summary>
    public double OverBudgetRate { get; init; }

    /// <summary>Mean number of tokens of a sample.</summary>
    public required double MeanLength { get; init; }

    /// <inheritdoc cref="EvalResult.TokenEntropy"/>
    public double? TokenEntropy { get; init; }

    /// <summary>Share of samples that agree with the vote of their prompt.</summary>
    public required Metric VoteShare { get; init; }

    /// <summary>pass@k (pass@1 is avg@n) and maj@k for each k of the settings, then greedy.</summary>
    public required IReadOnlyList<Metric> Accuracies { get; init; }

    /// <summary>What else describes the answers, without a test.</summary>
    public IReadOnlyList<Measure> Measures { get; init; } = [];

    /// <inheritdoc cref="EvalResult.Overlap"/>
    public PromptOverlap? Overlap { get; init; }

    /// <summary>The accuracy of that name, or null.</summary>
    public Metric? Find(string name) => Accuracies.FirstOrDefault(metric => string.Equals(metric.Name, name, StringComparison.Ordinal));

    /// <summary>Works out the numbers of a result.</summary>
    /// <exception cref="ArgumentException">The result holds no problem.</exception>
    public static EvalSummary Of(EvalResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        IReadOnlyList<ProblemResult> problems = result.Problems;
        if (problems.Count == 0) throw new ArgumentException("an evaluation without problems has no numbers", nameof(result));
        ProblemResult[] graded = [.. problems.Where(problem => problem.Correct is not null)];
        int n = result.Settings.Samples;
        double samples = problems.Sum(problem => problem.Samples);
        return new EvalSummary
        {
            Settings = result.Settings,
            Model = result.Model,
            Problems = problems.Count,
            WithGold = graded.Length,
            Refused = result.Refused.Count,
            TruncationRate = problems.Sum(problem => problem.Truncated) / samples,
            UnparsedRate = problems.Sum(problem => problem.Unparsed) / samples,
            OverBudgetRate = problems.Sum(problem => problem.OverBudget) / samples,
            MeanLength = problems.Sum(problem => problem.MeanLength * problem.Samples) / samples,
            TokenEntropy = result.TokenEntropy,
            VoteShare = Make("vote share", [.. problems.Select(problem => problem.VoteShare)], double.NaN),
            Measures = [.. Describe(problems, graded, n, result.Settings.Ks.Max())],
            Overlap = result.Overlap,
            Accuracies = graded.Length == 0 ? [] : [.. Accuracy(graded, n, result.Settings.Ks)],
        };
    }

    private static IEnumerable<Metric> Accuracy(ProblemResult[] problems, int n, IReadOnlyList<int> ks)
    {
        foreach (int k in ks)
        {
            double[] scores = [.. problems.Select(problem => PassAtK.Estimate(n, problem.CorrectCount, k))];
            yield return Make($"pass@{k}", scores, k == 1 ? Intervals.SamplingError(scores, n) : double.NaN);
        }
        foreach (int k in ks.Where(k => k > 1))
        {
            MajorityEstimate[] majority = [.. problems.Select(problem => MajAtK.Estimate(problem.Class, problem.Correct!, k))];
            Metric metric = Make($"maj@{k}", [.. majority.Select(estimate => estimate.Value)], double.NaN);
            yield return metric with { TieRate = majority.Average(estimate => estimate.TieRate) };
        }
        if (problems.All(problem => problem.Greedy is not null))
            yield return Make("greedy", [.. problems.Select(problem => problem.Greedy!.Correct == true ? 1.0 : 0.0)], double.NaN);
    }

    private static IEnumerable<Measure> Describe(IReadOnlyList<ProblemResult> problems, ProblemResult[] graded, int n, int k)
    {
        if (n == 1) yield break;
        yield return new Measure("distinct answers", problems.Average(problem => AnswerSpread.Distinct(problem.Class)), "");
        yield return new Measure("answer entropy", problems.Average(problem => AnswerSpread.Entropy(problem.Class)), "nats");
        if (graded.Length == 0) yield break;
        if (k > 1)
        {
            foreach (double threshold in s_steadiness)
            {
                yield return new Measure(
                    FormattableString.Invariant($"G-Pass@{k} τ={threshold}"), graded.Average(problem => GPassAtK.Estimate(n, problem.CorrectCount, k, threshold)), "%");
            }

            yield return new Measure($"mG-Pass@{k}", graded.Average(problem => GPassAtK.Mean(n, problem.CorrectCount, k)), "%");
        }

        yield return new Measure(
            "calibration error", Calibration.Error([.. graded.Select(problem => (problem.VoteShare, MajAtK.Estimate(problem.Class, problem.Correct!, n).Value))]), "%");
    }

    private static Metric Make(string name, double[] scores, double samplingError) => new(name, Intervals.Clustered(scores), scores, samplingError);
}
