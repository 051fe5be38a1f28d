using Reasoning.Models.Devices;
using Reasoning.Models.Kernels;
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
            return LogitRows.Pick(logProbs, rows.Of(targets)).Plus(LogitRows.Entropy(logProbs)).sum();
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
                OutputHead.Backward([hidden.detach(), hidden.Times(1.1)], model.HeadWeight, rows =>
                {
                    Tensor logProbs = rows.LogProbs(1);
                    Tensor distance = (logProbs.exp() * (logProbs - rows.LogProbs(0))).sum(1);
                    return (distance.Plus(LogitRows.Entropy(logProbs)) - LogitRows.Pick(logProbs, rows.Of(targets))).sum();
                }, chunk: 8);
                optimizer.Step(1e-3, Optimizer.ClipScale(Floats.Numbers([optimizer.GradientNorm()])[0], 1));
            }

            counts.Add(Tensor.TotalCount);
        }

        Assert.All(counts.Skip(3), count => Assert.Equal(counts[3], count));
    }

    [Fact]
    public void The_gradient_of_an_embedding_adds_rows_and_needs_no_second_matrix()
    {
        using DisposeScope scope = NewDisposeScope();
        using var matrix = new TokenMatrix(400_000, 128);
        matrix.Weight.requires_grad = true;
        Backward([0, 1]);
        long before = Environment.WorkingSet, peak = 0;
        using (var watch = new Timer(_ => peak = Math.Max(peak, Environment.WorkingSet), null, 0, 2))
        {
            Backward([.. Enumerable.Range(0, 1000).Select(i => (long)(i * i % 300))]);
        }

        Assert.InRange(peak - before, long.MinValue, matrix.Weight.numel() * sizeof(float) / 4); // of 205 MB

        void Backward(long[] ids)
        {
            using DisposeScope pass = NewDisposeScope();
            matrix.Rows(tensor(ids)).sum().backward();
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void It_is_that_of_libtorch_to_the_bit(ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        using var matrix = new TokenMatrix(50, 7);
        matrix.to(type);
        Tensor twin = matrix.Weight.normal_().detach().clone().requires_grad_(true);
        matrix.Weight.requires_grad = true;
        foreach (long[] ids in (long[][])[[3, 7, 3, 0, 49, 3, 7], [7, 7, 1]]) // the second is added to the first
        {
            Tensor upstream = Twins.Normal(1, [ids.Length, 7], type, gradient: false);
            (matrix.Rows(tensor(ids)) * upstream).sum().backward();
            (twin.index_select(0, tensor(ids)) * upstream).sum().backward();
            Assert.Equal(Twins.Values(twin.grad!), Twins.Values(matrix.Weight.grad!));
        }
    }

    /// <summary>Else the activations of all layers would be there until the gradient of the first is known.</summary>
    [Theory]
    [InlineData("norm")]
    [InlineData("norm of a sum")]
    [InlineData("norm and rotation")]
    [InlineData("attention")]
    public void What_a_function_has_saved_is_free_once_its_gradient_is_known(string function)
    {
        const int Tokens = 10_240, Heads = 16, HeadDim = 64, Depth = 8;
        using DisposeScope scope = NewDisposeScope();
        long[] shape = function is "attention" or "norm and rotation" ? [Tokens, Heads, HeadDim] : [Tokens, Heads * HeadDim];
        Tensor leaf = ones(shape).requires_grad_(true), weight = ones(shape[^1]), cos = ones(Tokens, HeadDim / 2), sin = zeros(Tokens, HeadDim / 2);
        using var layout = new SequenceLayout([.. Enumerable.Range(0, (Tokens / 16) + 1).Select(i => i * 16)]);
        Tensor x = Watched.apply(leaf);
        for (int i = 0; i < Depth; i++)
        {
            using DisposeScope step = NewDisposeScope();
            using Tensor input = x;
            x = (function switch
            {
                "norm" => RmsNorm.Fused(x, weight, 1e-6),
                "norm of a sum" => ResidualNorm.Fused(x, x, weight, 1e-6).Normed,
                "norm and rotation" => NormedRotary.Fused(x, weight, 1e-6, cos, sin),
                _ => CausalAttention.Fused(x, x, x, layout),
            }).MoveToOuterDisposeScope();
        }

        Tensor sum = x.sum();
        x.Dispose();
        long before = Environment.WorkingSet, size = leaf.numel() * sizeof(float); // 42 MB: malloc gives that back at once
        sum.backward();
        // Eight times saved; a few gradients of the last function are there.
        Assert.InRange(Watched.WorkingSet - before, long.MinValue, -2 * size);
    }

    /// <summary>Notes the memory at the time when its gradient comes.</summary>
    private sealed class Watched : autograd.SingleTensorFunction<Watched>
    {
        public static long WorkingSet { get; private set; }

        public override string Name => nameof(Watched);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => ((Tensor)vars[0]).clone();

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            WorkingSet = Environment.WorkingSet;
            return [grad_output];
        }
    }
}
