using System.Runtime.InteropServices;
using Reasoning.Models.Kernels;

namespace Reasoning.Models.Tests.Kernels;

/// <summary>The matrix product against a scalar chain of fused multiply-adds: equal to the last bit, in every form and at every edge.</summary>
[Collection("Thread count")]
public sealed unsafe class GemmTests
{
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 1, 1, 1 }, { 3, 5, 7 }, { 13, 33, 17 }, { 48, 64, 192 }, { 47, 100, 600 }, { 100, 31, 513 },
        { 12, 32, 8 }, { 5, 2000, 64 }, { 1, 192, 192 }, { 130, 70, 1030 }, { 1000, 40, 20 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_element_is_one_chain_of_fused_multiply_adds_in_the_order_of_k(int m, int n, int k)
    {
        foreach (bool transA in new[] { false, true })
        {
            foreach (bool transB in new[] { false, true })
            {
                foreach (bool accumulate in new[] { false, true })
                {
                    int lda = (transA ? m : k) + 3, ldb = (transB ? k : n) + 1, ldc = n + 2;
                    float[] a = Values((transA ? k : m) * lda, 1), b = Values((transB ? n : k) * ldb, 2), c = Values(m * ldc, 3);
                    float[] expected = (float[])c.Clone();
                    for (int i = 0; i < m; i++)
                    {
                        for (int j = 0; j < n; j++)
                        {
                            float sum = accumulate ? expected[i * ldc + j] : 0;
                            for (int p = 0; p < k; p++)
                                sum = MathF.FusedMultiplyAdd(transA ? a[p * lda + i] : a[i * lda + p], transB ? b[j * ldb + p] : b[p * ldb + j], sum);
                            expected[i * ldc + j] = sum;
                        }
                    }

                    fixed (float* pa = a, pb = b, pc = c)
                        Gemm.Run(transA, transB, m, n, k, pa, lda, pb, ldb, pc, ldc, accumulate);
                    Assert.True(expected.AsSpan().SequenceEqual(c), $"{m}×{n}×{k} transA={transA} transB={transB} accumulate={accumulate}");
                }
            }
        }
    }

    [Fact]
    public void A_row_does_not_depend_on_the_other_rows_of_its_batch()
    {
        const int Rows = 97, Columns = 75, Inner = 192;
        float[] x = Values(Rows * Inner, 4), w = Values(Columns * Inner, 5), all = new float[Rows * Columns], one = new float[Columns];
        fixed (float* px = x, pw = w, pAll = all, pOne = one)
        {
            Gemm.Run(false, true, Rows, Columns, Inner, px, Inner, pw, Inner, pAll, Columns, false);
            for (int row = 0; row < Rows; row++)
            {
                Gemm.Run(false, true, 1, Columns, Inner, px + row * Inner, Inner, pw, Inner, pOne, Columns, false);
                Assert.True(all.AsSpan(row * Columns, Columns).SequenceEqual(one));
            }
        }
    }

    [Fact]
    public void Thread_count_does_not_change_a_bit()
    {
        const int M = 700, N = 130, K = 600;
        float[] a = Values(M * K, 6), b = Values(N * K, 7);
        int threads = Workers.Count;
        try
        {
            float[][] results = [.. new[] { 1, 2, 5 }.Select(count =>
            {
                Workers.Count = count;
                var c = new float[M * N];
                fixed (float* pa = a, pb = b, pc = c)
                    Gemm.Run(false, true, M, N, K, pa, K, pb, K, pc, N, false);
                return c;
            })];
            Assert.True(results[0].AsSpan().SequenceEqual(results[1]));
            Assert.True(results[0].AsSpan().SequenceEqual(results[2]));
        }
        finally
        {
            Workers.Count = threads;
        }
    }

    [Fact]
    public void Nothing_to_sum_gives_zero_or_leaves_the_sum_alone()
    {
        float[] c = [1, 2, 3, 4];
        fixed (float* pc = c)
        {
            Gemm.Run(false, false, 2, 2, 0, null, 1, null, 2, pc, 2, true);
            Assert.Equal([1, 2, 3, 4], c);
            Gemm.Run(false, false, 2, 2, 0, null, 1, null, 2, pc, 2, false);
            Assert.Equal([0, 0, 0, 0], c);
        }
    }

    [Fact]
    public void Double_precision_agrees_with_the_plain_sum()
    {
        const int M = 9, N = 11, K = 13;
        double[] a = [.. Values(M * K, 8).Select(v => (double)v)], b = [.. Values(K * N, 9).Select(v => (double)v)], c = new double[M * N];
        foreach (bool transA in new[] { false, true })
        {
            foreach (bool transB in new[] { false, true })
            {
                fixed (double* pa = a, pb = b, pc = c)
                    Gemm.Run(transA, transB, M, N, K, pa, transA ? M : K, pb, transB ? K : N, pc, N, false);
                for (int i = 0; i < M; i++)
                {
                    for (int j = 0; j < N; j++)
                    {
                        double sum = Enumerable.Range(0, K).Sum(p => (transA ? a[p * M + i] : a[i * K + p]) * (transB ? b[j * K + p] : b[p * N + j]));
                        Assert.Equal(sum, c[i * N + j], 12);
                    }
                }
            }
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

    internal static float[] Values(int count, int seed)
    {
        var random = new Random(seed);
        var values = new float[count];
        foreach (ref float value in MemoryMarshal.CreateSpan(ref values[0], count))
            value = random.NextSingle() - 0.5f;
        return values;
    }
}
