using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Kernels;

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
internal static class CausalAttention
{
    /// <summary>Attention by the fastest path for the tensors' device and type.</summary>
    /// <param name="q">[tokens, heads, headDim]</param>
    /// <param name="k">[tokens, keyValueHeads, headDim]; heads is a multiple of keyValueHeads</param>
    /// <param name="v">[tokens, keyValueHeads, headDim]</param>
    /// <param name="layout">The sequences that the tokens belong to.</param>
    /// <param name="window">Tokens that each one attends to, itself included; null for all.</param>
    /// <param name="scale">Factor on the scores; null for 1/√headDim.</param>
    /// <returns>[tokens, heads, headDim]</returns>
    internal static Tensor Apply(Tensor q, Tensor k, Tensor v, SequenceLayout layout, int? window = null, double? scale = null) =>
        CpuKernel.Runs(CpuKernels.Attention, q, k, v) ? Fused(q, k, v, layout, window, scale) : Composite(q, k, v, layout, window, scale);

    /// <summary>Tiles over float32 CPU memory; parallel over sequences and key-value heads.</summary>
    internal static Tensor Fused(Tensor q, Tensor k, Tensor v, SequenceLayout layout, int? window = null, double? scale = null)
    {
        Check(q, k, v, layout, window);
        return CausalAttentionFunction.apply(q, k, v, layout.Offsets, window ?? int.MaxValue, (float)(scale ?? 1 / Math.Sqrt(q.shape[2])));
    }

    /// <summary>libtorch's own attention, on any device and type, over a rectangle in which short sequences leave holes behind them.</summary>
    internal static Tensor Composite(Tensor q, Tensor k, Tensor v, SequenceLayout layout, int? window = null, double? scale = null)
    {
        Check(q, k, v, layout, window);
        using DisposeScope scope = NewDisposeScope();
        long heads = q.shape[1], headDim = q.shape[2], group = heads / k.shape[1];
        // TorchSharp's attention divides by √headDim, whatever the model wants.
        double factor = (scale ?? 1 / Math.Sqrt(headDim)) * Math.Sqrt(headDim);
        Tensor queries = Rectangle(Math.Abs(factor - 1) < 1e-12 ? q : q.Times(factor), 1);
        Tensor keys = Rectangle(k, group), values = Rectangle(v, group); // [sequences, heads, longest, headDim]
        Tensor? mask = window < layout.Longest ? layout.Mask(window.Value, q.device) : null;
        Tensor mixed = nn.functional.scaled_dot_product_attention(queries, keys, values, mask, 0, mask is null)
            .transpose(1, 2)
            .reshape(-1, heads, headDim); // [sequences · longest, heads, headDim]
        return (layout.IsRectangle ? mixed : mixed.index_select(0, layout.Places(q.device).Take)).MoveToOuterDisposeScope();

        Tensor Rectangle(Tensor x, long repeats)
        {
            Tensor all = layout.IsRectangle ? x : x.index_select(0, layout.Places(q.device).Fill);
            Tensor split = all.view(layout.Count, layout.Longest, x.shape[1], headDim).transpose(1, 2);
            return repeats == 1 ? split : split.repeat_interleave(repeats, 1);
        }
    }

    private static void Check(Tensor q, Tensor k, Tensor v, SequenceLayout layout, int? window)
    {
        if (window < 1)
            throw new ArgumentOutOfRangeException(nameof(window), window, "A token attends to itself at least.");
        long[] query = q.shape, key = k.shape, value = v.shape;
        bool fits = query.Length == 3 && key.Length == 3 && key.AsSpan().SequenceEqual(value) && query[0] == key[0] && query[2] == key[2]
            && key[1] > 0 && query[1] % key[1] == 0 && query[0] == layout.Tokens;
        if (!fits)
        {
            throw new ArgumentException(
                $"Attention needs q [tokens, heads, d] and k, v [tokens, kvHeads, d] with heads a multiple of kvHeads, got "
                + $"[{string.Join(", ", query)}], [{string.Join(", ", key)}], [{string.Join(", ", value)}] for {layout.Tokens} tokens.");
        }
    }
}

internal sealed class CausalAttentionFunction : autograd.SingleTensorFunction<CausalAttentionFunction>
{
    public override string Name => nameof(CausalAttention);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor q = TensorMemory.Contiguous((Tensor)vars[0], scope);
        Tensor k = TensorMemory.Contiguous((Tensor)vars[1], scope);
        Tensor v = TensorMemory.Contiguous((Tensor)vars[2], scope);
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
        List<Tensor> saved = BackwardPass.Saved(ctx);
        Tensor q = saved[0], k = saved[1], v = saved[2];
        Tensor dq = empty_like(q), dk = empty_like(k), dv = empty_like(v);
        new AttentionTiles(q, k, v, (int[])ctx.get_data("offsets"), (int)ctx.get_data("window"), (float)ctx.get_data("scale"))
            .Backward(saved[3], saved[4], grad_output.contiguous(), dq, dk, dv);
        return BackwardPass.Return([grad_output], dq, dk, dv, null, null, null);
    }
}
