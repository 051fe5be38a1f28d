using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>
/// Log-probability of a target and entropy of the distribution, row by row, without ever holding the logits of all rows
/// (after Wijmans et al. 2024, "Cut Your Losses in Large-Vocabulary Language Models", arXiv:2411.09009, with chunks of rows).
/// <code>
/// z = h Wᵀ / τ        lse = ln Σ_v e^z_v        log p = z − lse        H = lse − Σ_v p_v z_v
/// dz_v = g_lp (1[v = target] − p_v) − g_H p_v (log p_v + H)
/// dh = dz W / τ        dW = Σ over rows of dzᵀ h / τ
/// </code>
/// The forward pass keeps lse and H of each row; the backward pass computes each chunk's logits again.
/// </summary>
public static class OutputHead
{
    /// <summary>Scores by chunks: fused arithmetic on float32 CPU tensors, elsewhere tensor operations on one chunk.</summary>
    /// <param name="hidden">[n, width]</param>
    /// <param name="weight">[vocab, width]; its gradient is computed only if it requires one.</param>
    /// <param name="targets">[n] int64 token ids</param>
    /// <param name="temperature">Divides the logits; both results are of the tempered distribution.</param>
    /// <param name="chunk">Rows whose logits exist at once; 0 chooses from the vocabulary's size.</param>
    public static HeadScores Score(Tensor hidden, Tensor weight, Tensor targets, double temperature = 1, int chunk = 0) =>
        Fused(hidden, weight, targets, temperature, chunk);

    /// <inheritdoc cref="Score"/>
    public static HeadScores Fused(Tensor hidden, Tensor weight, Tensor targets, double temperature = 1, int chunk = 0)
    {
        (long rows, _, long vocab) = HeadChunks.Check(hidden, weight, temperature);
        CheckTargets(targets, rows);
        List<Tensor> scores = OutputHeadFunction.apply(hidden, weight.to(hidden.dtype), targets, temperature, HeadChunks.Rows(chunk, vocab, hidden.device));
        return new HeadScores(scores[0], scores[1]);
    }

    /// <summary>The same from the logits of all rows at once, for tests and for comparison.</summary>
    public static HeadScores Composite(Tensor hidden, Tensor weight, Tensor targets, double temperature = 1)
    {
        (long rows, _, _) = HeadChunks.Check(hidden, weight, temperature);
        CheckTargets(targets, rows);
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = nn.functional.linear(hidden, weight).div(temperature); // [n, vocab]
        Tensor logp = nn.functional.log_softmax(logits, -1);
        Tensor picked = logp.gather(1, targets.unsqueeze(1)).squeeze(1); // [n]
        Tensor entropy = (logp.exp() * logp).sum(1).neg(); // [n]
        return new HeadScores(picked.MoveToOuterDisposeScope(), entropy.MoveToOuterDisposeScope());
    }

    /// <summary>
    /// The loss Σ_t w_t H_t and, where anything learns, its gradients from the same logits: a quarter less work than
    /// <see cref="Score"/> and its backward pass, which computes the logits twice.
    /// </summary>
    /// <param name="hidden">[n, width]</param>
    /// <param name="weight">[vocab, width]; its gradient is computed only if it requires one.</param>
    /// <param name="counts">[n] w_t, constant.</param>
    /// <param name="temperature">Divides the logits.</param>
    /// <param name="chunk">Rows whose logits exist at once; 0 chooses from the vocabulary's size.</param>
    public static HeadLoss EntropyLoss(Tensor hidden, Tensor weight, Tensor counts, double temperature = 1, int chunk = 0)
    {
        (long rows, _, long vocab) = HeadChunks.Check(hidden, weight, temperature);
        HeadChunks.CheckCounts(counts, rows);
        if (!Raw.IsFloatCpu(hidden) || !Raw.IsFloatCpu(weight) || !Raw.IsFloatCpu(counts))
        {
            using Tensor targets = zeros(rows, ScalarType.Int64, hidden.device);
            Tensor entropy = Fused(hidden, weight, targets, temperature, chunk).Entropy;
            return new HeadLoss((entropy * counts).sum(), entropy.detach());
        }

        var outcome = new EntropyOutcome();
        List<Tensor> loss = EntropyLossFunction.apply(
            hidden, weight, counts, temperature, HeadChunks.Rows(chunk, vocab, hidden.device), is_grad_enabled(), outcome);
        return new HeadLoss(loss[0], outcome.Entropy!);
    }

    private static void CheckTargets(Tensor targets, long rows)
    {
        if (targets.dtype != ScalarType.Int64 || targets.ndim != 1 || targets.shape[0] != rows)
            throw new ArgumentException($"Targets must be int64 [{rows}], got {targets.dtype} [{string.Join(", ", targets.shape)}].");
    }
}

internal sealed unsafe class OutputHeadFunction : autograd.MultiTensorFunction<OutputHeadFunction>
{
    public override string Name => nameof(OutputHead);

    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = Raw.Contiguous((Tensor)vars[0], scope), weight = Raw.Contiguous((Tensor)vars[1], scope);
        Tensor targets = Raw.Contiguous((Tensor)vars[2], scope);
        double temperature = (double)vars[3];
        int chunk = (int)vars[4];
        long rows = hidden.shape[0];
        ScalarType type = hidden.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        Tensor logProb = empty(rows, type, hidden.device), entropy = empty_like(logProb), logSum = empty_like(logProb);

        HeadChunks.ForEach(rows, chunk, (first, count) =>
        {
            Tensor logits = HeadChunks.Logits(hidden.narrow(0, first, count), weight); // [chunk, vocab]
            if (Raw.IsFloatCpu(logits))
            {
                ScoreRows(logits, (float)(1 / temperature), first, targets, logProb, entropy, logSum);
                return;
            }

            HeadChunks.Temper(logits, temperature);
            Tensor lse = logits.logsumexp(1, keepdim: true); // [chunk, 1]
            Tensor logp = logits.sub_(lse);
            logSum.narrow(0, first, count).copy_(lse.squeeze(1));
            logProb.narrow(0, first, count).copy_(logp.gather(1, targets.narrow(0, first, count).unsqueeze(1)).squeeze(1));
            entropy.narrow(0, first, count).copy_((logp.exp() * logp).sum(1).neg_());
        });

        ctx.save_data("hidden", ((Tensor)vars[0]).requires_grad);
        ctx.save_data("weight", ((Tensor)vars[1]).requires_grad);
        ctx.save_data("temperature", temperature);
        ctx.save_data("chunk", chunk);
        ctx.set_materialize_grads(false);
        ctx.save_for_backward([hidden, weight, targets, logSum, entropy]);
        scope.MoveToOuter(logSum);
        return [logProb.MoveToOuterDisposeScope(), entropy.MoveToOuterDisposeScope()];
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> saved = ctx.get_saved_variables();
        Tensor hidden = saved[0], weight = saved[1], targets = saved[2], logSum = saved[3], entropy = saved[4];
        Tensor logProbGrad = Upstream.Of(grad_outputs[0], entropy), entropyGrad = Upstream.Of(grad_outputs[1], entropy);
        double temperature = (double)ctx.get_data("temperature");
        Tensor? dHidden = (bool)ctx.get_data("hidden") ? empty_like(hidden) : null;
        Tensor? dWeight = (bool)ctx.get_data("weight") ? HeadChunks.Zeros(weight) : null;

        HeadChunks.ForEach(hidden.shape[0], (int)ctx.get_data("chunk"), (first, count) =>
        {
            Tensor rows = hidden.narrow(0, first, count);
            Tensor dz = HeadChunks.Logits(rows, weight); // logits first, then their gradient, in place
            if (Raw.IsFloatCpu(dz))
                DifferentiateRows(dz, (float)(1 / temperature), first, targets, logSum, entropy, logProbGrad, entropyGrad);
            else
            {
                Tensor Column(Tensor t) => t.narrow(0, first, count).unsqueeze(1); // [chunk, 1]
                Tensor logp = HeadChunks.Temper(dz, temperature).sub_(Column(logSum));
                Tensor p = logp.exp();
                Tensor g = Column(logProbGrad);
                Tensor d = (p * (Column(entropyGrad) * (logp + Column(entropy)) + g)).neg_();
                dz = d.scatter_add_(1, Column(targets), g).div_(temperature);
            }

            dz = dz.to(hidden.dtype);
            dHidden?.narrow(0, first, count).copy_(dz.mm(weight));
            if (dWeight is not null) Product.Add(dWeight, dz, rows);
        });
        return [dHidden?.MoveToOuterDisposeScope()!, dWeight?.to(weight.dtype).MoveToOuterDisposeScope()!, null!, null!, null!];
    }

    private static void ScoreRows(
        Tensor logits, float inverse, int first, Tensor targets, Tensor logProb, Tensor entropy, Tensor logSum)
    {
        int vocab = (int)logits.shape[1];
        float* z = Raw.Floats(logits), lp = Raw.Floats(logProb), h = Raw.Floats(entropy), lse = Raw.Floats(logSum);
        long* target = Raw.Longs(targets);
        Raw.ForRows((int)logits.shape[0], vocab, (begin, end, _) =>
        {
            for (int row = begin; row < end; row++)
            {
                float* line = z + ((nint)row * vocab);
                long id = target[first + row];
                if ((ulong)id >= (ulong)vocab)
                    throw new ArgumentException($"Target {id} of row {first + row} is not in the vocabulary of {vocab}.");
                (lse[first + row], h[first + row]) = Measure(line, inverse, vocab);
                lp[first + row] = (line[id] * inverse) - lse[first + row];
            }
        });
        GC.KeepAlive(logits);
        GC.KeepAlive(targets);
    }

    /// <summary>
    /// lse and H of one row of logits times <paramref name="inverse"/>. With m the largest and e = e^(z − m): lse = m + ln Σe and
    /// H = ln Σe − Σ(z − m)e / Σe. The shift by m in the second sum keeps it small however large the logits are.
    /// </summary>
    internal static (float LogSum, float Entropy) Measure(float* logits, float inverse, int vocab)
    {
        float max = Simd.Max(logits, vocab) * inverse;
        Vector256<float> inverses = Vector256.Create(inverse), maxima = Vector256.Create(max), sums = default, moments = default;
        int i = 0;
        for (; i <= vocab - Simd.Lanes; i += Simd.Lanes)
        {
            Vector256<float> z = (Vector256.Load(logits + i) * inverses) - maxima, e = Simd.Exp(z);
            sums += e;
            moments += z * e;
        }

        float sum = Vector256.Sum(sums), moment = Vector256.Sum(moments);
        for (; i < vocab; i++)
        {
            float z = (logits[i] * inverse) - max, e = MathF.Exp(z);
            sum += e;
            moment += z * e;
        }

        float logSum = MathF.Log(sum);
        return (max + logSum, logSum - (moment / sum));
    }

    private static void DifferentiateRows(
        Tensor logits, float inverse, int first, Tensor targets, Tensor logSum, Tensor entropy, Tensor logProbGrad, Tensor entropyGrad)
    {
        int vocab = (int)logits.shape[1];
        float* z = Raw.Floats(logits), lse = Raw.Floats(logSum), h = Raw.Floats(entropy);
        float* gl = Raw.Floats(logProbGrad), gh = Raw.Floats(entropyGrad);
        long* target = Raw.Longs(targets);
        Raw.ForRows((int)logits.shape[0], vocab, (begin, end, _) =>
        {
            for (int row = begin; row < end; row++)
            {
                int at = first + row;
                float* line = z + ((nint)row * vocab);
                Differentiate(line, inverse, lse[at], h[at], gl[at], gh[at], vocab);
                line[target[at]] += gl[at] * inverse;
            }
        });
        GC.KeepAlive(logits);
        GC.KeepAlive(targets);
        GC.KeepAlive(logSum);
        GC.KeepAlive(entropy);
        GC.KeepAlive(logProbGrad);
        GC.KeepAlive(entropyGrad);
    }

    /// <summary>Replaces logits by −p (gl + gh (log p + H)) / τ: their gradient but for the target's own share.</summary>
    internal static void Differentiate(float* logits, float inverse, float logSum, float entropy, float gl, float gh, int vocab)
    {
        Vector256<float> inverses = Vector256.Create(inverse), sums = Vector256.Create(logSum), entropies = Vector256.Create(entropy);
        Vector256<float> gls = Vector256.Create(gl * inverse), ghs = Vector256.Create(gh * inverse);
        int i = 0;
        for (; i <= vocab - Simd.Lanes; i += Simd.Lanes)
        {
            Vector256<float> logp = (Vector256.Load(logits + i) * inverses) - sums;
            (-Simd.Exp(logp) * (gls + (ghs * (logp + entropies)))).Store(logits + i);
        }

        for (; i < vocab; i++)
        {
            float logp = (logits[i] * inverse) - logSum;
            logits[i] = -MathF.Exp(logp) * inverse * (gl + (gh * (logp + entropy)));
        }
    }
}
