using MathNet.Numerics.LinearAlgebra;

namespace Reasoning.Eval.Statistics;

/// <summary>
/// In how many directions hidden states point: rows of a matrix, here centred and divided by their lengths. They fall together as a model
/// collapses.
/// </summary>
/// <param name="NuclearNorm">Sum of the singular values of that matrix.</param>
/// <param name="NuclearNormL12">
/// Its approximation by the lengths of columns (Matrix Nuclear-Norm, arXiv:2410.10672): the sum of as many of the largest as there are singular values.
/// </param>
/// <param name="SpectralEntropy">
/// Entropy in nats of the squared singular values as shares of their sum: e to this power is the number of directions that are in use.
/// </param>
public sealed record HiddenSpread(double NuclearNorm, double NuclearNormL12, double SpectralEntropy)
{
    /// <summary>Measures hidden states.</summary>
    /// <param name="states">[rows · width], a row after the other.</param>
    /// <param name="width">Values of a row.</param>
    /// <returns>Zeros where all rows are the same.</returns>
    public static HiddenSpread Of(IReadOnlyList<float> states, int width)
    {
        ArgumentNullException.ThrowIfNull(states);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (states.Count == 0 || states.Count % width != 0) throw new ArgumentException($"{states.Count} values are no rows of {width}", nameof(states));
        var rows = Matrix<double>.Build.Dense(states.Count / width, width, (row, column) => states[(row * width) + column]);
        Vector<double> mean = rows.ColumnSums() / rows.RowCount;
        foreach (int i in Enumerable.Range(0, rows.RowCount))
        {
            Vector<double> centred = rows.Row(i) - mean;
            double length = centred.L2Norm();
            rows.SetRow(i, length > 0 ? centred / length : centred);
        }

        // The eigenvalues of the smaller product are the squares of the singular values.
        Matrix<double> product = rows.RowCount < width ? rows.TransposeAndMultiply(rows) : rows.TransposeThisAndMultiply(rows);
        double[] squares = [.. product.Evd(Symmetricity.Symmetric).EigenValues.Select(value => Math.Max(value.Real, 0))];
        double all = squares.Sum();
        return new HiddenSpread(
            squares.Sum(Math.Sqrt),
            rows.ColumnNorms(2).OrderDescending().Take(squares.Length).Sum(),
            all == 0 ? 0 : -squares.Where(square => square > 0).Sum(square => square / all * Math.Log(square / all)));
    }
}
