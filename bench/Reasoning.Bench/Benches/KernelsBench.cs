using Reasoning.Bench.Harness;
using Reasoning.Models.Config;
using Reasoning.Models.Kernels;
using Reasoning.Models.Modeling;
using static TorchSharp.torch;

namespace Reasoning.Bench.Benches;

/// <summary>Each function written by hand beside its twin of libtorch's operations, and the training step as a whole without it.</summary>
internal static class KernelsBench
{
    public const string Title = "functions written by hand: alone beside libtorch's operations, and a training step without them";

    private const int Length = 256;

    public static void Run(Report report, BenchOptions options)
    {
        report.Columns("function", "ours", "libtorch's operations", "libtorch / ours", "step with all", "step without it", "without / with");
        Measure("starter", BenchModels.StarterConfig, 16);
        Measure("25M", BenchModels.Medium, 16);
        Measure("0.5B", BenchModels.QwenHalfBillion, 4);
        report.Note(
            "alone: forward and backward; step: forward and backward of the whole model with the loss, 16 (0.5B: 4) sequences of 256 tokens, "
            + "without the optimizer, which is the same on both sides; a function earns its place at 1.10 on one model");

        void Measure(string name, ModelConfig config, int sequences)
        {
            if (!options.Wants(name)) return;
            Alone(report, options, name, config, sequences);
            using CausalLM model = CausalLM.Create(config, seed: 1);
            using var step = new TrainingStep(model, sequences, Length);
            CpuKernels[] all = [CpuKernels.Norms, CpuKernels.Rotary, CpuKernels.Attention, CpuKernels.All];
            Contest.WarmUp(() => step.Run(optimizes: false));
            double[][] seconds = Contest.Run(options.Rounds, [
                .. all.Select(without => new Contestant($"without {without}", () =>
                    Contest.Time(() => step.Run(CpuKernels.All & ~without, optimizes: false)))),
                new("with all", () => Contest.Time(() => step.Run(optimizes: false))),
            ]);
            for (int i = 0; i < all.Length; i++)
                report.Row($"{name}: {all[i]}, whole step", "", "", "", Stats.Time(seconds[^1]), Stats.Time(seconds[i]), Stats.Ratio(seconds[^1], seconds[i]));
        }
    }

    private static void Alone(Report report, BenchOptions options, string name, ModelConfig config, int sequences)
    {
        using var inputs = new BenchTensors();
        int tokens = sequences * Length, width = config.HiddenSize;
        using var layout = new SequenceLayout([.. Enumerable.Range(0, sequences + 1).Select(i => i * Length)]);
        Tensor x = inputs.Add(1, tokens, width), delta = inputs.Add(1, tokens, width), scale = inputs.Add(1, width);
        Tensor q = inputs.Add(1, tokens, config.Heads, config.HeadDim), k = inputs.Add(1, tokens, config.KeyValueHeads, config.HeadDim);
        Tensor v = inputs.Add(1, tokens, config.KeyValueHeads, config.HeadDim), headScale = inputs.Add(1, config.HeadDim);
        Tensor cos = inputs.Constant(1, tokens, config.HeadDim / 2), sin = inputs.Constant(1, tokens, config.HeadDim / 2);
        Row("norm", () => RmsNorm.Fused(x, scale, 1e-6), () => RmsNorm.Composite(x, scale, 1e-6));
        Row("norm of a sum", () => ResidualNorm.Fused(x, delta, scale, 1e-6).Normed, () => ResidualNorm.Composite(x, delta, scale, 1e-6).Normed);
        Row("rotation", () => Rotary.Fused(q, cos, sin), () => Rotary.Composite(q, cos, sin));
        Row("norm and rotation of heads", () => NormedRotary.Fused(q, headScale, 1e-6, cos, sin), () => NormedRotary.Composite(q, headScale, 1e-6, cos, sin));
        Row("attention", () => CausalAttention.Fused(q, k, v, layout), () => CausalAttention.Composite(q, k, v, layout));

        void Row(string function, Func<Tensor> ours, Func<Tensor> theirs)
        {
            Action fused = inputs.Differentiated(ours), composite = inputs.Differentiated(theirs);
            Contest.WarmUp(fused);
            Contest.WarmUp(composite);
            int repeats = (int)Math.Clamp(0.03 / Contest.Time(fused), 1, 100);
            double Repeat(Action run) => Contest.Time(() =>
            {
                for (int i = 0; i < repeats; i++) run();
            }) / repeats;
            double[][] seconds = Contest.Run(options.Rounds, [new("ours", () => Repeat(fused)), new("libtorch", () => Repeat(composite))]);
            report.Row($"{name}: {function}", Stats.Time(seconds[0]), Stats.Time(seconds[1]), Stats.Ratio(seconds[0], seconds[1]), "", "", "");
        }
    }
}
