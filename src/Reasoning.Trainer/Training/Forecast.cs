namespace Reasoning.Trainer.Training;

/// <summary>What a run would take, as far as its first steps tell.</summary>
internal sealed record Forecast
{
    /// <summary>Its name.</summary>
    public required string Recipe { get; init; }

    /// <summary>Of the run.</summary>
    public required int Steps { get; init; }

    public required PromptForecast Prompts { get; init; }

    public required AnswerForecast Answers { get; init; }

    public required MemoryForecast Memory { get; init; }

    public required DiskForecast Disk { get; init; }

    public required TimeForecast Time { get; init; }

    /// <summary>What the step could not tell.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>Prompts that take part.</summary>
/// <param name="Fit">How many leave room for an answer.</param>
/// <param name="Refused">Ids of the others.</param>
/// <param name="Tokens">Lengths of those that fit.</param>
internal sealed record PromptForecast(int Fit, IReadOnlyList<string> Refused, Quantiles Tokens);

/// <summary>Answers of the probe.</summary>
/// <param name="Sampled">How many there are.</param>
/// <param name="Tokens">Their lengths.</param>
/// <param name="TruncatedShare">Share of them that ran into the limit.</param>
/// <param name="TruncatedInRun">Answers of the whole run that will, at the same share.</param>
internal sealed record AnswerForecast(int Sampled, Quantiles Tokens, double TruncatedShare, int TruncatedInRun);

/// <summary>Order statistics of lengths, in tokens.</summary>
internal sealed record Quantiles(int P5, int P50, int P95, int Max)
{
    /// <summary>The smallest length that a share of all does not exceed.</summary>
    /// <param name="lengths">At least one.</param>
    public static Quantiles Of(IEnumerable<int> lengths)
    {
        int[] sorted = [.. lengths.Order()];
        return new Quantiles(At(0.05), At(0.5), At(0.95), sorted[^1]);

        int At(double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }
}

/// <summary>
/// Memory in bytes. The peak is that of the probe's process, or on a GPU what is in use behind the step; parts are computed from shapes, and
/// what they leave of the peak is the activations, with the start model of a divergence and all that has no name.
/// </summary>
/// <param name="Peak">All together.</param>
/// <param name="Program">Runtime and libraries, before the model is loaded.</param>
/// <param name="Weights">Of the model.</param>
/// <param name="Gradients">Of what learns.</param>
/// <param name="Optimizer">Moments, and float32 copies of 16-bit weights.</param>
/// <param name="Copies">What method and recipe keep of what learns: starts, teachers, averages.</param>
/// <param name="Logits">Of the rows that the head works on at once.</param>
/// <param name="Packed">Weights as the sampler reads them; gone when the update begins.</param>
/// <param name="Cache">Keys and values of the answers that are decoded together; gone when the update begins.</param>
/// <param name="Samples">Ids and log-probabilities of a step's answers.</param>
internal sealed record MemoryForecast(
    long Peak, long Program, long Weights, long Gradients, long Optimizer, long Copies, long Logits, long Packed, long Cache, long Samples)
{
    /// <summary>What is left of the peak in the larger of the two halves of a step.</summary>
    public long Activations =>
        Math.Max(0, Peak - Program - Weights - Optimizer - Copies - Samples - Math.Max(Gradients + Logits, Packed + Cache));
}

/// <summary>Disk in bytes.</summary>
/// <param name="Checkpoint">One checkpoint.</param>
/// <param name="Checkpoints">How many stay.</param>
/// <param name="WhileWriting">How many there are while the newest is written.</param>
/// <param name="Model">The adapted model.</param>
/// <param name="Logs">Metrics, samples, events.</param>
/// <param name="Evaluations">Results before and after.</param>
internal sealed record DiskForecast(long Checkpoint, int Checkpoints, int WhileWriting, long Model, long Logs, long Evaluations)
{
    /// <summary>When the run is done.</summary>
    public long Total => (Checkpoint * Checkpoints) + Model + Logs + Evaluations;

    /// <summary>The most at any time.</summary>
    public long Peak => Math.Max(Total, (Checkpoint * WhileWriting) + Logs + (Evaluations / 2));
}

/// <summary>Seconds.</summary>
/// <param name="Start">Loading all.</param>
/// <param name="Sampling">Of all steps, judging included.</param>
/// <param name="Update">Of all steps.</param>
/// <param name="Probe">The guard's: sampling its answers, and reading them after every step.</param>
/// <param name="Writing">Logs of all steps; checkpoints are not measured.</param>
/// <param name="Evaluation">Before and after.</param>
internal sealed record TimeForecast(double Start, double Sampling, double Update, double Probe, double Writing, double Evaluation)
{
    public double Total => Start + Sampling + Update + Probe + Writing + Evaluation;
}
