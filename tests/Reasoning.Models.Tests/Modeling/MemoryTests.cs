using Reasoning.Models.Devices;
using Reasoning.Models.Modeling;
using Reasoning.Models.Tests.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Modeling;

[Collection(MeasuresMemory.Name)]
public sealed class MemoryTests
{
    [Fact]
    public void Logits_of_all_rows_never_exist()
    {
        const int Rows = 4096, Vocab = 20_000, Width = 8, Chunk = 64;
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = Twins.Normal(1, [Rows, Width]), weight = Twins.Normal(2, [Vocab, Width]), targets = OutputHeadTests.Targets(Rows, Vocab);
        // What libtorch loads and sets up at its first use is not what is measured.
        Backward(hidden.narrow(0, 0, Chunk));
        GC.Collect();
        long before = Environment.WorkingSet, peak = 0;
        using (var watch = new Timer(_ => peak = Math.Max(peak, Environment.WorkingSet), null, 0, 5))
        {
            Backward(hidden);
        }

        void Backward(Tensor states) => OutputHead.Backward([states], weight, rows =>
        {
            Tensor logProbs = rows.LogProbs();
            return (LogitRows.Pick(logProbs, rows.Of(targets)) + LogitRows.Entropy(logProbs)).sum();
        }, chunk: Chunk);

        long full = (long)Rows * Vocab * sizeof(float); // 328 MB
        Assert.InRange(peak - before, long.MinValue, full / 4);
    }

    [Fact]
    public void Live_tensors_are_flat_from_the_third_step_on()
    {
        using CausalLM model = Shapes.Model("qwen3");
        using var optimizer = Optimizer.AdamW(model.Select(TrainableSet.All), 0.9, 0.999, _ => 0);
        var counts = new List<long>();

        // What other tests have dropped goes now, not in the middle of the count.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        for (int step = 0; step < 10; step++)
        {
            using (DisposeScope scope = NewDisposeScope())
            {
                var batch = new PackedSequences([Shapes.Ids(20, (ulong)step), Shapes.Ids(11, (ulong)step + 50)]);
                Tensor targets = tensor(Array.ConvertAll(batch.Ids, id => (long)id));
                Tensor hidden = model.Hidden(batch);
                optimizer.ZeroGrad();
                OutputHead.Backward([hidden.detach(), hidden * 1.1], model.HeadWeight, rows =>
                {
                    Tensor logProbs = rows.LogProbs(1);
                    Tensor distance = (logProbs.exp() * (logProbs - rows.LogProbs(0))).sum(1);
                    return (distance + LogitRows.Entropy(logProbs) - LogitRows.Pick(logProbs, rows.Of(targets))).sum();
                }, chunk: 8);
                optimizer.Step(1e-3, Optimizer.ClipScale(Floats.Numbers([optimizer.GradientNorm()])[0], 1));
            }

            counts.Add(Tensor.TotalCount);
        }

        Assert.All(counts.Skip(3), count => Assert.Equal(counts[3], count));
    }
}
