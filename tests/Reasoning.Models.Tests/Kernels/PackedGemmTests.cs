using System.Runtime.InteropServices;
using Reasoning.Models.Kernels;
using TorchSharp;

namespace Reasoning.Models.Tests.Kernels;

/// <summary>Products with a weight that was packed before: the bits of the plain product, in float32 and with a weight rounded to bfloat16.</summary>
[Collection("Thread count")]
public sealed unsafe class PackedGemmTests
{
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 1, 1, 1 }, { 1, 64, 192 }, { 3, 5, 7 }, { 13, 33, 17 }, { 64, 96, 192 }, { 47, 100, 600 }, { 16, 31, 1200 }, { 5, 2000, 64 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_packed_weight_gives_the_bits_of_the_plain_product(int m, int n, int k)
    {
        float[] x = GemmTests.Values(m * k, 1), w = GemmTests.Values(n * k, 2);
        Assert.Equal(Plain(m, n, k, x, w), Packed(m, n, k, x, w, bfloat16: false));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_bfloat16_weight_gives_the_bits_of_the_product_with_the_rounded_weight(int m, int n, int k)
    {
        float[] x = GemmTests.Values(m * k, 3), w = GemmTests.Values(n * k, 4);
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
    public void Thread_count_does_not_change_a_bit()
    {
        const int M = 20, N = 500, K = 700;
        float[] x = GemmTests.Values(M * K, 5), w = GemmTests.Values(N * K, 6);
        int threads = Workers.Count;
        try
        {
            Workers.Count = 1;
            float[] one = Packed(M, N, K, x, w, bfloat16: false);
            Workers.Count = 3;
            Assert.Equal(one, Packed(M, N, K, x, w, bfloat16: false));
        }
        finally
        {
            Workers.Count = threads;
        }
    }

    private static float[] Plain(int m, int n, int k, float[] x, float[] w)
    {
        float[] c = new float[m * n];
        fixed (float* px = x, pw = w, pc = c)
            Gemm.Run(false, true, m, n, k, px, k, pw, k, pc, n, false);
        return c;
    }

    private static float[] Packed(int m, int n, int k, float[] x, float[] w, bool bfloat16)
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
}
