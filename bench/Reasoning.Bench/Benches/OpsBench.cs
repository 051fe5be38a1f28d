using System.Text.Json.Nodes;
using Reasoning.Bench.Harness;
using Reasoning.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Reasoning.Bench.Benches;

/// <summary>The parts of a training step between the matrix products: our fused functions, their composite twins, and PyTorch's operations.</summary>
internal static class OpsBench
{
    public const string Title = "parts of a training step, forward and backward, float32, 4,096 tokens";

    private const int Tokens = 4096;
    private const int Length = 256;

    public static void Run(Report report, BenchOptions options)
    {
        report.Columns("operation", "ours, fused", "ours, composite twin", "twin / fused", "PyTorch, tuned", "PyTorch / fused");
        foreach ((string form, int width, int inner, int heads, int kvHeads, int headDim, int vocabulary) in
            ((string, int, int, int, int, int, int)[])[("starter", 192, 512, 6, 2, 32, 640), ("25M", 512, 1408, 8, 8, 64, 4096)])
        {
            using var inputs = new Inputs();
            int[] offsets = [.. Enumerable.Range(0, (Tokens / Length) + 1).Select(i => i * Length)];
            Tensor x = inputs.Add(Tokens, width), scale = inputs.Add(width);
            Measure("rmsnorm", Shape(("rows", Tokens), ("width", width)), inputs, () => RmsNorm.Fused(x, scale, 1e-6), () => RmsNorm.Composite(x, scale, 1e-6));

            Tensor gate = inputs.Add(Tokens, inner), up = inputs.Add(Tokens, inner);
            Measure("swiglu", Shape(("rows", Tokens), ("width", inner)), inputs, () => SwiGlu.Fused(gate, up), () => SwiGlu.Composite(gate, up));

            Tensor q = inputs.Add(Tokens, heads, headDim), k = inputs.Add(Tokens, kvHeads, headDim), v = inputs.Add(Tokens, kvHeads, headDim);
            Tensor cos = inputs.Constant(Tokens, headDim / 2), sin = inputs.Constant(Tokens, headDim / 2);
            Measure(
                "rotary", Shape(("batch", Tokens / Length), ("length", Length), ("heads", heads), ("head_dim", headDim)), inputs,
                () => Rotary.Fused(q, cos, sin), () => Rotary.Composite(q, cos, sin));
            Tensor headScale = inputs.Add(headDim);
            Measure(
                "normed_rotary", Shape(("batch", Tokens / Length), ("length", Length), ("heads", heads), ("head_dim", headDim)), inputs,
                () => NormedRotary.Fused(q, headScale, 1e-6, cos, sin), () => NormedRotary.Composite(q, headScale, 1e-6, cos, sin));
            Measure(
                "attention",
                Shape(("batch", Tokens / Length), ("length", Length), ("heads", heads), ("kv_heads", kvHeads), ("head_dim", headDim)), inputs,
                () => CausalAttention.Fused(q, k, v, offsets), () => CausalAttention.Composite(q, k, v, offsets));

            Tensor weight = inputs.Add(vocabulary, width);
            Tensor targets = inputs.Ids(Tokens, vocabulary);
            Measure(
                "head", Shape(("rows", Tokens), ("width", width), ("vocab", vocabulary)), inputs,
                () => OutputHead.Fused(x, weight, targets).LogProb, () => OutputHead.Composite(x, weight, targets).LogProb);

            void Measure(string op, JsonObject shape, Inputs all, Func<Tensor> fused, Func<Tensor> composite) =>
                OpsBench.Measure(report, options, op, form, shape, all.Differentiated(fused), all.Differentiated(composite));
        }

        foreach ((string form, int matrices, int elements) in ((string, int, int)[])[("starter", 50, 60_000), ("25M", 50, 500_000)])
        {
            using var inputs = new Inputs();
            Parameter[] parameters = [.. Enumerable.Range(0, matrices).Select(_ => inputs.Parameter(elements))];
            using OptimizerHelper optimizer = optim.AdamW(parameters, 1e-5, weight_decay: 0);
            Measure(report, options, "adamw", form, Shape(("parameters", matrices * elements), ("tensors", matrices)), () => Step(optimizer), null);
        }

        report.Note("a fused function is forward and backward written by hand; its composite twin is made of plain tensor operations");

        static void Step(OptimizerHelper optimizer)
        {
            using DisposeScope scope = NewDisposeScope();
            optimizer.step();
        }
    }

    private static JsonObject Shape(params (string Key, int Value)[] sizes)
    {
        var shape = new JsonObject();
        foreach ((string key, int value) in sizes) shape[key] = value;
        return shape;
    }

    private static void Measure(Report report, BenchOptions options, string op, string form, JsonObject shape, Action fused, Action? composite)
    {
        if (!options.Wants($"{op}, {form}")) return;
        Contest.WarmUp(fused);
        int repeats = (int)Math.Clamp(0.03 / Contest.Time(fused), 1, 100);
        string sizes = string.Join(", ", shape.Select(pair => $"{pair.Key} {pair.Value}"));
        shape["op"] = op;
        shape["threads"] = options.Threads;
        shape["device"] = "cpu";
        shape["repeat"] = repeats;
        using Peer? peer = Peer.Start(options, "torch_ops.py", shape, report);
        List<Contestant> sides = [new("fused", () => Repeat(fused))];
        if (composite is not null)
        {
            Contest.WarmUp(composite);
            sides.Add(new Contestant("composite", () => Repeat(composite)));
        }

        if (peer is not null)
        {
            sides.Add(peer.AsContestant());
            // The rest is the operation's own name.
            report.Note($"{peer.Name}, tuned: {peer.Note[..peer.Note.LastIndexOf(';')]}");
        }

        double[][] seconds = Contest.Run(options.Rounds, sides);
        double[]? twin = composite is null ? null : seconds[1], theirs = peer is null ? null : seconds[^1];
        report.Row(
            $"{op}, {form} ({sizes})", Stats.Time(Stats.Median(seconds[0])),
            twin is null ? "–" : Stats.Time(Stats.Median(twin)),
            twin is null ? "–" : Stats.Ratio(Stats.Ratios(seconds[0], twin)),
            theirs is null ? "–" : Stats.Time(Stats.Median(theirs)),
            theirs is null ? "–" : Stats.Ratio(Stats.Ratios(seconds[0], theirs)));

        double Repeat(Action run) => Contest.Time(() =>
        {
            for (int i = 0; i < repeats; i++) run();
        }) / repeats;
    }

    /// <summary>Tensors of one benchmark, and steps through functions of them.</summary>
    private sealed class Inputs : IDisposable
    {
        private readonly List<Tensor> _all = [];
        private readonly List<Tensor> _learning = [];
        private readonly Random _random = new(1);

        public Tensor Add(params long[] shape)
        {
            Tensor input = Constant(shape);
            input.requires_grad = true;
            _learning.Add(input);
            return input;
        }

        public Tensor Constant(params long[] shape)
        {
            float[] values = [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => _random.NextSingle() - 0.5f)];
            return Keep(tensor(values, shape));
        }

        public Tensor Ids(int count, int below) => Keep(tensor([.. Enumerable.Range(0, count).Select(_ => (long)_random.Next(below))]));

        public Parameter Parameter(int elements)
        {
            var parameter = new Parameter(Constant(elements));
            parameter.grad = Constant(elements);
            return parameter;
        }

        /// <summary>Forward and backward from a constant gradient.</summary>
        public Action Differentiated(Func<Tensor> function)
        {
            long[] shape;
            using (NewDisposeScope()) shape = function().shape;
            Tensor gradient = Constant(shape);
            return () =>
            {
                foreach (Tensor input in _learning) input.grad = null;
                using DisposeScope scope = NewDisposeScope();
                autograd.backward(function(), gradient);
            };
        }

        public void Dispose()
        {
            foreach (Tensor tensor in _all) tensor.Dispose();
        }

        private Tensor Keep(Tensor tensor)
        {
            _all.Add(tensor);
            return tensor;
        }
    }
}
