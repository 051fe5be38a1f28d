using Reasoning.Bench.Harness;
using Reasoning.Models.Modeling;

namespace Reasoning.Bench.Benches;

/// <summary>A training step as the program does it, and in libtorch's own operations, on the same model in the same process.</summary>
internal static class TrainBench
{
    public const string Title = "training step (forward, backward, AdamW) over 4,096 tokens";

    private const int Sequences = 16;
    private const int Length = 256;

    /// <summary>Steps over which the pauses of the garbage collector are counted.</summary>
    private const int PauseSteps = 10;

    public static void Run(Report report, BenchOptions options)
    {
        report.Columns(
            "model", "ours", "tokens/s", "libtorch eager", "libtorch / ours", "managed memory of a step", "share of the time in collections",
            "first loss, ours", "libtorch");
        Measure("starter (2.9 M)", () => CausalLM.Load(BenchModels.Starter));
        Measure("25 M", () => CausalLM.Create(BenchModels.Medium, seed: 1));
        report.Note(
            $"{Sequences} sequences of {Length} tokens, float32, all parameters learn; libtorch eager: the same model in libtorch's own operations "
            + "(composites, scaled_dot_product_attention, the logits of all rows at once) with TorchSharp's AdamW");

        void Measure(string name, Func<CausalLM> make)
        {
            if (!options.Wants(name)) return;
            using CausalLM model = make();
            using var step = new TrainingStep(model, Sequences, Length);
            (double first, double eager) = (step.Run(optimizes: false), step.RunEager());
            if (Math.Abs(first - eager) > 1e-3) throw new InvalidOperationException($"the sides do not compute the same: loss {first} and {eager}");
            Contest.WarmUp(() => step.Run());
            double[][] seconds = Contest.Run(
                options.Rounds, [new("ours", () => Contest.Time(() => step.Run())), new("libtorch", () => Contest.Time(() => step.RunEager()))]);
            long before = GC.GetTotalAllocatedBytes(precise: true);
            step.Run();
            long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
            TimeSpan pauses = GC.GetTotalPauseDuration();
            double whole = Contest.Time(() =>
            {
                for (int i = 0; i < PauseSteps; i++) step.Run();
            });
            report.Row(
                name, Stats.Time(seconds[0]), Stats.Number(Sequences * Length / Stats.Median(seconds[0]), "#,0"), Stats.Time(seconds[1]),
                Stats.Ratio(seconds[0], seconds[1]), Stats.Megabytes(allocated),
                Stats.Number(100 * (GC.GetTotalPauseDuration() - pauses).TotalSeconds / whole, "0.00", "%"), Stats.Number(first, "0.0000"),
                Stats.Number(eager, "0.0000"));
        }
    }
}
