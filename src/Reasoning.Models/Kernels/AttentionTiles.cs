using System.Runtime.Intrinsics;
using Reasoning.Models.Devices;
using static TorchSharp.torch;

namespace Reasoning.Models.Kernels;

/// <summary>
/// The arithmetic of <see cref="CausalAttention.Fused"/>. One work item is one sequence and one key-value head with its group of
/// query heads, so no two items write the same gradient. Inside, queries go in tiles of <see cref="TileRows"/> rows against all keys
/// up to the tile's last row: a tile of scores is at most TileRows × sequence length floats. With a sliding window a tile starts at the
/// panel of keys that holds the first one its first row sees; columns of the tile count from there.
/// </summary>
/// <remarks>
/// <see cref="TileProduct"/> wants whole blocks of rows and columns. Tensors are used in place where they have them, else a padded
/// copy in scratch stands in (<see cref="Read"/>, <see cref="Write"/>): for the last rows of a sequence, and for odd head widths.
/// </remarks>
internal sealed unsafe class AttentionTiles
{
    private const int TileRows = 32;
    private const int Step = TileProduct.ColumnStep;

    private readonly Tensor _q;
    private readonly Tensor _k;
    private readonly Tensor _v;
    private readonly int[] _offsets;
    private readonly int _heads;
    private readonly int _kvHeads;
    private readonly int _headDim;
    private readonly int _padDim;
    private readonly int _window;
    private readonly float _scale;

    internal AttentionTiles(Tensor q, Tensor k, Tensor v, int[] offsets, int window, float scale)
    {
        (_q, _k, _v, _offsets, _window, _scale) = (q, k, v, offsets, window, scale);
        (_heads, _kvHeads, _headDim) = ((int)q.shape[1], (int)k.shape[1], (int)q.shape[2]);
        _padDim = TileProduct.PadColumns(_headDim);
    }

    private int Items => (_offsets.Length - 1) * _kvHeads;

    private int Group => _heads / _kvHeads;

    /// <summary>Fills <paramref name="output"/> [tokens, heads, headDim] and <paramref name="logSum"/> [heads, tokens].</summary>
    internal void Forward(Tensor output, Tensor logSum)
    {
        float* q = TensorMemory.Floats(_q), k = TensorMemory.Floats(_k), v = TensorMemory.Floats(_v), o = TensorMemory.Floats(output), lse = TensorMemory.Floats(logSum);
        int tokens = (int)_q.shape[0], d = _padDim;
        Workers.For(Items, item =>
        {
            int start = _offsets[item / _kvHeads], length = _offsets[(item / _kvHeads) + 1] - start, kvHead = item % _kvHeads;
            int keys = TileProduct.PadColumns(length);
            nint block = (nint)keys * d;
            float* keyPanels = Scratch.Rent((2 * block) + (TileRows * ((long)keys + (2 * d))));
            float* valueCopy = keyPanels + block, queryCopy = valueCopy + block, mixedCopy = queryCopy + (TileRows * d);
            float* scores = mixedCopy + (TileRows * d);
            PackPanels(k, start, length, kvHead, keyPanels);
            Rows values = Read(v, _kvHeads, start, length, kvHead, length, valueCopy);

            for (int head = kvHead * Group; head < (kvHead + 1) * Group; head++)
            {
                for (int row = 0; row < length; row += TileRows)
                {
                    int rows = Math.Min(TileRows, length - row), padRows = TileProduct.PadRows(rows);
                    int from = FirstColumn(row), seen = row + rows - from, width = TileProduct.PadColumns(seen);
                    Rows queries = Read(q, _heads, start + row, rows, head, padRows, queryCopy);
                    Multiply(queries, padRows, keyPanels + ((nint)from * d), width, scores, keys);
                    for (int i = 0; i < rows; i++)
                    {
                        int last = row + i - from;
                        lse[((nint)head * tokens) + start + row + i] = Softmax(scores + ((nint)i * keys), row - from, last, width);
                    }

                    Rows mixed = Target(o, _heads, start + row, head, rows == padRows, mixedCopy);
                    Mix(scores, keys, padRows, seen, values.From(from), mixed);
                    Write(mixed, o, _heads, start + row, rows, head);
                }
            }
        });
        KeepAlive(output, logSum);
    }

    /// <summary>Fills the gradients of q, k and v from the forward results and <paramref name="grad"/> [tokens, heads, headDim].</summary>
    internal void Backward(Tensor output, Tensor logSum, Tensor grad, Tensor dq, Tensor dk, Tensor dv)
    {
        float* q = TensorMemory.Floats(_q), k = TensorMemory.Floats(_k), v = TensorMemory.Floats(_v), o = TensorMemory.Floats(output), lse = TensorMemory.Floats(logSum);
        float* g = TensorMemory.Floats(grad), dqs = TensorMemory.Floats(dq), dks = TensorMemory.Floats(dk), dvs = TensorMemory.Floats(dv);
        int tokens = (int)_q.shape[0], d = _padDim;
        Workers.For(Items, item =>
        {
            int start = _offsets[item / _kvHeads], length = _offsets[(item / _kvHeads) + 1] - start, kvHead = item % _kvHeads;
            int keys = TileProduct.PadColumns(length);
            nint block = (nint)keys * d;
            float* keyPanels = Scratch.Rent((5 * block) + (TileRows * ((2L * keys) + (3 * d))));
            float* valuePanels = keyPanels + block, keyCopy = valuePanels + block, keyGrad = keyCopy + block, valueGrad = keyGrad + block;
            float* queryCopy = valueGrad + block, gradCopy = queryCopy + (TileRows * d), queryGradCopy = gradCopy + (TileRows * d);
            float* weights = queryGradCopy + (TileRows * d), weightGrad = weights + ((nint)TileRows * keys);
            PackPanels(k, start, length, kvHead, keyPanels);
            PackPanels(v, start, length, kvHead, valuePanels);
            Rows keyRows = Read(k, _kvHeads, start, length, kvHead, length, keyCopy);
            new Span<float>(keyGrad, checked((int)(2 * block))).Clear();

            for (int head = kvHead * Group; head < (kvHead + 1) * Group; head++)
            {
                for (int row = 0; row < length; row += TileRows)
                {
                    int rows = Math.Min(TileRows, length - row), padRows = TileProduct.PadRows(rows);
                    int from = FirstColumn(row), seen = row + rows - from;
                    int width = TileProduct.PadColumns(seen), columns = TileProduct.PadRows(seen);
                    nint skipped = (nint)from * d;
                    Rows queries = Read(q, _heads, start + row, rows, head, padRows, queryCopy);
                    Rows grads = Read(g, _heads, start + row, rows, head, padRows, gradCopy);
                    Multiply(queries, padRows, keyPanels + skipped, width, weights, keys);
                    Multiply(grads, padRows, valuePanels + skipped, width, weightGrad, keys);
                    for (int i = 0; i < rows; i++)
                    {
                        nint at = (((nint)(start + row + i) * _heads) + head) * _headDim, line = (nint)i * keys;
                        float dot = Simd.Dot(g + at, o + at, _headDim);
                        float sum = lse[((nint)head * tokens) + start + row + i];
                        SoftmaxGradient(weights + line, weightGrad + line, sum, dot, row - from, row + i - from, width);
                    }

                    AddTransposed(weights, keys, columns, rows, grads, valueGrad + skipped);
                    AddTransposed(weightGrad, keys, columns, rows, queries, keyGrad + skipped);
                    Rows queryGrad = Target(dqs, _heads, start + row, head, rows == padRows, queryGradCopy);
                    Mix(weightGrad, keys, padRows, seen, keyRows.From(from), queryGrad);
                    Write(queryGrad, dqs, _heads, start + row, rows, head);
                }
            }

            Write(new Rows(keyGrad, d), dks, _kvHeads, start, length, kvHead);
            Write(new Rows(valueGrad, d), dvs, _kvHeads, start, length, kvHead);
        });
        KeepAlive(output, logSum, grad);
    }

    /// <summary>The start of the panel with the first key that the rows of a tile see.</summary>
    private int FirstColumn(int row) => Math.Max(0, row - _window + 1) / Step * Step;

    /// <summary>[rows, width] products of each row with the columns of packed panels; <paramref name="stride"/> floats a row.</summary>
    private void Multiply(Rows left, int rows, float* panels, int width, float* products, int stride) => TileProduct.Run(
        rows, width, _headDim, left.First, left.Stride, 1, panels, Step, _padDim * Step, products, stride, add: false);

    /// <summary>[rows, padDim] sums of the first <paramref name="count"/> right rows, weighted by each row of <paramref name="weights"/>.</summary>
    private void Mix(float* weights, int stride, int rows, int count, Rows right, Rows target) => TileProduct.Run(
        rows, _padDim, count, weights, stride, 1, right.First, right.Stride, Step, target.First, target.Stride, add: false);

    /// <summary>Adds to [columns, padDim] the sums of the right rows, weighted by each column of <paramref name="weights"/>.</summary>
    private void AddTransposed(float* weights, int stride, int columns, int rows, Rows right, float* target) => TileProduct.Run(
        columns, _padDim, rows, weights, 1, stride, right.First, right.Stride, Step, target, _padDim, add: true);

    /// <summary>
    /// Softmax of the scores times the scale up to column <paramref name="last"/>, zeros after it up to <paramref name="width"/> and before
    /// the window. Returns the logarithm of the sum of exponentials. All rows of a tile run over the same width, which the processor can
    /// predict.
    /// </summary>
    /// <param name="scores">One row of a tile.</param>
    /// <param name="diagonal">Columns before this one need no mask in any row of the tile; a multiple of <see cref="Simd.Lanes"/>.</param>
    private float Softmax(float* scores, int diagonal, int last, int width)
    {
        Mask(scores, diagonal, last, width);
        float max = Simd.Max(scores, width);
        Vector256<float> maxima = Vector256.Create(max), scales = Vector256.Create(_scale), sums = default;
        for (int i = 0; i < width; i += Simd.Lanes)
        {
            Vector256<float> e = Simd.Exp((Vector256.Load(scores + i) - maxima) * scales);
            e.Store(scores + i);
            sums += e;
        }

        float sum = Vector256.Sum(sums);
        Simd.Scale(scores, 1 / sum, scores, width);
        return (max * _scale) + MathF.Log(sum);
    }

    /// <summary>
    /// Turns scores s into weights p = exp(c s − lse), and their gradients into those of the scores, c p (dp − dot); zeros after column
    /// <paramref name="last"/> and before the window. Parameters as in <see cref="Softmax"/>.
    /// </summary>
    private void SoftmaxGradient(float* scores, float* grad, float logSum, float dot, int diagonal, int last, int width)
    {
        Mask(scores, diagonal, last, width);
        Vector256<float> sums = Vector256.Create(logSum), dots = Vector256.Create(dot), scales = Vector256.Create(_scale);
        for (int i = 0; i < width; i += Simd.Lanes)
        {
            Vector256<float> p = Simd.Exp((Vector256.Load(scores + i) * scales) - sums);
            p.Store(scores + i);
            (p * (Vector256.Load(grad + i) - dots) * scales).Store(grad + i);
        }
    }

    /// <summary>Puts −∞ behind column <paramref name="last"/>, and before the window that ends there.</summary>
    private void Mask(float* scores, int diagonal, int last, int width)
    {
        for (int i = 0; i <= last - _window; i++)
            scores[i] = float.NegativeInfinity;
        var limit = Vector256.Create(last);
        for (int i = diagonal; i < width; i += Simd.Lanes)
        {
            Vector256<float> hidden = Vector256.GreaterThan(Vector256<int>.Indices + Vector256.Create(i), limit).AsSingle();
            Vector256.ConditionalSelect(hidden, Vector256.Create(float.NegativeInfinity), Vector256.Load(scores + i)).Store(scores + i);
        }
    }

    /// <summary>
    /// One head of consecutive tokens as rows of padDim floats: the tensor itself if the head width needs no padding and the number of
    /// rows none either (<paramref name="padRows"/>), else a copy with zeros around it.
    /// </summary>
    private Rows Read(float* x, int heads, int token, int rows, int head, int padRows, float* copy)
    {
        float* first = Head(x, heads, token, head);
        if (rows == padRows && _padDim == _headDim)
            return new Rows(first, heads * _headDim);

        new Span<float>(copy, padRows * _padDim).Clear();
        for (int i = 0; i < rows; i++)
            Copy(first + ((nint)i * heads * _headDim), copy + ((nint)i * _padDim));
        return new Rows(copy, _padDim);
    }

    /// <summary>Where a product may write one head of consecutive tokens: the tensor itself, or <paramref name="copy"/> if it needs padding.</summary>
    private Rows Target(float* x, int heads, int token, int head, bool wholeRows, float* copy) =>
        wholeRows && _padDim == _headDim ? new Rows(Head(x, heads, token, head), heads * _headDim) : new Rows(copy, _padDim);

    /// <summary>Brings rows to their place in the tensor, unless they are there already.</summary>
    private void Write(Rows source, float* x, int heads, int token, int rows, int head)
    {
        float* first = Head(x, heads, token, head);
        if (source.First == first)
            return;
        for (int i = 0; i < rows; i++)
            Copy(source.First + (i * source.Stride), first + ((nint)i * heads * _headDim));
    }

    /// <summary>Copies one key-value head transposed, in panels of 16 tokens: element i of token t lies at 16 i + t of its panel.</summary>
    private void PackPanels(float* x, int token, int length, int kvHead, float* target)
    {
        nint stride = _kvHeads * _headDim;
        float* source = Head(x, _kvHeads, token, kvHead);
        for (int first = 0; first < length; first += Step, target += _padDim * Step)
        {
            int count = Math.Min(Step, length - first), t = 0;
            if (count < Step)
                new Span<float>(target, _padDim * Step).Clear();
            for (; t <= count - 4; t += 4, source += 4 * stride)
            {
                float* second = source + stride, third = second + stride, fourth = third + stride, to = target + t;
                for (int i = 0; i < _headDim; i++, to += Step)
                {
                    to[0] = source[i];
                    to[1] = second[i];
                    to[2] = third[i];
                    to[3] = fourth[i];
                }
            }

            for (; t < count; t++, source += stride)
            {
                for (int i = 0; i < _headDim; i++)
                    target[(i * Step) + t] = source[i];
            }
        }
    }

    private void Copy(float* source, float* target) => new ReadOnlySpan<float>(source, _headDim).CopyTo(new Span<float>(target, _headDim));

    private float* Head(float* x, int heads, int token, int head) => x + ((((nint)token * heads) + head) * _headDim);

    private void KeepAlive(params object[] others)
    {
        GC.KeepAlive(_q);
        GC.KeepAlive(_k);
        GC.KeepAlive(_v);
        GC.KeepAlive(others);
    }

    /// <summary>Rows of one head: where the first begins, and how many floats further the next.</summary>
    private readonly struct Rows(float* first, nint stride)
    {
        internal float* First { get; } = first;

        internal nint Stride { get; } = stride;

        internal Rows From(int row) => new(First + (row * Stride), Stride);
    }
}
