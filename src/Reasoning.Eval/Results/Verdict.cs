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

        string[] several = [.. comparison.Changes.Where(change => change.IsOfSeveral && change.IsUp && !IsExplained(change)).Select(change => change.Name)];
        string[] single = [.. comparison.Changes.Where(change => (!change.IsOfSeveral || IsExplained(change)) && change.IsUp).Select(change => change.Name)];
        string[] down = [.. comparison.Changes.Where(change => change.IsDown).Select(change => change.Name)];
        string fallen = down.Length == 0 ? "" : $" {Join(down, "fall")}.";
        string vote = comparison.GreedyOverVote is { } over ? $"the base's {over.Before.Name}" : "";
        if (comparison.GreedyOverVote is { IsUp: true })
        {
            string too = several.Length == 0 ? "" : $", and {Join(several, "rise")}";
            return new Verdict(VerdictKind.Gain, $"gain: greedy is above {vote}{too}.{fallen}");
        }

        if (several.Length > 0)
            return new Verdict(VerdictKind.Gain, $"gain: {Join(several, "rise")}{(single.Length > 0 ? $", and so {(single.Length > 1 ? "do" : "does")} {string.Join(" and ", single)}" : "")}.{fallen}");
        if (single.Length > 0)
        {
            string[] still = [.. comparison.Changes.Where(change => change.IsOfSeveral && !change.IsDown && !change.IsUp).Select(change => change.Name)];
            string why = still.Length > 0 ? $"not {string.Join(", ", still)}" : "nothing else was measured";
            string most = vote.Length > 0 && single.Contains("greedy") ? $", and greedy not above {vote}" : "";
            return new Verdict(VerdictKind.Sharpening, $"sharpening: {Join(single, "rise")}, {why}{most}.{Matched()}{fallen}");
        }

        if (down.Length > 0) return new Verdict(VerdictKind.Loss, $"loss: {Join(down, "fall")}, nothing rises.");
        return new Verdict(VerdictKind.NoChange, $"no change that {comparison.Before.WithGold} problems could show.");

        // What a temperature alone does as well is no gain.
        bool IsExplained(MetricChange change) => comparison.OverMatched.FirstOrDefault(other => other.Name == change.Name) is { IsUp: false };

        string Matched()
        {
            if (comparison.Matched is not { } matched) return "";
            string[] more = [.. comparison.OverMatched.Where(change => change.IsUp && single.Contains(change.Name)).Select(change => change.Name)];
            string start = FormattableString.Invariant($"the base at temperature {matched.Settings.Temperature}, which is as certain");
            string[] alike = [.. single.Where(name => name != "greedy").Except(more)];
            return Place(more, "above") + Place(alike, "not above");

            string Place(string[] names, string where) =>
                names.Length == 0 ? "" : $" {string.Join(" and ", names)} {(names.Length == 1 ? "is" : "are")} {where} {start}.";
        }
    }

    private static string Join(string[] names, string verb) =>
        names.Length == 1 ? $"{names[0]} {verb}s" : $"{string.Join(", ", names[..^1])} and {names[^1]} {verb}";
}
