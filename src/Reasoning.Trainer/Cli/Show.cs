using System.Globalization;
using Reasoning.Eval.Results;

namespace Reasoning.Trainer.Cli;

/// <summary>Numbers and durations for people.</summary>
internal static class Show
{
    /// <summary>Columns of the labels that begin the lines of a header.</summary>
    public const int LabelWidth = 10;

    public static string Percent(double share) => Figures.Percent(share) + " %";

    public static string Whole(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>Three significant digits.</summary>
    public static string Number(double value) =>
        value.ToString("G3", CultureInfo.InvariantCulture).Replace("E-0", "e-", StringComparison.Ordinal).Replace('E', 'e');

    public static string Fixed(double value, int digits) =>
        value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>1:05 or 1:02:03.</summary>
    public static string Time(double seconds)
    {
        var time = TimeSpan.FromSeconds(Math.Ceiling(seconds));
        return time.ToString(time.TotalHours >= 1 ? @"h\:mm\:ss" : @"m\:ss", CultureInfo.InvariantCulture);
    }

    /// <summary>12,345 · 3.1 M</summary>
    public static string Count(double value) => value < 1e6 ? Whole(value) : (value / 1e6).ToString("0.0 M", CultureInfo.InvariantCulture);

    /// <summary>A bar of a share between 0 and 1.</summary>
    public static string Bar(double share, int width = 20)
    {
        int full = (int)Math.Round(Math.Clamp(share, 0, 1) * width);
        return "[" + new string('#', full) + new string('.', width - full) + "]";
    }

    /// <summary>The first few names, and how many more there are.</summary>
    public static string Names(IReadOnlyCollection<string> names, int most) =>
        string.Join(", ", names.Take(most)) + (names.Count > most ? $" and {names.Count - most} more" : "");
}
