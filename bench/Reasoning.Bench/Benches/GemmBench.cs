using System.Diagnostics;
using Reasoning.Bench.Harness;
using Reasoning.Models.Kernels;

namespace Reasoning.Bench.Benches;

/// <summary>float32 matrix products: squares, and the shapes that training and decoding have.</summary>
internal static unsafe class GemmBench
{
    public const string Title = "matrix product, float32, GFLOP/s";

    /// <summary>A run repeats a product until it has taken about this long.</summary>
    private const double RunSeconds = 0.05;

    private static readonly Shape[] s_shapes =
    [
        new("square 256", false, false, 256, 256, 256),
        new("square 512", false, false, 512, 512, 512),
        new("square 1024", false, false, 1024, 1024, 1024),
        new("square 2048", false, false, 2048, 2048, 2048),
        new("square 1024, A·Bᵀ", false, true, 1024, 1024, 1024),
        new("square 1024, Aᵀ·B", true, false, 1024, 1024, 1024),
        new("starter: x·Wᵀ, gate", false, true, 4096, 512, 192),
        new("starter: dy·W", false, false, 4096, 192, 512),
        new("starter: dyᵀ·x", true, false, 512, 192, 4096),
        new("starter: head of 512 rows", false, true, 512, 640, 192),
        new("25M: x·Wᵀ, gate", false, true, 4096, 1408, 512),
        new("25M: dy·W", false, false, 4096, 512, 1408),
        new("25M: dyᵀ·x", true, false, 1408, 512, 4096),
        new("25M: x·Wᵀ, query", false, true, 4096, 512, 512),
        new("0.5B: x·Wᵀ, gate, 2,048 rows", false, true, 2048, 4864, 896),
        new("0.5B: head of 216 rows", false, true, 216, 151_936, 896),
        new("decode, starter, 64 rows, packed", false, true, 64, 512, 192, IsPacked: true),
        new("decode, 25M, 64 rows, packed", false, true, 64, 1408, 512, IsPacked: true),
        new("decode, 0.5B, 16 rows, packed", false, true, 16, 4864, 896, IsPacked: true),
        new("decode, 0.5B, 1 row, packed", false, true, 1, 4864, 896, IsPacked: true),
        new("decode, 0.5B, 16 rows", false, true, 16, 4864, 896),
    ];

    public static void Run(Report report, BenchOptions options)
    {
        using OpenBlas? blas = options.Alone ? null : OpenBlas.Load(options.Threads, report);
        using OpenBlas? pinned = blas is null ? null : OpenBlas.LoadPinned(options.Threads, report);
        report.Columns(
        [
            "shape (m × n × k)", "ours", "OpenBLAS", "ours / OpenBLAS",
            .. pinned is null ? (string[])[] : [$"OpenBLAS pinned to {pinned.Kernels}", "ours / pinned"], "peak", "ours / peak",
        ]);
        foreach (Shape shape in s_shapes.Where(shape => options.Wants(shape.Name))) Measure(shape, blas, pinned, report, options);
        report.Note("peak: independent multiply-adds on registers, on all threads at once, measured in the same rounds");
        report.Note("a Bᵀ or Aᵀ is read in place on both sides; 'packed' is the product of generation, whose weight is packed once for all tokens");
    }

    private static void Measure(Shape shape, OpenBlas? blas, OpenBlas? pinned, Report report, BenchOptions options)
    {
        (int m, int n, int k) = (shape.M, shape.N, shape.K);
        float* a = Filled((long)m * k, 1), b = Filled((long)n * k, 2), c = Filled((long)m * n, 3), packed = null;
        int lda = shape.TransA ? m : k, ldb = shape.TransB ? k : n;
        if (shape.IsPacked)
        {
            packed = (float*)LargeMemory.Allocate((nuint)Gemm.PackedBytes(n, k, bfloat16: false));
            Gemm.Pack(n, k, b, ldb, packed, bfloat16: false);
        }

        void Ours()
        {
            if (shape.IsPacked) Gemm.RunPacked(m, n, k, a, lda, packed, bfloat16: false, c, n);
            else Gemm.Run(shape.TransA, shape.TransB, m, n, k, a, lda, b, ldb, c, n, false);
        }

        void Theirs(OpenBlas library) => library.Multiply(shape.TransA, shape.TransB, m, n, k, a, lda, b, ldb, c, n);

        double work = 2.0 * m * n * k;
        int repeats = Repeats(Ours);
        var sides = new List<Contestant>
        {
            new("ours", () => Repeat(Ours, repeats)), new("peak", () => work / FmaPeak.Measure(options.Threads)),
        };
        if (blas is not null) sides.Add(new Contestant("OpenBLAS", () => Repeat(() => Theirs(blas), repeats)));
        if (pinned is not null) sides.Add(new Contestant("pinned", () => Repeat(() => Theirs(pinned), repeats)));
        double[][] seconds = Contest.Run(options.Rounds, sides);
        report.Row(
        [
            $"{shape.Name} ({m} × {n} × {k})",
            Rate(seconds[0]),
            .. Beside(blas is null ? null : seconds[2]),
            .. pinned is null ? (string[])[] : Beside(seconds[3]),
            Rate(seconds[1]),
            Stats.Number(100 * Stats.Median(Stats.Ratios(seconds[0], seconds[1])), "0", "%"),
        ]);
        foreach (nint block in (nint[])[(nint)a, (nint)b, (nint)c, (nint)packed]) LargeMemory.Free((void*)block);

        string Rate(double[] times) => Stats.Number(work / Stats.Median(times) / 1e9, "0", "");
        string[] Beside(double[]? theirs) => theirs is null ? ["–", "–"] : [Rate(theirs), Stats.Ratio(Stats.Ratios(seconds[0], theirs))];
    }

    private static int Repeats(Action run)
    {
        Contest.WarmUp(run);
        return Math.Max(1, (int)(RunSeconds / Contest.Time(run)));
    }

    private static double Repeat(Action run, int repeats)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < repeats; i++) run();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / repeats;
    }

    private static float* Filled(long count, int seed)
    {
        float* values = (float*)LargeMemory.Allocate((nuint)(count * sizeof(float)));
        uint state = (uint)seed * 2654435761u;
        for (long i = 0; i < count; i++)
        {
            state = (state * 1664525u) + 1013904223u;
            values[i] = (state >> 8) * (1f / (1 << 24)) - 0.5f;
        }

        return values;
    }

    private sealed record Shape(string Name, bool TransA, bool TransB, int M, int N, int K, bool IsPacked = false);
}
