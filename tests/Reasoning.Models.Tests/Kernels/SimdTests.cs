using System.Runtime.Intrinsics;
using Reasoning.Models.Kernels;
using Reasoning.Models.Random;

namespace Reasoning.Models.Tests.Kernels;

public sealed unsafe class SimdTests
{
    [Fact]
    public void Exp_is_accurate_to_two_units_in_the_last_place()
    {
        double worst = 0;
        for (float x = -80; x < 88; x += 0.0137f)
        {
            double exact = Math.Exp(x);
            worst = Math.Max(worst, Math.Abs((Simd.Exp(Vector256.Create(x))[3] - exact) / exact));
        }

        Assert.InRange(worst, 0, 2.4e-7);
    }

    [Fact]
    public void Exp_of_extremes_stays_in_range_and_nan_stays_nan()
    {
        Assert.Equal(1, Simd.Exp(Vector256.Create(0f))[0]);
        Assert.Equal(0, Simd.Exp(Vector256.Create(-80.1f))[0]);
        Assert.Equal(0, Simd.Exp(Vector256.Create(float.NegativeInfinity))[0]);
        Assert.InRange(Simd.Exp(Vector256.Create(1e9f))[0], 1e38f, float.MaxValue);
        Assert.True(float.IsNaN(Simd.Exp(Vector256.Create(float.NaN))[0]));
    }

    [Theory]
    [InlineData(8, 16, 1)]
    [InlineData(16, 32, 7)]
    [InlineData(32, 48, 33)]
    [InlineData(24, 80, 64)]
    public void Tile_product_equals_the_plain_triple_loop(int m, int n, int k)
    {
        var stream = new KeyedStream(5, (ulong)(m * n * k));
        float[] a = Draw(ref stream, m * k), b = Draw(ref stream, k * n), start = Draw(ref stream, m * n), c = [.. start];
        float[] transposed = new float[m * k], panels = new float[k * n];
        for (int i = 0; i < m; i++)
        {
            for (int step = 0; step < k; step++)
                transposed[(step * m) + i] = a[(i * k) + step];
        }

        for (int step = 0; step < k; step++)
        {
            for (int j = 0; j < n; j++)
                panels[(j / 16 * 16 * k) + (step * 16) + (j % 16)] = b[(step * n) + j];
        }

        float[] packed = new float[m * n];
        fixed (float* pa = a, pt = transposed, pb = b, pp = panels, pc = c, pk = packed)
        {
            TileProduct.Run(m, n, k, pa, k, 1, pb, n, 16, pc, n, add: true);
            TileProduct.Run(m, n, k, pt, 1, m, pp, 16, 16 * k, pk, n, add: false);
        }

        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                double sum = 0;
                for (int step = 0; step < k; step++)
                    sum += (double)a[(i * k) + step] * b[(step * n) + j];
                Assert.Equal(sum, packed[(i * n) + j], 1e-4);
                Assert.Equal(sum + start[(i * n) + j], c[(i * n) + j], 1e-4);
            }
        }
    }

    private static float[] Draw(ref KeyedStream stream, int count)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = (float)stream.NextGaussian();
        return values;
    }
}
