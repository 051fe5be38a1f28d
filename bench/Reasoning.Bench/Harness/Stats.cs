using System.Globalization;
using MathNet.Numerics.Statistics;

namespace Reasoning.Bench.Harness;

/// <summary>Medians and ratios, and how they are written.</summary>
internal static class Stats
{
    public static double Median(IEnumerable<double> values) => values.Median();

    /// <summary>Round by round, how many times as long the second side took as the first.</summary>
    public static double[] Ratios(double[] ours, double[] theirs) => [.. ours.Zip(theirs, (a, b) => b / a)];

    /// <summary>Median with the smallest and the largest: <c>2.13× (2.01–2.20)</c>.</summary>
    public static Cell Ratio(double[] ratios) => new(
        string.Create(CultureInfo.InvariantCulture, $"{Median(ratios):0.00}× ({ratios.Min():0.00}–{ratios.Max():0.00})"), Median(ratios));

    /// <summary>The same of two sides.</summary>
    public static Cell Ratio(double[] ours, double[] theirs) => Ratio(Ratios(ours, theirs));

    /// <summary>The median duration, in the unit that suits it.</summary>
    public static Cell Time(double[] seconds) => Time(Median(seconds));

    /// <summary>A duration in the unit that suits it.</summary>
    public static Cell Time(double seconds) => new(
        seconds switch
        {
            >= 1 => Text(seconds, "0.00", "s"),
            >= 1e-3 => Text(seconds * 1e3, "0.00", "ms"),
            _ => Text(seconds * 1e6, "0.0", "µs"),
        },
        seconds);

    /// <summary>An amount of memory in MB of 10⁶ bytes.</summary>
    public static Cell Megabytes(double bytes) => new(Text(bytes / 1e6, "#,0", "MB"), bytes);

    public static Cell Number(double value, string format, string unit = "") => new(Text(value, format, unit), value);

    private static string Text(double value, string format, string unit) =>
        value.ToString(format, CultureInfo.InvariantCulture) + (unit.Length > 0 ? " " + unit : "");
}
