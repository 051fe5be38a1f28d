using System.Runtime.Intrinsics;

namespace Reasoning.Models.Kernels;

/// <content>Double precision serves gradient checks: plain loops, same order of k, vectorized over columns.</content>
internal static unsafe partial class Gemm
{
    internal static void Run(bool transA, bool transB, int m, int n, int k, double* a, int lda, double* b, int ldb, double* c, int ldc, bool accumulate)
        => Workers.For(m, i =>
        {
            double* row = c + (long)i * ldc;
            if (!accumulate)
                new Span<double>(row, n).Clear();
            for (int p = 0; p < k; p++)
            {
                double x = transA ? a[(long)p * lda + i] : a[(long)i * lda + p];
                int j = 0;
                if (!transB)
                {
                    double* line = b + (long)p * ldb;
                    Vector256<double> broadcast = Vector256.Create(x);
                    for (; j + Vector256<double>.Count <= n; j += Vector256<double>.Count)
                        Vector256.FusedMultiplyAdd(broadcast, Vector256.Load(line + j), Vector256.Load(row + j)).Store(row + j);
                }

                for (; j < n; j++)
                    row[j] = Math.FusedMultiplyAdd(x, transB ? b[(long)j * ldb + p] : b[(long)p * ldb + j], row[j]);
            }
        });

    internal static void Batched(bool transA, bool transB, int batch, int m, int n, int k,
        double* a, int lda, long strideA, double* b, int ldb, long strideB, double* c, int ldc, long strideC, bool accumulate)
        => Workers.For(batch, i => Run(transA, transB, m, n, k, a + i * strideA, lda, b + i * strideB, ldb, c + i * strideC, ldc, accumulate));
}
