using MathNet.Numerics.Distributions;

namespace Reasoning.Eval.Statistics;

/// <summary>
/// A quantity over runs that differ in their seed alone. The run is the unit: problems and answers within one share its luck, so the interval
/// comes from the spread of the runs and speaks about new seeds on the same problems.
/// </summary>
/// <param name="Mean">Mean over runs.</param>
/// <param name="Deviation">Standard deviation with n − 1; NaN for one run.</param>
/// <param name="Low">Mean − t s / √n with n − 1 degrees of freedom, the lower end of the 95 % interval; NaN for one run.</param>
/// <param name="High">The upper end.</param>
/// <param name="Min">Smallest.</param>
/// <param name="Max">Largest.</param>
/// <param name="Seeds">Number of runs.</param>
public sealed record SeedSpread(double Mean, double Deviation, double Low, double High, double Min, double Max, int Seeds)
{
    /// <summary>Student's t test of "the mean is zero", both sides; NaN for one run, 1 where every run is zero.</summary>
    public double PValue => Seeds == 1 ? double.NaN : Mean == 0 ? 1 : 2 * StudentT.CDF(0, 1, Seeds - 1, -Math.Abs(Mean) * Math.Sqrt(Seeds) / Deviation);

    /// <summary>The spread of some values, one for each run.</summary>
    /// <exception cref="ArgumentException">No values.</exception>
    public static SeedSpread Of(IReadOnlyList<double> values)
    {
        (double mean, double error) = Intervals.MeanAndError(values);
        int n = values.Count;
        if (n == 1) return new SeedSpread(mean, double.NaN, double.NaN, double.NaN, mean, mean, 1);
        (double low, double high) = Intervals.StudentEnds(mean, error, n);
        return new SeedSpread(mean, error * Math.Sqrt(n), low, high, values.Min(), values.Max(), n);
    }
}
