using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reasoning.Bench.Harness;

/// <summary>
/// What this machine's multiply-add units can do at all: independent fused multiply-adds on registers, no memory touched, on as many
/// threads at once as the products may use.
/// </summary>
internal static class FmaPeak
{
    private const int Steps = 2_000_000;

    /// <summary>float32 operations per second, a multiply-add counted as two.</summary>
    public static double Measure(int threads)
    {
        using var ready = new Barrier(threads);
        double[] rates = new double[threads];
        Thread[] workers =
        [
            .. Enumerable.Range(0, threads).Select(i => new Thread(() =>
            {
                ready.SignalAndWait();
                long start = Stopwatch.GetTimestamp();
                double operations = Loop(Steps);
                rates[i] = operations / Stopwatch.GetElapsedTime(start).TotalSeconds;
            })),
        ];
        foreach (Thread worker in workers) worker.Start();
        foreach (Thread worker in workers) worker.Join();
        return rates.Sum();
    }

    private static double Loop(int steps) => Vector512.IsHardwareAccelerated ? Wide(steps) : Narrow(steps);

    // Twelve chains: latency (4) times units (2) with room to spare. The sum is used so that nothing is optimized away.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static double Wide(int steps)
    {
        Vector512<float> x = Vector512.Create(0.999f), y = Vector512.Create(0.001f);
        Vector512<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (int step = 0; step < steps; step++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y);
            b = Vector512.FusedMultiplyAdd(b, x, y);
            c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y);
            e = Vector512.FusedMultiplyAdd(e, x, y);
            f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y);
            h = Vector512.FusedMultiplyAdd(h, x, y);
            i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y);
            k = Vector512.FusedMultiplyAdd(k, x, y);
            l = Vector512.FusedMultiplyAdd(l, x, y);
        }

        float sum = Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
        return float.IsNaN(sum) ? 0 : steps * 12.0 * 16 * 2;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static double Narrow(int steps)
    {
        Vector256<float> x = Vector256.Create(0.999f), y = Vector256.Create(0.001f);
        Vector256<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (int step = 0; step < steps; step++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, y);
            b = Vector256.FusedMultiplyAdd(b, x, y);
            c = Vector256.FusedMultiplyAdd(c, x, y);
            d = Vector256.FusedMultiplyAdd(d, x, y);
            e = Vector256.FusedMultiplyAdd(e, x, y);
            f = Vector256.FusedMultiplyAdd(f, x, y);
            g = Vector256.FusedMultiplyAdd(g, x, y);
            h = Vector256.FusedMultiplyAdd(h, x, y);
            i = Vector256.FusedMultiplyAdd(i, x, y);
            j = Vector256.FusedMultiplyAdd(j, x, y);
            k = Vector256.FusedMultiplyAdd(k, x, y);
            l = Vector256.FusedMultiplyAdd(l, x, y);
        }

        float sum = Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
        return float.IsNaN(sum) ? 0 : steps * 12.0 * 8 * 2;
    }
}
