using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>Σ w H over rows with its gradients, chunk by chunk: one product for the logits, one for each gradient.</summary>
internal sealed unsafe class EntropyLossFunction : autograd.MultiTensorFunction<EntropyLossFunction>
{
    public override string Name => nameof(OutputHead);

    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = ((Tensor)vars[0]).contiguous(), weight = ((Tensor)vars[1]).contiguous(), counts = ((Tensor)vars[2]).contiguous();
        float inverse = (float)(1 / (double)vars[3]);
        bool learns = (bool)vars[5];
        Tensor entropy = empty(hidden.shape[0]);
        Tensor? dHidden = learns && ((Tensor)vars[0]).requires_grad ? empty_like(hidden) : null;
        Tensor? dWeight = learns && ((Tensor)vars[1]).requires_grad ? zeros_like(weight) : null;
        HeadChunks.ForEach(hidden.shape[0], (int)vars[4], (first, count) =>
        {
            Tensor rows = hidden.narrow(0, first, count);
            Tensor dz = HeadChunks.Logits(rows, weight); // logits first, then their gradient, in place: [chunk, vocab]
            ScoreRows(dz, inverse, first, counts, entropy, learns);
            dHidden?.narrow(0, first, count).copy_(dz.mm(weight));
            if (dWeight is not null) Product.Add(dWeight, dz, rows);
        });

        dHidden?.MoveToOuterDisposeScope();
        dWeight?.MoveToOuterDisposeScope();
        ((EntropyOutcome)vars[6]).Entropy = scope.MoveToOuter(entropy);
        ctx.set_materialize_grads(false);
        ctx.save_data("gradients", new ReadyGradients([dHidden, dWeight, null, null, null, null, null]));
        return [(entropy * counts).sum().MoveToOuterDisposeScope()];
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs) =>
        ((ReadyGradients)ctx.get_data("gradients")).Take(grad_outputs[0]);

    private static void ScoreRows(Tensor logits, float inverse, int first, Tensor counts, Tensor entropy, bool learns)
    {
        int vocab = (int)logits.shape[1];
        float* z = Raw.Floats(logits), h = Raw.Floats(entropy), w = Raw.Floats(counts);
        Raw.ForRows((int)logits.shape[0], vocab, (begin, end, _) =>
        {
            for (int row = begin; row < end; row++)
            {
                float* line = z + ((nint)row * vocab);
                (float logSum, h[first + row]) = OutputHeadFunction.Measure(line, inverse, vocab);
                if (learns) OutputHeadFunction.Differentiate(line, inverse, logSum, h[first + row], 0, w[first + row], vocab);
            }
        });
        GC.KeepAlive(logits);
        GC.KeepAlive(counts);
    }
}

/// <summary>Carries the entropies out of the autograd function, whose output has a gradient.</summary>
internal sealed class EntropyOutcome
{
    internal Tensor? Entropy { get; set; }
}
