using System.Runtime.Intrinsics;
using Reasoning.Shared;
using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>
/// The arithmetic of <see cref="CausalAttention.Fused"/>. One work item is one sequence and one key-value head with its group of
/// query heads, so no two items write the same gradient. Inside, queries go in tiles of <see cref="TileRows"/> rows against all keys
/// up to the tile's last row: a tile of scores is at most TileRows × sequence length floats.
/// </summary>
/// <remarks>
/// Head vectors are copied into padded scratch (<see cref="TileProduct"/>): d is padded with zeros, keys and rows to whole tiles.
/// Queries are scaled by 1/√d while they are copied, which scales the scores and the gradient of the keys alike.
/// </remarks>
internal sealed unsafe class AttentionTiles
{
    private const int TileRows = 32;

    private readonly Tensor _q;
    private readonly Tensor _k;
    private readonly Tensor _v;
    private readonly int[] _offsets;
    private readonly int _heads;
    private readonly int _kvHeads;
    private readonly int _headDim;
    private readonly int _padDim;
    private readonly float _scale;

    internal AttentionTiles(Tensor q, Tensor k, Tensor v, int[] offsets)
    {
        (_q, _k, _v, _offsets) = (q, k, v, offsets);
        (_heads, _kvHeads, _headDim) = ((int)q.shape[1], (int)k.shape[1], (int)q.shape[2]);
        _padDim = TileProduct.PadColumns(_headDim);
        _scale = (float)(1 / Math.Sqrt(_headDim));
    }

    private int Group => _heads / _kvHeads;

    /// <summary>Fills <paramref name="output"/> [tokens, heads, headDim] and <paramref name="logSum"/> [tokens, heads].</summary>
    internal void Forward(Tensor output, Tensor logSum)
    {
        float* q = Raw.Floats(_q), k = Raw.Floats(_k), v = Raw.Floats(_v), o = Raw.Floats(output), lse = Raw.Floats(logSum);
        Workers.For((_offsets.Length - 1) * _kvHeads, item =>
        {
            int start = _offsets[item / _kvHeads], length = _offsets[(item / _kvHeads) + 1] - start, kvHead = item % _kvHeads;
            int keys = TileProduct.PadColumns(length), d = _padDim;
            float* keyPanels = Scratch.Rent(((long)keys * d * 2) + (TileRows * ((long)keys + (2 * d))));
            float* values = keyPanels + ((nint)keys * d);
            float* queries = values + ((nint)keys * d);
            float* mixed = queries + (TileRows * d);
            float* scores = mixed + (TileRows * d);
            PackPanels(k, start, length, kvHead, keyPanels);
            Pack(v, _kvHeads, start, length, kvHead, 1, values, keys);

            for (int head = kvHead * Group; head < (kvHead + 1) * Group; head++)
            {
                for (int row = 0; row < length; row += TileRows)
                {
                    int rows = Math.Min(TileRows, length - row), padRows = TileProduct.PadRows(rows);
                    int seen = row + rows, width = TileProduct.PadColumns(seen);
                    Pack(q, _heads, start + row, rows, head, _scale, queries, padRows);
                    TileProduct.Run(padRows, width, d, queries, d, 1, keyPanels, TileProduct.ColumnStep, d * TileProduct.ColumnStep, scores, keys, add: false);
                    for (int i = 0; i < rows; i++)
                        lse[((nint)(start + row + i) * _heads) + head] = Softmax(scores + ((nint)i * keys), row + i + 1, width);
                    TileProduct.Run(padRows, d, seen, scores, keys, 1, values, d, TileProduct.ColumnStep, mixed, d, add: false);
                    Unpack(mixed, _heads, start + row, rows, head, 1, o);
                }
            }
        });
        KeepAlive(output, logSum);
    }

    /// <summary>Fills the gradients of q, k and v from the forward results and <paramref name="grad"/> [tokens, heads, headDim].</summary>
    internal void Backward(Tensor output, Tensor logSum, Tensor grad, Tensor dq, Tensor dk, Tensor dv)
    {
        float* q = Raw.Floats(_q), k = Raw.Floats(_k), v = Raw.Floats(_v), o = Raw.Floats(output), lse = Raw.Floats(logSum);
        float* g = Raw.Floats(grad), dqs = Raw.Floats(dq), dks = Raw.Floats(dk), dvs = Raw.Floats(dv);
        Workers.For((_offsets.Length - 1) * _kvHeads, item =>
        {
            int start = _offsets[item / _kvHeads], length = _offsets[(item / _kvHeads) + 1] - start, kvHead = item % _kvHeads;
            int keys = TileProduct.PadColumns(length), d = _padDim;
            nint block = (nint)keys * d;
            float* keyPanels = Scratch.Rent((5L * block) + (TileRows * ((2L * keys) + (3 * d))));
            float* valuePanels = keyPanels + block;
            float* keyRows = valuePanels + block;
            float* keyGrad = keyRows + block;
            float* valueGrad = keyGrad + block;
            float* queries = valueGrad + block;
            float* upstream = queries + (TileRows * d);
            float* queryGrad = upstream + (TileRows * d);
            float* weights = queryGrad + (TileRows * d);
            float* weightGrad = weights + ((nint)TileRows * keys);
            PackPanels(k, start, length, kvHead, keyPanels);
            PackPanels(v, start, length, kvHead, valuePanels);
            Pack(k, _kvHeads, start, length, kvHead, 1, keyRows, keys);
            new Span<float>(keyGrad, checked((int)(2 * block))).Clear();

            for (int head = kvHead * Group; head < (kvHead + 1) * Group; head++)
            {
                for (int row = 0; row < length; row += TileRows)
                {
                    int rows = Math.Min(TileRows, length - row), padRows = TileProduct.PadRows(rows);
                    int seen = row + rows, width = TileProduct.PadColumns(seen), panel = d * TileProduct.ColumnStep;
                    Pack(q, _heads, start + row, rows, head, _scale, queries, padRows);
                    Pack(g, _heads, start + row, rows, head, 1, upstream, padRows);
                    TileProduct.Run(padRows, width, d, queries, d, 1, keyPanels, TileProduct.ColumnStep, panel, weights, keys, add: false);
                    TileProduct.Run(padRows, width, d, upstream, d, 1, valuePanels, TileProduct.ColumnStep, panel, weightGrad, keys, add: false);
                    for (int i = 0; i < rows; i++)
                    {
                        nint at = ((nint)(start + row + i) * _heads) + head;
                        float dot = Simd.Dot(g + (at * _headDim), o + (at * _headDim), _headDim);
                        SoftmaxGradient(weights + ((nint)i * keys), weightGrad + ((nint)i * keys), lse[at], dot, row + i + 1, width);
                    }

                    int columns = TileProduct.PadRows(seen);
                    TileProduct.Run(columns, d, rows, weights, 1, keys, upstream, d, TileProduct.ColumnStep, valueGrad, d, add: true);
                    TileProduct.Run(columns, d, rows, weightGrad, 1, keys, queries, d, TileProduct.ColumnStep, keyGrad, d, add: true);
                    TileProduct.Run(padRows, d, seen, weightGrad, keys, 1, keyRows, d, TileProduct.ColumnStep, queryGrad, d, add: false);
                    Unpack(queryGrad, _heads, start + row, rows, head, _scale, dqs);
                }
            }

            Unpack(keyGrad, _kvHeads, start, length, kvHead, 1, dks);
            Unpack(valueGrad, _kvHeads, start, length, kvHead, 1, dvs);
        });
        KeepAlive(output, logSum, grad);
    }

    /// <summary>Softmax over the first <paramref name="seen"/> scores, zeros after them; returns the logarithm of the sum of exponentials.</summary>
    private static float Softmax(float* scores, int seen, int width)
    {
        float max = Simd.Max(scores, seen);
        float sum = Simd.ExpSum(scores, max, seen);
        Simd.Scale(scores, 1 / sum, scores, seen);
        new Span<float>(scores + seen, width - seen).Clear();
        return max + MathF.Log(sum);
    }

    /// <summary>Turns scores into weights p = exp(s − lse), and their gradients into those of the scores, p (dp − dot); zeros after the diagonal.</summary>
    private static void SoftmaxGradient(float* scores, float* grad, float logSum, float dot, int seen, int width)
    {
        // Whole vectors may run over the diagonal, for width is a multiple of their length; the product is cleared behind it.
        var sums = Vector256.Create(logSum);
        var dots = Vector256.Create(dot);
        int i = 0;
        for (; i < seen; i += Simd.Lanes)
        {
            Vector256<float> p = Simd.Exp(Vector256.Load(scores + i) - sums);
            p.Store(scores + i);
            (p * (Vector256.Load(grad + i) - dots)).Store(grad + i);
        }

        new Span<float>(scores + seen, width - seen).Clear();
        new Span<float>(grad + seen, width - seen).Clear();
    }

    /// <summary>Copies one head of <paramref name="rows"/> tokens to rows of padDim floats, and clears the padding on both sides.</summary>
    private void Pack(float* x, int heads, int token, int rows, int head, float scale, float* target, int padRows)
    {
        for (int i = 0; i < rows; i++, target += _padDim)
        {
            Simd.Scale(x + ((((nint)(token + i) * heads) + head) * _headDim), scale, target, _headDim);
            new Span<float>(target + _headDim, _padDim - _headDim).Clear();
        }

        new Span<float>(target, (padRows - rows) * _padDim).Clear();
    }

    /// <summary>Copies one key-value head transposed, in panels of <see cref="TileProduct.ColumnStep"/> tokens: element (i, t) of a panel at 16 i + t.</summary>
    private void PackPanels(float* x, int token, int length, int kvHead, float* target)
    {
        const int Step = TileProduct.ColumnStep;
        for (int first = 0; first < length; first += Step, target += _padDim * Step)
        {
            int count = Math.Min(Step, length - first);
            if (count < Step || _padDim > _headDim)
                new Span<float>(target, _padDim * Step).Clear();
            for (int t = 0; t < count; t++)
            {
                float* source = x + ((((nint)(token + first + t) * _kvHeads) + kvHead) * _headDim);
                for (int i = 0; i < _headDim; i++)
                    target[(i * Step) + t] = source[i];
            }
        }
    }

    private void Unpack(float* source, int heads, int token, int rows, int head, float scale, float* x)
    {
        for (int i = 0; i < rows; i++, source += _padDim)
            Simd.Scale(source, scale, x + ((((nint)(token + i) * heads) + head) * _headDim), _headDim);

    }

    private void KeepAlive(params object[] others)
    {
        GC.KeepAlive(_q);
        GC.KeepAlive(_k);
        GC.KeepAlive(_v);
        GC.KeepAlive(others);
    }
}
