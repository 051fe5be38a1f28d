using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>
/// Causal self-attention over packed sequences with grouped key and value heads (Vaswani et al. 2017, arXiv:1706.03762;
/// Ainslie et al. 2023, arXiv:2305.13245).
/// <code>
/// s_ij = c q_i · k_j  for i − w &lt; j ≤ i in the same sequence        p_i = softmax(s_i)        o_i = Σ_j p_ij v_j
/// dv_j = Σ_i p_ij do_i        ds_ij = p_ij (do_i · v_j − do_i · o_i)
/// dq_i = c Σ_j ds_ij k_j        dk_j = c Σ_i ds_ij q_i
/// </code>
/// c is 1/√d unless the model says otherwise. w is the sliding window (Beltagy et al. 2020, arXiv:2004.05150), without which every
/// earlier token counts.
/// The fused path keeps one number a row, ln Σ_j exp(s_ij), and recomputes p in the backward pass
/// (Dao et al. 2022, arXiv:2205.14135): no matrix of sequence × sequence exists, only a tile of it for each worker.
/// </summary>
public static class CausalAttention
{
    /// <summary>Attention by the fastest path for the tensors' device and type.</summary>
    /// <param name="q">[tokens, heads, headDim]</param>
    /// <param name="k">[tokens, keyValueHeads, headDim]; heads is a multiple of keyValueHeads</param>
    /// <param name="v">[tokens, keyValueHeads, headDim]</param>
    /// <param name="offsets">Sequence s is the rows offsets[s] … offsets[s + 1] − 1; the last offset is the number of tokens.</param>
    /// <param name="window">Tokens that each one attends to, itself included; null for all.</param>
    /// <param name="scale">Factor on the scores; null for 1/√headDim.</param>
    /// <returns>[tokens, heads, headDim]</returns>
    public static Tensor Apply(Tensor q, Tensor k, Tensor v, int[] offsets, int? window = null, double? scale = null) =>
        Raw.IsFloatCpu(q) && Raw.IsFloatCpu(k) && Raw.IsFloatCpu(v)
            ? Fused(q, k, v, offsets, window, scale)
            : Composite(q, k, v, offsets, window, scale);

    /// <summary>Tiles over float32 CPU memory; parallel over sequences and key-value heads.</summary>
    public static Tensor Fused(Tensor q, Tensor k, Tensor v, int[] offsets, int? window = null, double? scale = null)
    {
        Check(q, k, v, offsets, window);
        return CausalAttentionFunction.apply(q, k, v, offsets, window ?? int.MaxValue, (float)(scale ?? 1 / Math.Sqrt(q.shape[2])));
    }

    /// <summary>Plain tensor operations, sequence by sequence, on any device and type.</summary>
    public static Tensor Composite(Tensor q, Tensor k, Tensor v, int[] offsets, int? window = null, double? scale = null)
    {
        Check(q, k, v, offsets, window);
        using DisposeScope scope = NewDisposeScope();
        long group = q.shape[1] / k.shape[1];
        double factor = scale ?? 1 / Math.Sqrt(q.shape[2]);
        var parts = new Tensor[offsets.Length - 1];
        for (int s = 0; s < parts.Length; s++)
        {
            int start = offsets[s], length = offsets[s + 1] - start;
            Tensor queries = q.narrow(0, start, length).transpose(0, 1); // [heads, length, headDim]
            Tensor keys = Spread(k.narrow(0, start, length).transpose(0, 1), group);
            Tensor values = Spread(v.narrow(0, start, length).transpose(0, 1), group);
            Tensor never = full(length, length, float.NegativeInfinity, q.dtype, q.device);
            Tensor mask = never.triu(1); // the future
            if (window < length)
                mask = mask + never.tril(-window.Value); // and the far past
            Tensor scores = (queries * factor).bmm(keys.transpose(1, 2)) + mask; // [heads, length, length]
            parts[s] = scores.softmax(2).bmm(values).transpose(0, 1); // [length, heads, headDim]
        }

        return cat(parts, 0).MoveToOuterDisposeScope();
    }

    private static Tensor Spread(Tensor x, long group) => group == 1 ? x : x.repeat_interleave(group, 0);

    private static void Check(Tensor q, Tensor k, Tensor v, int[] offsets, int? window)
    {
        if (window < 1)
            throw new ArgumentOutOfRangeException(nameof(window), window, "A token attends to itself at least.");
        long[] query = q.shape, key = k.shape, value = v.shape;
        bool fits = query.Length == 3 && key.Length == 3 && key.AsSpan().SequenceEqual(value) && query[0] == key[0] && query[2] == key[2]
            && key[1] > 0 && query[1] % key[1] == 0;
        if (!fits)
        {
            throw new ArgumentException(
                $"Attention needs q [tokens, heads, d] and k, v [tokens, kvHeads, d] with heads a multiple of kvHeads, got "
                + $"[{string.Join(", ", query)}], [{string.Join(", ", key)}], [{string.Join(", ", value)}].");
        }

        if (offsets.Length < 2 || offsets[0] != 0 || offsets[^1] != query[0])
            throw new ArgumentException($"Offsets must run from 0 to the {query[0]} tokens.", nameof(offsets));
    }
}

internal sealed class CausalAttentionFunction : autograd.SingleTensorFunction<CausalAttentionFunction>
{
    public override string Name => nameof(CausalAttention);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor q = Raw.Contiguous((Tensor)vars[0], scope);
        Tensor k = Raw.Contiguous((Tensor)vars[1], scope);
        Tensor v = Raw.Contiguous((Tensor)vars[2], scope);
        var offsets = (int[])vars[3];
        Tensor output = empty_like(q);
        Tensor logSum = empty(q.shape[1], q.shape[0]); // [heads, tokens]
        (int window, float scale) = ((int)vars[4], (float)vars[5]);
        new AttentionTiles(q, k, v, offsets, window, scale).Forward(output, logSum);
        ctx.save_data("offsets", offsets);
        ctx.save_data("window", window);
        ctx.save_data("scale", scale);
        ctx.save_for_backward([q, k, v, output, logSum]);
        scope.MoveToOuter(logSum);
        return output.MoveToOuterDisposeScope();
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> saved = ctx.get_saved_variables();
        Tensor q = saved[0], k = saved[1], v = saved[2];
        Tensor dq = empty_like(q), dk = empty_like(k), dv = empty_like(v);
        new AttentionTiles(q, k, v, (int[])ctx.get_data("offsets"), (int)ctx.get_data("window"), (float)ctx.get_data("scale"))
            .Backward(saved[3], saved[4], grad_output.contiguous(), dq, dk, dv);
        return [dq.MoveToOuterDisposeScope(), dk.MoveToOuterDisposeScope(), dv.MoveToOuterDisposeScope(), null!, null!, null!];
    }
}
