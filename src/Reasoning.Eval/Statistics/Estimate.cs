namespace Reasoning.Eval.Statistics;

/// <summary>A mean over problems with its 95 % interval.</summary>
/// <param name="Value">Mean.</param>
/// <param name="Low">Lower end.</param>
/// <param name="High">Upper end.</param>
/// <param name="StandardError">Standard error of the mean over problems; NaN for a single problem.</param>
/// <param name="Problems">Number of problems.</param>
public sealed record Estimate(double Value, double Low, double High, double StandardError, int Problems)
{
    /// <summary>The larger of the two distances to the ends.</summary>
    public double HalfWidth => Math.Max(High - Value, Value - Low);
}
