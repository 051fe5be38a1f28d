using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>
/// The two branches of ZeroSiam (arXiv:2509.23183) over a language model's head: target z_r = h Wᵀ, constant, and online
/// z_o = (h Pᵀ) Wᵀ with a predictor P that starts as the identity.
/// <code>
/// H = H(p_o)        D = KL(p_r‖p_o) + KL(p_o‖p_r) = Σ_v (p_o − p_r)_v (log p_o − log p_r)_v
/// dz_o,v = − g_H p_o (log p_o + H) + g_D [ (p_o − p_r) + p_o (log p_o − log p_r − KL(p_o‖p_r)) ]
/// du = dz_o W / τ  with u = h Pᵀ        dh = du P        dP = duᵀ h        dW = dz_oᵀ u / τ  (online branch only)
/// </code>
/// Both branches are divided by the temperature τ. Chunked like <see cref="OutputHead"/>: no more than one chunk of each branch's
/// logits exists, and the backward pass computes them again.
/// </summary>
public static class ZeroSiamHead
{
    /// <summary>Scores by chunks: fused arithmetic on float32 CPU tensors, elsewhere tensor operations on one chunk.</summary>
    /// <param name="hidden">[n, width] after the final norm</param>
    /// <param name="predictor">[width, width], applied as h Pᵀ</param>
    /// <param name="weight">[vocab, width]; its gradient is computed only if it requires one.</param>
    /// <param name="temperature">Divides both branches' logits.</param>
    /// <param name="chunk">Rows whose logits exist at once; 0 chooses from the vocabulary's size.</param>
    public static ZeroSiamScores Score(Tensor hidden, Tensor predictor, Tensor weight, double temperature = 1, int chunk = 0) =>
        Fused(hidden, predictor, weight, temperature, chunk);

    /// <inheritdoc cref="Score"/>
    public static ZeroSiamScores Fused(Tensor hidden, Tensor predictor, Tensor weight, double temperature = 1, int chunk = 0)
    {
        (_, long width, long vocab) = HeadChunks.Check(hidden, weight, temperature);
        CheckPredictor(predictor, width);
        var target = new ZeroSiamTarget();
        List<Tensor> online = ZeroSiamFunction.apply(hidden, predictor, weight.to(hidden.dtype), temperature, HeadChunks.Rows(chunk, vocab, hidden.device), target);
        return new ZeroSiamScores(online[0], online[1], target.Entropy!, target.LogitNorm!, target.Top!);
    }

    /// <summary>
    /// The loss Σ_t w_t (H_t + α D_t) and, where anything learns, its gradients from the same logits: a third less work than
    /// <see cref="Score"/> and its backward pass, which computes the logits of both branches twice.
    /// </summary>
    /// <param name="hidden">[n, width] after the final norm</param>
    /// <param name="predictor">[width, width], applied as h Pᵀ</param>
    /// <param name="weight">[vocab, width]; its gradient is computed only if it requires one.</param>
    /// <param name="counts">[n] w_t, constant.</param>
    /// <param name="alpha">Weight of the divergence.</param>
    /// <param name="temperature">Divides both branches' logits.</param>
    /// <param name="chunk">Rows whose logits exist at once, of each branch; 0 chooses from the vocabulary's size.</param>
    public static ZeroSiamLoss Loss(
        Tensor hidden, Tensor predictor, Tensor weight, Tensor counts, double alpha, double temperature = 1, int chunk = 0)
    {
        (long rows, long width, long vocab) = HeadChunks.Check(hidden, weight, temperature);
        CheckPredictor(predictor, width);
        HeadChunks.CheckCounts(counts, rows);
        if (!((Tensor[])[hidden, predictor, weight, counts]).All(Raw.IsFloatCpu))
        {
            ZeroSiamScores scores = Fused(hidden, predictor, weight, temperature, chunk);
            Tensor loss = ((scores.OnlineEntropy + (scores.Divergence * alpha)) * counts).sum();
            return new ZeroSiamLoss(loss, scores with { OnlineEntropy = scores.OnlineEntropy.detach(), Divergence = scores.Divergence.detach() });
        }

        var outcome = new ZeroSiamOutcome();
        List<Tensor> total = ZeroSiamLossFunction.apply(
            hidden, predictor, weight, counts, alpha, temperature, HeadChunks.Rows(chunk, vocab, hidden.device), is_grad_enabled(), outcome);
        return new ZeroSiamLoss(total[0], outcome.Scores!);
    }

    /// <summary>The same from the logits of all rows at once, for tests and for comparison.</summary>
    public static ZeroSiamScores Composite(Tensor hidden, Tensor predictor, Tensor weight, double temperature = 1)
    {
        (_, long width, _) = HeadChunks.Check(hidden, weight, temperature);
        CheckPredictor(predictor, width);
        using DisposeScope scope = NewDisposeScope();
        Tensor raw = nn.functional.linear(hidden.detach(), weight.detach()); // [n, vocab]
        Tensor target = nn.functional.log_softmax(raw.div(temperature), -1);
        Tensor online = nn.functional.log_softmax(
            nn.functional.linear(nn.functional.linear(hidden, predictor), weight).div(temperature), -1);
        Tensor p = online.exp(), r = target.exp();
        Tensor entropy = (p * online).sum(1).neg();
        Tensor divergence = ((p - r) * (online - target)).sum(1);
        return new ZeroSiamScores(
            entropy.MoveToOuterDisposeScope(),
            divergence.MoveToOuterDisposeScope(),
            (r * target).sum(1).neg().MoveToOuterDisposeScope(),
            (raw * raw).sum(1).sqrt().MoveToOuterDisposeScope(),
            raw.argmax(1).MoveToOuterDisposeScope());
    }

    private static void CheckPredictor(Tensor predictor, long width)
    {
        long[] shape = predictor.shape;
        if (shape.Length != 2 || shape[0] != width || shape[1] != width)
            throw new ArgumentException($"The predictor must be [{width}, {width}], got [{string.Join(", ", shape)}].", nameof(predictor));
    }
}

/// <summary>Carries the target branch's diagnostics out of the autograd function, whose outputs have gradients.</summary>
internal sealed class ZeroSiamTarget
{
    internal Tensor? Entropy { get; set; }

    internal Tensor? LogitNorm { get; set; }

    internal Tensor? Top { get; set; }
}

internal sealed unsafe class ZeroSiamFunction : autograd.MultiTensorFunction<ZeroSiamFunction>
{
    public override string Name => nameof(ZeroSiamHead);

    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = Raw.Contiguous((Tensor)vars[0], scope), predictor = Raw.Contiguous((Tensor)vars[1], scope);
        Tensor weight = Raw.Contiguous((Tensor)vars[2], scope);
        double temperature = (double)vars[3];
        int chunk = (int)vars[4];
        var target = (ZeroSiamTarget)vars[5];
        long rows = hidden.shape[0];
        ScalarType type = hidden.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        Tensor entropy = empty(rows, type, hidden.device), divergence = empty_like(entropy);
        Tensor onlineLogSum = empty_like(entropy), targetLogSum = empty_like(entropy), forwardKl = empty_like(entropy);
        Tensor targetEntropy = empty_like(entropy), norm = empty_like(entropy), top = empty(rows, ScalarType.Int64, hidden.device);

        HeadChunks.ForEach(rows, chunk, (first, count) =>
        {
            Tensor chunkRows = hidden.narrow(0, first, count);
            Tensor reference = HeadChunks.Logits(chunkRows, weight); // [chunk, vocab]
            Tensor online = HeadChunks.Logits(nn.functional.linear(chunkRows.to(predictor.dtype), predictor).to(hidden.dtype), weight);
            if (Raw.IsFloatCpu(online) && Raw.IsFloatCpu(reference))
            {
                ScoreRows(
                    reference, online, (float)(1 / temperature), first,
                    [entropy, divergence, onlineLogSum, targetLogSum, forwardKl, targetEntropy, norm], top);
                return;
            }

            void Keep(Tensor all, Tensor part) => all.narrow(0, first, count).copy_(part);
            Keep(norm, (reference * reference).sum(1).sqrt_());
            Keep(top, reference.argmax(1));
            HeadChunks.Temper(reference, temperature);
            HeadChunks.Temper(online, temperature);
            Tensor referenceSum = reference.logsumexp(1, keepdim: true), onlineSum = online.logsumexp(1, keepdim: true);
            Keep(targetLogSum, referenceSum.squeeze(1));
            Keep(onlineLogSum, onlineSum.squeeze(1));
            Tensor logr = reference.sub_(referenceSum), logp = online.sub_(onlineSum);
            Tensor r = logr.exp(), p = logp.exp(), gap = logp - logr;
            Keep(targetEntropy, (r * logr).sum(1).neg_());
            Keep(entropy, (p * logp).sum(1).neg_());
            Keep(forwardKl, (p * gap).sum(1));
            Keep(divergence, ((p - r) * gap).sum(1));
        });

        target.Entropy = scope.MoveToOuter(targetEntropy);
        target.LogitNorm = scope.MoveToOuter(norm);
        target.Top = scope.MoveToOuter(top);
        ctx.save_data("hidden", ((Tensor)vars[0]).requires_grad);
        ctx.save_data("predictor", ((Tensor)vars[1]).requires_grad);
        ctx.save_data("weight", ((Tensor)vars[2]).requires_grad);
        ctx.save_data("temperature", temperature);
        ctx.save_data("chunk", chunk);
        ctx.set_materialize_grads(false);
        ctx.save_for_backward([hidden, predictor, weight, entropy, onlineLogSum, targetLogSum, forwardKl]);
        scope.MoveToOuter(onlineLogSum, targetLogSum, forwardKl);
        return [entropy.MoveToOuterDisposeScope(), divergence.MoveToOuterDisposeScope()];
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> saved = ctx.get_saved_variables();
        Tensor hidden = saved[0], predictor = saved[1], weight = saved[2];
        Tensor entropy = saved[3], onlineLogSum = saved[4], targetLogSum = saved[5], forwardKl = saved[6];
        Tensor entropyGrad = Upstream.Of(grad_outputs[0], entropy), divergenceGrad = Upstream.Of(grad_outputs[1], entropy);
        double temperature = (double)ctx.get_data("temperature");
        Tensor? dHidden = (bool)ctx.get_data("hidden") ? empty_like(hidden) : null;
        Tensor? dPredictor = (bool)ctx.get_data("predictor") ? zeros_like(predictor) : null;
        Tensor? dWeight = (bool)ctx.get_data("weight") ? HeadChunks.Zeros(weight) : null;

        HeadChunks.ForEach(hidden.shape[0], (int)ctx.get_data("chunk"), (first, count) =>
        {
            Tensor chunkRows = hidden.narrow(0, first, count);
            // The predictor may be of a wider type than the model.
            Tensor wideRows = chunkRows.to(predictor.dtype);
            Tensor predicted = nn.functional.linear(wideRows, predictor).to(hidden.dtype); // [chunk, width]
            Tensor reference = HeadChunks.Logits(chunkRows, weight);
            Tensor dz = HeadChunks.Logits(predicted, weight); // logits first, then their gradient, in place
            if (Raw.IsFloatCpu(dz) && Raw.IsFloatCpu(reference))
            {
                DifferentiateRows(
                    reference, dz, (float)(1 / temperature), first,
                    [entropy, onlineLogSum, targetLogSum, forwardKl, entropyGrad, divergenceGrad]);
            }
            else
            {
                Tensor Column(Tensor t) => t.narrow(0, first, count).unsqueeze(1); // [chunk, 1]
                Tensor logp = HeadChunks.Temper(dz, temperature).sub_(Column(onlineLogSum));
                Tensor logr = HeadChunks.Temper(reference, temperature).sub_(Column(targetLogSum));
                Tensor p = logp.exp(), r = logr.exp();
                Tensor d = (p - r) + (p * (logp - logr - Column(forwardKl)));
                dz = ((d * Column(divergenceGrad)) - (p * (logp + Column(entropy)) * Column(entropyGrad))).div_(temperature);
            }

            dz = dz.to(hidden.dtype);
            if (dWeight is not null) Product.Add(dWeight, dz, predicted);
            Tensor dPredicted = dz.mm(weight).to(predictor.dtype); // [chunk, width]
            dPredictor?.addmm_(dPredicted.t(), wideRows);
            dHidden?.narrow(0, first, count).copy_(dPredicted.mm(predictor));
        });
        return
        [
            dHidden?.MoveToOuterDisposeScope()!, dPredictor?.MoveToOuterDisposeScope()!, dWeight?.to(weight.dtype).MoveToOuterDisposeScope()!,
            null!, null!, null!,
        ];
    }

    /// <summary>
    /// Fills <paramref name="results"/>: online entropy, divergence, online lse, target lse, KL(p_o‖p_r), target entropy, target logit
    /// norm; all [n].
    /// </summary>
    private static void ScoreRows(Tensor reference, Tensor online, float inverse, int first, Tensor[] results, Tensor top)
    {
        int vocab = (int)online.shape[1];
        float* zr = Raw.Floats(reference), zo = Raw.Floats(online);
        float* entropy = Raw.Floats(results[0]), divergence = Raw.Floats(results[1]), onlineSum = Raw.Floats(results[2]);
        float* targetSum = Raw.Floats(results[3]), forwardKl = Raw.Floats(results[4]), targetEntropy = Raw.Floats(results[5]);
        float* norm = Raw.Floats(results[6]);
        long* best = Raw.Longs(top);
        Raw.ForRows((int)online.shape[0], 2 * vocab, (begin, end, _) =>
        {
            for (int row = begin; row < end; row++)
            {
                int at = first + row;
                float* target = zr + ((nint)row * vocab), predicted = zo + ((nint)row * vocab);
                ZeroSiamRows.Row found = ZeroSiamRows.Measure(predicted, target, inverse, vocab);
                (entropy[at], divergence[at], onlineSum[at], targetSum[at]) = (found.Entropy, found.Divergence, found.OnlineSum, found.TargetSum);
                (forwardKl[at], targetEntropy[at], norm[at], best[at]) = (found.ForwardKl, found.TargetEntropy, found.TargetNorm, found.TargetTop);
            }
        });
        GC.KeepAlive(reference);
        GC.KeepAlive(online);
        GC.KeepAlive(results);
        GC.KeepAlive(top);
    }

    /// <summary>
    /// Replaces online logits by dz_o / τ. <paramref name="inputs"/>: online entropy, online lse, target lse, KL(p_o‖p_r), g_H, g_D; all [n].
    /// </summary>
    private static void DifferentiateRows(Tensor reference, Tensor online, float inverse, int first, Tensor[] inputs)
    {
        int vocab = (int)online.shape[1];
        float* zr = Raw.Floats(reference), zo = Raw.Floats(online);
        float* entropy = Raw.Floats(inputs[0]), onlineSum = Raw.Floats(inputs[1]), targetSum = Raw.Floats(inputs[2]);
        float* forwardKl = Raw.Floats(inputs[3]), gh = Raw.Floats(inputs[4]), gd = Raw.Floats(inputs[5]);
        Raw.ForRows((int)online.shape[0], 2 * vocab, (begin, end, _) =>
        {
            for (int row = begin; row < end; row++)
            {
                int at = first + row;
                ZeroSiamRows.Differentiate(
                    zo + ((nint)row * vocab), zr + ((nint)row * vocab), inverse, onlineSum[at], targetSum[at],
                    entropy[at], forwardKl[at], gh[at] * inverse, gd[at] * inverse, vocab);
            }
        });
        GC.KeepAlive(reference);
        GC.KeepAlive(online);
        GC.KeepAlive(inputs);
    }
}
