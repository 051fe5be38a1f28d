using Reasoning.Bench.Harness;
using Reasoning.Models.Kernels;
using static TorchSharp.torch;

namespace Reasoning.Bench.Benches;

/// <summary>The product of generation, x·Wᵀ with a packed weight, beside libtorch's, whose bits depend on the number of rows.</summary>
internal static class ProductBench
{
    public const string Title = "matrix product with a packed weight, float32, GFLOP/s";

    public static unsafe void Run(Report report, BenchOptions options)
    {
        report.Columns("shape (rows × outputs × inputs)", "ours", "libtorch", "ours / libtorch");
        foreach ((string name, int m, int n, int k) in ((string, int, int, int)[])
            [("starter, 64 rows", 64, 1024, 192), ("25M, 64 rows", 64, 2816, 512), ("0.5B, 16 rows", 16, 9728, 896), ("0.5B, 1 row", 1, 9728, 896)])
        {
            if (!options.Wants(name)) continue;
            using var tensors = new BenchTensors();
            Tensor x = tensors.Constant(1, m, k), w = tensors.Constant(1, n, k), y = tensors.Constant(1, m, n);
            using TorchSharp.DisposeScope scope = NewDisposeScope();
            var packed = new PackedLinear(false, w);
            float* from = TensorMemory.Floats(x), to = TensorMemory.Floats(y);
            void Ours() => packed.Apply(m, from, k, to);
            void Theirs() => nn.functional.linear(x, w).Dispose();
            Contest.WarmUp(Ours);
            Contest.WarmUp(Theirs);
            int repeats = (int)Math.Clamp(0.03 / Contest.Time(Ours), 1, 2000);
            double Repeat(Action run) => Contest.Time(() =>
            {
                for (int i = 0; i < repeats; i++) run();
            }) / repeats;
            double[][] seconds = Contest.Run(options.Rounds, [new("ours", () => Repeat(Ours)), new("libtorch", () => Repeat(Theirs))]);
            Cell Speed(double[] times) => Stats.Number(2.0 * m * n * k / Stats.Median(times) / 1e9, "0");
            report.Row($"{name} ({m} × {n} × {k})", Speed(seconds[0]), Speed(seconds[1]), Stats.Ratio(seconds[0], seconds[1]));
        }
    }
}
