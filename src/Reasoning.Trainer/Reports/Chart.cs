using System.Globalization;

namespace Reasoning.Trainer.Reports;

/// <summary>
/// What charts have in common. SVG is text, and this is all of it that we need; ScottPlot, which has more, draws with SkiaSharp, whose native
/// library wants fontconfig of a system that has nothing installed, and would be the third that the program brings along.
/// </summary>
internal static class Chart
{
    /// <summary>Round numbers that cover a range, or a millionth of what lies at its ends if it is less: at least two, about as many as wanted.</summary>
    public static double[] Ticks(double low, double high, int wanted)
    {
        double least = Math.Max(1e-12, 1e-6 * Math.Max(Math.Abs(low), Math.Abs(high))); // below it the ticks' numbers would not fit an int
        double raw = Math.Max(high - low, least) / wanted, power = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        double step = power * ((double[])[1, 2, 2.5, 5, 10]).First(factor => factor * power >= raw * 0.999);
        int first = (int)Math.Floor((low / step) + 1e-9), last = (int)Math.Ceiling((high / step) - 1e-9);
        return [.. Enumerable.Range(first, Math.Max(last - first, 1) + 1).Select(i => i * step)];
    }

    /// <summary>A number of an axis.</summary>
    public static string Label(double value, bool isShare = false) =>
        isShare ? (value * 100).ToString("0.#", CultureInfo.InvariantCulture)
        : Math.Abs(value) is >= 10_000 ? (value / 1000).ToString("0.#", CultureInfo.InvariantCulture) + "k"
        : value != 0 && Math.Abs(value) < 0.001 ? value.ToString("0.#e0", CultureInfo.InvariantCulture).Replace('-', '−')
        : value.ToString("0.####", CultureInfo.InvariantCulture).Replace('-', '−');

    /// <summary>One of a few marks that differ in shape, around the origin.</summary>
    public static Html Mark(int kind, string look) => (kind % 6) switch
    {
        0 => $"""<circle class="{look}" r="5"/>""",
        1 => $"""<path class="{look}" d="M-4.5-4.5h9v9h-9z"/>""",
        2 => $"""<path class="{look}" d="M0-5.8 5.5 4.2h-11z"/>""",
        3 => $"""<path class="{look}" d="M0-6 6 0 0 6-6 0z"/>""",
        4 => $"""<path class="{look}" d="M0 5.8 5.5-4.2h-11z"/>""",
        _ => $"""<path class="{look}" d="M-6-2h4v-4h4v4h4v4h-4v4h-4v-4h-4z"/>""",
    };
}
