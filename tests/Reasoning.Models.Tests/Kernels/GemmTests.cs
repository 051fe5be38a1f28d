using System.Runtime.InteropServices;
using Reasoning.Models.Devices;
using Reasoning.Models.Kernels;
using TorchSharp;

namespace Reasoning.Models.Tests.Kernels;

/// <summary>Products with a packed weight against a scalar chain of fused multiply-adds: equal to the last bit, at every edge.</summary>
[Collection("Thread count")]
public sealed unsafe class GemmTests
{
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 1, 1, 1 }, { 1, 64, 192 }, { 3, 5, 7 }, { 13, 33, 17 }, { 64, 96, 192 }, { 47, 100, 600 }, { 16, 31, 1200 }, { 5, 2000, 64 }, { 130, 70, 1030 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_element_is_one_chain_of_fused_multiply_adds_in_the_order_of_k(int m, int n, int k)
    {
        float[] x = Values(m * k, 1), w = Values(n * k, 2);
        Assert.Equal(Plain(m, n, k, x, w), Packed(m, n, k, x, w));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_bfloat16_weight_gives_the_bits_of_the_product_with_the_rounded_weight(int m, int n, int k)
    {
        float[] x = Values(m * k, 3), w = Values(n * k, 4);
        float[] rounded = Array.ConvertAll(w, value => (float)(BFloat16)value);
        Assert.NotEqual(w, rounded);
        Assert.Equal(Plain(m, n, k, x, rounded), Packed(m, n, k, x, w, bfloat16: true));
    }

    [Fact]
    public void Values_that_are_not_finite_stay_what_they_are_in_bfloat16()
    {
        float[] w = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, BitConverter.UInt32BitsToSingle(0x7F800001)];
        float[] product = Packed(1, w.Length, 1, [1], w, bfloat16: true);
        Assert.True(float.IsNaN(product[0]));
        Assert.True(float.IsPositiveInfinity(product[1]));
        Assert.True(float.IsNegativeInfinity(product[2]));
        Assert.True(float.IsPositiveInfinity(product[3]));
        Assert.True(float.IsNaN(product[4]));
    }

    [Fact]
    public void A_row_does_not_depend_on_the_other_rows_of_its_batch()
    {
        const int Rows = 97, Columns = 75, Inner = 192;
        float[] x = Values(Rows * Inner, 4), w = Values(Columns * Inner, 5), all = Packed(Rows, Columns, Inner, x, w);
        for (int row = 0; row < Rows; row++)
            Assert.Equal(all[(row * Columns)..((row + 1) * Columns)], Packed(1, Columns, Inner, x[(row * Inner)..((row + 1) * Inner)], w));
    }

    [Fact]
    public void Thread_count_does_not_change_a_bit()
    {
        const int M = 20, N = 500, K = 700;
        float[] x = Values(M * K, 5), w = Values(N * K, 6);
        int threads = Workers.Count;
        try
        {
            Workers.Count = 1;
            float[] one = Packed(M, N, K, x, w);
            Workers.Count = 3;
            Assert.Equal(one, Packed(M, N, K, x, w));
        }
        finally
        {
            Workers.Count = threads;
        }
    }

    [Fact]
    public void A_failing_loop_body_reaches_the_caller_and_the_pool_lives_on()
    {
        Assert.Throws<InvalidOperationException>(() => Workers.For(64, i =>
        {
            if (i == 17)
                throw new InvalidOperationException();
        }));
        int sum = 0;
        Workers.For(100, i => Interlocked.Add(ref sum, i));
        Assert.Equal(4950, sum);
    }

    private static float[] Plain(int m, int n, int k, float[] x, float[] w)
    {
        float[] c = new float[m * n];
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                float sum = 0;
                for (int p = 0; p < k; p++)
                    sum = MathF.FusedMultiplyAdd(x[(i * k) + p], w[(j * k) + p], sum);
                c[(i * n) + j] = sum;
            }
        }

        return c;
    }

    private static float[] Packed(int m, int n, int k, float[] x, float[] w, bool bfloat16 = false)
    {
        float[] c = new float[m * n];
        void* packed = NativeMemory.AlignedAlloc((nuint)Gemm.PackedBytes(n, k, bfloat16), 64);
        fixed (float* px = x, pw = w, pc = c)
        {
            Gemm.Pack(n, k, pw, k, packed, bfloat16);
            Gemm.RunPacked(m, n, k, px, k, packed, bfloat16, pc, n);
        }

        NativeMemory.AlignedFree(packed);
        return c;
    }

    private static float[] Values(int count, int seed)
    {
        var random = new System.Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
