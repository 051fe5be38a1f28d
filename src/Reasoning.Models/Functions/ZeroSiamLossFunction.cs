using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>
/// Σ w (H + α D) over rows with its gradients, chunk by chunk: one product for the logits of both branches, one for each gradient of the
/// online branch.
/// </summary>
internal sealed unsafe class ZeroSiamLossFunction : autograd.MultiTensorFunction<ZeroSiamLossFunction>
{
    public override string Name => nameof(ZeroSiamHead);

    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = ((Tensor)vars[0]).contiguous(), predictor = ((Tensor)vars[1]).contiguous();
        Tensor weight = ((Tensor)vars[2]).contiguous(), counts = ((Tensor)vars[3]).contiguous();
        double alpha = (double)vars[4];
        float inverse = (float)(1 / (double)vars[5]);
        bool learns = (bool)vars[7];
        long n = hidden.shape[0];
        Tensor? dHidden = learns && ((Tensor)vars[0]).requires_grad ? empty_like(hidden) : null;
        Tensor? dPredictor = learns && ((Tensor)vars[1]).requires_grad ? zeros_like(predictor) : null;
        Tensor? dWeight = learns && ((Tensor)vars[2]).requires_grad ? zeros_like(weight) : null;
        var scores = new ZeroSiamScores(empty(n), empty(n), empty(n), empty(n), empty(n, ScalarType.Int64));

        HeadChunks.ForEach(n, (int)vars[6], (first, count) =>
        {
            Tensor rows = hidden.narrow(0, first, count);
            Tensor predicted = nn.functional.linear(rows, predictor); // [chunk, width]
            // Both branches in one product, so that the weight is read once.
            Tensor logits = HeadChunks.Logits(cat([rows, predicted]), weight); // [2 chunk, vocab]
            Tensor dz = logits.narrow(0, count, count); // logits of the online branch first, then their gradient, in place
            ScoreRows(logits.narrow(0, 0, count), dz, inverse, (float)alpha, first, counts, scores, learns);
            if (!learns) return;
            if (dWeight is not null) Product.Add(dWeight, dz, predicted);
            if (dHidden is null && dPredictor is null) return;
            Tensor dPredicted = dz.mm(weight); // [chunk, width]
            dPredictor?.addmm_(dPredicted.t(), rows);
            dHidden?.narrow(0, first, count).copy_(dPredicted.mm(predictor));
        });

        dHidden?.MoveToOuterDisposeScope();
        dPredictor?.MoveToOuterDisposeScope();
        dWeight?.MoveToOuterDisposeScope();
        scope.MoveToOuter(scores.OnlineEntropy, scores.Divergence, scores.TargetEntropy);
        scope.MoveToOuter(scores.TargetLogitNorm, scores.TargetTop);
        ((ZeroSiamOutcome)vars[8]).Scores = scores;
        ctx.set_materialize_grads(false);
        ctx.save_data("gradients", new ReadyGradients([dHidden, dPredictor, dWeight, null, null, null, null, null, null]));
        return [((scores.OnlineEntropy + (scores.Divergence * alpha)) * counts).sum().MoveToOuterDisposeScope()];
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs) =>
        ((ReadyGradients)ctx.get_data("gradients")).Take(grad_outputs[0]);

    private static void ScoreRows(
        Tensor reference, Tensor online, float inverse, float alpha, int first, Tensor counts, ZeroSiamScores scores, bool learns)
    {
        int vocab = (int)online.shape[1];
        float* zr = Raw.Floats(reference), zo = Raw.Floats(online), w = Raw.Floats(counts);
        float* entropy = Raw.Floats(scores.OnlineEntropy), divergence = Raw.Floats(scores.Divergence);
        float* targetEntropy = Raw.Floats(scores.TargetEntropy), norm = Raw.Floats(scores.TargetLogitNorm);
        long* best = Raw.Longs(scores.TargetTop);
        Raw.ForRows((int)online.shape[0], 2 * vocab, (begin, end, _) =>
        {
            for (int row = begin; row < end; row++)
            {
                int at = first + row;
                float* target = zr + ((nint)row * vocab), predicted = zo + ((nint)row * vocab);
                ZeroSiamRows.Row found = ZeroSiamRows.Measure(predicted, target, inverse, vocab);
                (entropy[at], divergence[at], targetEntropy[at]) = (found.Entropy, found.Divergence, found.TargetEntropy);
                (norm[at], best[at]) = (found.TargetNorm, found.TargetTop);
                if (learns)
                {
                    ZeroSiamRows.Differentiate(
                        predicted, target, inverse, found.OnlineSum, found.TargetSum, found.Entropy, found.ForwardKl, w[at] * inverse,
                        alpha * w[at] * inverse, vocab);
                }
            }
        });
        GC.KeepAlive(reference);
        GC.KeepAlive(online);
        GC.KeepAlive(counts);
    }
}

/// <summary>Carries what the branches say out of the autograd function, whose output has a gradient.</summary>
internal sealed class ZeroSiamOutcome
{
    internal ZeroSiamScores? Scores { get; set; }
}
