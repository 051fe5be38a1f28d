using System.Globalization;

namespace Reasoning.Eval.Results;

/// <summary>How shares, differences and p-values are written, wherever they stand.</summary>
public static class Figures
{
    /// <summary>A share in percent with one decimal; nothing for none.</summary>
    public static string Percent(double share) => Tenths(share, "0.0");

    /// <summary>A difference of shares in points with one decimal and its sign, but for 0.0; nothing for none.</summary>
    public static string Signed(double difference) => Tenths(difference, "+0.0;-0.0;0.0");

    /// <summary>A p-value in three decimals; nothing for none.</summary>
    public static string PValue(double value) =>
        double.IsNaN(value) ? "" : value < 0.001 ? "<0.001" : value.ToString("0.000", CultureInfo.InvariantCulture);

    // Away from zero in decimal, so that 0.25 % does not depend on its binary neighbour.
    private static string Tenths(double share, string format) => !double.IsFinite(share)
        ? ""
        : Math.Round((decimal)share * 100, 1, MidpointRounding.AwayFromZero).ToString(format, CultureInfo.InvariantCulture);
}
