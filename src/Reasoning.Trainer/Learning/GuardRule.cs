using System.Globalization;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Learning;

/// <summary>A rule that detects damage without labels.</summary>
/// <param name="Name">What messages call it.</param>
/// <param name="Reached">
/// How near a step is to the rule's limit: 0 at the value of the start, 1 or more where the rule holds; null where nothing was measured.
/// </param>
/// <param name="Words">What was seen, in one line.</param>
internal sealed record GuardRule(string Name, Func<GuardReading, double?> Reached, Func<GuardReading, string> Words)
{
    /// <summary>A step nearer to the limit than this part of the way does not count as good.</summary>
    public double Calm { get; init; } = 0.5;

    /// <summary>Whether to hold once is an alarm, whatever the recipe's patience: for what is measured with little noise, and not in every step.</summary>
    public bool IsSure { get; init; }

    /// <summary>Holds where a metric is at a limit or above it.</summary>
    public static GuardRule Above(string name, Metric metric, Func<Recipe, double> limit, string what) => new(
        name, reading => reading.Now(metric) / limit(reading.Recipe),
        reading => $"{what} is {Text(reading.Now(metric))}, at or above {Text(limit(reading.Recipe))}");

    /// <summary>Holds where a metric has gone up by a limit since the first step.</summary>
    public static GuardRule Risen(string name, Metric metric, Func<Recipe, double> limit, string what) => new(
        name, reading => (reading.Now(metric) - reading.First(metric)) / limit(reading.Recipe),
        reading => $"{what} went from {Text(reading.First(metric))} to {Text(reading.Now(metric))}, up by {Text(limit(reading.Recipe))} or more");

    /// <summary>Holds where a metric is a limit's multiple of what it was in the first step: at most, for limits below 1, else at least.</summary>
    public static GuardRule Times(string name, Metric metric, Func<Recipe, double> limit, string what) => new(
        name, reading => Ratio(reading.Now(metric) / reading.First(metric), limit(reading.Recipe)),
        reading => $"{what} went from {Text(reading.First(metric))} to {Text(reading.Now(metric))}, "
            + $"{Text(limit(reading.Recipe))} times the start or {(limit(reading.Recipe) < 1 ? "less" : "more")}");

    /// <summary>Holds where a metric has become a limit's multiple of what it was in the first step, or that part of it.</summary>
    public static GuardRule EitherWay(string name, Metric metric, Func<Recipe, double> limit, string what) => new(
        name, reading => Math.Abs(Ratio(reading.Now(metric) / reading.First(metric), limit(reading.Recipe)) ?? 0),
        reading => $"{what} went from {Text(reading.First(metric))} to {Text(reading.Now(metric))}, {Text(limit(reading.Recipe))} times as much or as little");

    /// <summary>How far a ratio has come on the way from 1 to a limit.</summary>
    public static double? Ratio(double? ratio, double limit) =>
        ratio is { } value && double.IsFinite(value) ? Math.Log(Math.Max(value, 1e-30)) / Math.Log(limit) : null;

    /// <summary>A number for messages.</summary>
    public static string Text(double? value) => value?.ToString("0.####", CultureInfo.InvariantCulture) ?? "unknown";
}

/// <summary>What the guard knows after a step.</summary>
/// <param name="Now">The step's measurements; null for what it has not measured.</param>
/// <param name="Start">Those of the first step that has each, by name; added to here.</param>
/// <param name="Recipe">Has the limits.</param>
internal sealed record GuardReading(Func<Metric, double?> Now, Dictionary<string, double> Start, Recipe Recipe)
{
    /// <summary>The metric in the first step that has it; this one, if none had it before.</summary>
    public double? First(Metric metric)
    {
        if (Now(metric) is { } now) Start.TryAdd(metric.Name, now);
        return Start.TryGetValue(metric.Name, out double value) ? value : null;
    }
}
