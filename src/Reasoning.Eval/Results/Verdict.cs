namespace Reasoning.Eval.Results;

/// <summary>A verdict with its sentence.</summary>
/// <param name="Kind">The class.</param>
/// <param name="Text">One sentence that names the quantities.</param>
public sealed record Verdict(VerdictKind Kind, string Text)
{
    /// <summary>Judges a comparison.</summary>
    public static Verdict Of(EvalComparison comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        if (comparison.Changes.Count == 0)
            return new Verdict(VerdictKind.NotMeasured, "not measured: the prompts have no gold answers, and agreement is not accuracy.");

        MetricChange[] others = [.. comparison.Changes.Where(change => !change.IsSampledSingle)];
        string[] up = [.. others.Where(change => change.Difference.IsUp).Select(change => change.Name)];
        string[] down = [.. comparison.Changes.Where(change => change.Difference.IsDown).Select(change => change.Name)];
        string fallen = down.Length == 0 ? "" : $" {Join(down, "fall")}.";
        bool sampledUp = comparison.Changes.Any(change => change.IsSampledSingle && change.Difference.IsUp);

        if (up.Length > 0) return new Verdict(VerdictKind.Gain, $"gain: {Join(up, "rise")}{(sampledUp ? ", and so does pass@1" : "")}.{fallen}");
        if (sampledUp)
        {
            string still = string.Join(", ", others.Where(change => !change.Difference.IsDown).Select(change => change.Name));
            string text = others.Length == 0
                ? "sharpening or gain, not told apart: pass@1 rises, and nothing else was measured."
                : $"sharpening: only the sampled pass@1 rises{(still.Length > 0 ? $", not {still}" : "")}.{fallen}";
            return new Verdict(VerdictKind.Sharpening, text);
        }
        if (down.Length > 0) return new Verdict(VerdictKind.Loss, $"loss: {Join(down, "fall")}, nothing rises.");
        return new Verdict(VerdictKind.NoChange, $"no change that {comparison.Before.WithGold} problems could show.");
    }

    private static string Join(string[] names, string verb) =>
        names.Length == 1 ? $"{names[0]} {verb}s" : $"{string.Join(", ", names[..^1])} and {names[^1]} {verb}";
}
