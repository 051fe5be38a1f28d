using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Reasoning.Models.Gguf.Codecs;

/// <summary>
/// Step s and offset m of 32 values such that x ≈ s·q − m with levels q from 0 to 15, s ≥ 0 and m ≥ 0.
/// <code>
/// minimize Σ w (x − s q + m)²  over s, m and the levels
/// </code>
/// Given the levels it is a least-squares problem in two unknowns; given step and offset each level is the nearest. The two are
/// alternated from several starting steps, and the best pair met is the result.
/// </summary>
internal static class Q4KFit
{
    private const int Starts = 16;
    private const int Rounds = 2;
    private const int Lanes = 8;
    private const float Top = 15;

    /// <summary>The weight of each value: a large weight matters more to the output than a small one, and none is free.</summary>
    public static void Weigh(ReadOnlySpan<float> values, Span<float> weights)
    {
        float typical = MathF.Sqrt(TensorPrimitives.SumOfSquares(values) / values.Length);
        for (int i = 0; i < values.Length; i++) weights[i] = typical + Math.Abs(values[i]);
    }

    /// <summary>Least and largest value, zero included, since the offset cannot be negative.</summary>
    public static (float Least, float Most) Range(ReadOnlySpan<float> values)
        => (Math.Min(TensorPrimitives.Min(values), 0), Math.Max(TensorPrimitives.Max(values), 0));

    /// <summary>Levels spread evenly from the least to the largest value.</summary>
    public static (float Step, float Offset) Plain(ReadOnlySpan<float> values)
    {
        (float least, float most) = Range(values);
        return ((most - least) / Top, -least);
    }

    /// <summary>The pair with the least weighted error that the search meets.</summary>
    public static (float Step, float Offset) Fit(ReadOnlySpan<float> values, ReadOnlySpan<float> weights)
    {
        (float plainStep, float plainOffset) = Plain(values);
        if (plainStep == 0 || float.IsInfinity(1 / plainStep)) return (plainStep, plainOffset);
        (float bestStep, float bestOffset, float best) = (plainStep, plainOffset, Error(values, weights, plainStep, plainOffset));
        for (int start = 0; start < Starts; start++)
        {
            // From a range stretched by a tenth to one that clips a fifth: large values clipped buy finer steps for all others.
            (float step, float offset) = (plainStep * (1.1f - (0.02f * start)), plainOffset * (1.1f - (0.02f * start)));
            for (int round = 0; round < Rounds; round++)
            {
                (step, offset) = Solve(values, weights, step, offset);
                if (step <= 0) break;
                float error = Error(values, weights, step, offset);
                if (error < best) (bestStep, bestOffset, best) = (step, offset, error);
            }
        }

        return (bestStep, bestOffset);
    }

    /// <summary>Σ w (x − s q + m)² with the nearest levels.</summary>
    public static float Error(ReadOnlySpan<float> values, ReadOnlySpan<float> weights, float step, float offset)
    {
        Vector256<float> scale = Vector256.Create(step), shift = Vector256.Create(offset), sum = Vector256<float>.Zero;
        Vector256<float> inverse = Vector256.Create(step > 0 ? 1 / step : 0);
        for (int i = 0; i < values.Length; i += Lanes)
        {
            Vector256<float> shifted = Load(values, i) + shift;
            Vector256<float> off = shifted - (scale * Level(shifted * inverse));
            sum += Load(weights, i) * off * off;
        }

        return Vector256.Sum(sum);
    }

    // Levels from the given pair, then the pair that fits these levels best.
    private static (float Step, float Offset) Solve(ReadOnlySpan<float> values, ReadOnlySpan<float> weights, float step, float offset)
    {
        Vector256<float> inverse = Vector256.Create(1 / step), shift = Vector256.Create(offset);
        Vector256<float> sw = Vector256<float>.Zero, sq = sw, sqq = sw, sx = sw, sxq = sw;
        for (int i = 0; i < values.Length; i += Lanes)
        {
            Vector256<float> x = Load(values, i), w = Load(weights, i);
            Vector256<float> q = Level((x + shift) * inverse), wq = w * q;
            sw += w;
            sq += wq;
            sqq += wq * q;
            sx += w * x;
            sxq += wq * x;
        }

        (double w1, double wq1, double wqq, double wx, double wxq) = (
            Vector256.Sum(sw), Vector256.Sum(sq), Vector256.Sum(sqq), Vector256.Sum(sx), Vector256.Sum(sxq));
        double determinant = (w1 * wqq) - (wq1 * wq1);
        if (determinant > 0)
        {
            double s = ((w1 * wxq) - (wq1 * wx)) / determinant, m = ((wq1 * wxq) - (wqq * wx)) / determinant;
            if (m >= 0) return ((float)s, (float)m);
        }

        return wqq > 0 ? ((float)(wxq / wqq), 0) : (0, 0);
    }

    private static Vector256<float> Level(Vector256<float> steps)
        => Vector256.Min(Vector256.Max(Vector256.Round(steps), Vector256<float>.Zero), Vector256.Create(Top));

    private static Vector256<float> Load(ReadOnlySpan<float> values, int at)
        => Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(values), (nuint)at);
}
