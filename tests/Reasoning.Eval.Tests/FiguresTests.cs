using Reasoning.Eval.Results;

namespace Reasoning.Eval.Tests;

public sealed class FiguresTests
{
    [Theory]
    [InlineData(0.0025, "0.3", "+0.3")]
    [InlineData(-0.0025, "-0.3", "-0.3")]
    [InlineData(-0.0004, "0.0", "0.0")]
    [InlineData(1, "100.0", "+100.0")]
    [InlineData(double.NaN, "", "")]
    public void Shares_are_rounded_in_decimal_away_from_zero(double share, string percent, string signed)
    {
        Assert.Equal(percent, Figures.Percent(share));
        Assert.Equal(signed, Figures.Signed(share));
    }

    [Theory]
    [InlineData(0.00099, "<0.001")]
    [InlineData(0.0311, "0.031")]
    [InlineData(double.NaN, "")]
    public void A_p_value_has_three_decimals(double value, string text) => Assert.Equal(text, Figures.PValue(value));
}
