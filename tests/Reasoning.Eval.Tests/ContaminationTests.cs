using Reasoning.Eval.Statistics;

namespace Reasoning.Eval.Tests;

public sealed class ContaminationTests
{
    [Fact]
    public void Min_K_is_the_mean_of_the_most_surprising_tokens()
    {
        double[] logProbs = [-1, -9, -2, -7, -3, -4, -5, -0.5, -6, -8];
        Assert.Equal(-8.5, Contamination.MinK(logProbs), 12);
        Assert.Equal(-9, Contamination.MinK(logProbs, 0.01), 12); // one at least
        Assert.Equal(logProbs.Average(), Contamination.MinK(logProbs, 1), 12);
        Assert.True(double.IsNaN(Contamination.MinK([])));
    }

    [Fact]
    public void Dc_pdd_weighs_sure_tokens_by_their_rarity_once_each_and_cuts_them_off()
    {
        // Vocabulary of 4, 6 tokens counted: shares 4/10, 3/10, 2/10, 1/10 with one added to each.
        long[] reference = [3, 2, 1, 0];
        double small = 0.002;
        double expected = ((small * -Math.Log(0.1)) + Contamination.DcPddCap + (small * -Math.Log(0.4))) / 3;
        Assert.Equal(expected, Contamination.DcPdd([3, 1, 3, 0], [Math.Log(small), Math.Log(0.9), Math.Log(0.9), Math.Log(small)], reference), 12);
        Assert.True(double.IsNaN(Contamination.DcPdd([], [], reference)));
        Assert.Throws<ArgumentException>(() => Contamination.DcPdd([1], [], reference));
    }

    [Theory]
    [InlineData(3, 5)]
    [InlineData(5, 3)]
    public void The_spread_of_hidden_states_is_that_of_the_singular_values(int rows, int width)
    {
        var random = new Random(1);
        float[] states = [.. Enumerable.Range(0, rows * width).Select(_ => (float)random.NextDouble())];
        // The oracle goes by the singular value decomposition of the matrix itself.
        var matrix = MathNet.Numerics.LinearAlgebra.Matrix<double>.Build.Dense(rows, width, (row, column) => states[(row * width) + column]);
        double[] mean = [.. Enumerable.Range(0, width).Select(column => matrix.Column(column).Average())];
        for (int row = 0; row < rows; row++)
        {
            double[] centred = [.. matrix.Row(row).Zip(mean, (value, one) => value - one)];
            double length = Math.Sqrt(centred.Sum(value => value * value));
            matrix.SetRow(row, [.. centred.Select(value => value / length)]);
        }

        double[] singular = [.. matrix.Svd().S];
        double[] shares = [.. singular.Select(value => value * value / singular.Sum(one => one * one)).Where(share => share > 1e-14)];
        HiddenSpread spread = HiddenSpread.Of(states, width);
        Assert.Equal(singular.Sum(), spread.NuclearNorm, 6);
        Assert.Equal(-shares.Sum(share => share * Math.Log(share)), spread.SpectralEntropy, 6);
        Assert.InRange(spread.NuclearNorm, 0, matrix.ColumnNorms(2).Sum() + 1e-9); // of all columns it is an upper bound
        Assert.Equal(matrix.ColumnNorms(2).OrderDescending().Take(3).Sum(), spread.NuclearNormL12, 9);
    }

    [Fact]
    public void Orthogonal_states_use_all_directions_and_equal_ones_none()
    {
        // Two rows and their opposites: centred already, two directions of equal weight.
        HiddenSpread two = HiddenSpread.Of([1, 0, 0, 1, -1, 0, 0, -1], 2);
        Assert.Equal(Math.Log(2), two.SpectralEntropy, 9);
        Assert.Equal(2 * Math.Sqrt(2), two.NuclearNorm, 9);
        Assert.Equal(two.NuclearNorm, two.NuclearNormL12, 9);
        Assert.Equal(new HiddenSpread(0, 0, 0), HiddenSpread.Of([1, 2, 1, 2], 2));
        Assert.Throws<ArgumentException>(() => HiddenSpread.Of([1, 2, 3], 2));
    }
}
