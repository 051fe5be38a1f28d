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
    public static string Ratio(double[] ratios) =>
        string.Create(CultureInfo.InvariantCulture, $"{Median(ratios):0.00}× ({ratios.Min():0.00}–{ratios.Max():0.00})");

    /// <summary>A duration in the unit that suits it.</summary>
    public static string Time(double seconds) => seconds switch
    {
        >= 1 => Number(seconds, "0.00", "s"),
        >= 1e-3 => Number(seconds * 1e3, "0.00", "ms"),
        _ => Number(seconds * 1e6, "0.0", "µs"),
    };

    /// <summary>An amount of memory in MB of 10⁶ bytes.</summary>
    public static string Megabytes(double bytes) => Number(bytes / 1e6, "#,0", "MB");

    public static string Number(double value, string format, string unit) =>
        value.ToString(format, CultureInfo.InvariantCulture) + (unit.Length > 0 ? " " + unit : "");
}
