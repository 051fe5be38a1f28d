using Reasoning.Eval.Statistics;

namespace Reasoning.Eval.Tests;

public sealed class SeedSpreadTests
{
    /// <summary>Student, "The probable error of a mean" (1908): ten differences of hours of sleep; t of 9 degrees of freedom is 2.262157.</summary>
    [Fact]
    public void The_interval_is_that_of_students_own_example()
    {
        SeedSpread spread = SeedSpread.Of([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]);
        Assert.Equal(1.58, spread.Mean, 1e-12);
        Assert.Equal((0.0, 4.6, 10), (spread.Min, spread.Max, spread.Seeds));
        Assert.Equal(1.229995, spread.Deviation, 1e-6);
        Assert.Equal(0.00283, spread.PValue, 1e-5);
        Assert.Equal(1.58 - (2.262157 * 1.229995 / Math.Sqrt(10)), spread.Low, 1e-5);
        Assert.Equal(1.58 + (2.262157 * 1.229995 / Math.Sqrt(10)), spread.High, 1e-5);
    }

    [Fact]
    public void One_run_has_no_interval_and_equal_runs_have_an_empty_one()
    {
        Assert.Equal(new SeedSpread(0.3, double.NaN, double.NaN, double.NaN, 0.3, 0.3, 1), SeedSpread.Of([0.3]));
        Assert.Equal(new SeedSpread(0.3, 0, 0.3, 0.3, 0.3, 0.3, 3), SeedSpread.Of([0.3, 0.3, 0.3]));
        Assert.Throws<ArgumentException>(() => SeedSpread.Of([]));
        Assert.Equal((double.NaN, 0, 1), (SeedSpread.Of([0.3]).PValue, SeedSpread.Of([0.3, 0.3, 0.3]).PValue, SeedSpread.Of([0, 0]).PValue));
    }
}
