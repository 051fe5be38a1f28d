using Reasoning.Shared;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>
/// Decoding on raw float32 CPU memory: matrix products over all rows at once, everything between them in
/// loops over rows. No row's result depends on another row.
/// </summary>
internal sealed unsafe class FusedDecoder : IDecoder
{
    /// <summary>Rows of one work item: few enough to balance sequences of unequal length, enough to reuse a shared prompt in cache.</summary>
    private const int ItemRows = 8;

    private readonly ModelConfig _config;
    private readonly DecoderWeights _weights;
    private readonly BlockStore _store;
    private readonly int _logitsRows;
    private readonly Tensor _hidden; // [capacity, width], the residual stream
    private readonly Tensor _normed; // [capacity, width]
    private readonly Tensor _attended; // [capacity, heads * headDim]

    /// <param name="weights">Float32 weights in main memory.</param>
    /// <param name="capacity">Most rows of a pass.</param>
    /// <param name="logitsLimit">Logits that exist at once; by default 256 MiB, which is 441 rows of the largest vocabularies.</param>
    internal FusedDecoder(DecoderWeights weights, int capacity, long logitsLimit = 1 << 26)
    {
        _logitsRows = (int)Math.Max(1, logitsLimit / weights.Config.VocabSize);
        _weights = weights;
        _config = weights.Config;
        _store = new BlockStore(_config);
        _hidden = empty(capacity, _config.HiddenSize).DetachFromDisposeScope();
        _normed = empty(capacity, _config.HiddenSize).DetachFromDisposeScope();
        _attended = empty(capacity, _config.Heads * _config.HeadDim).DetachFromDisposeScope();
    }

    public void Reserve(int blocks) => _store.Reserve(blocks);

    public void CopyBlock(int from, int to) => _store.Copy(from, to);

    public void Run(DecodeRows rows, int[] outputs, LogitsConsumer consume)
    {
        Embed(rows);
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            using DisposeScope scope = NewDisposeScope();
            LayerWeights weights = _weights.Layers[layer];
            Normalize(rows.Count, weights.InputNorm);
            Attention(rows, layer, weights);
            Normalize(rows.Count, weights.FeedForwardNorm);
            FeedForward(rows.Count, weights);
        }

        Head(outputs, consume);
    }

    public void Dispose()
    {
        _store.Dispose();
        _hidden.Dispose();
        _normed.Dispose();
        _attended.Dispose();
    }

    private void Embed(DecodeRows rows)
    {
        int width = _config.HiddenSize;
        float scale = (float)_config.EmbeddingScale;
        float* table = Raw.Floats(_weights.Embedding), hidden = Raw.Floats(_hidden);
        for (int row = 0; row < rows.Count; row++)
            Simd.Scale(table + ((nint)rows.Ids[row] * width), scale, hidden + ((nint)row * width), width);
    }

    private void Normalize(int rows, Tensor weight)
    {
        int width = _config.HiddenSize;
        float epsilon = (float)_config.RmsNormEps;
        float* hidden = Raw.Floats(_hidden), normed = Raw.Floats(_normed), w = Raw.Floats(weight);
        Parallel(rows, row => RowMath.RmsNorm(hidden + ((nint)row * width), w, width, epsilon, normed + ((nint)row * width)));
    }

    private void Attention(DecodeRows rows, int layer, LayerWeights weights)
    {
        int count = rows.Count;
        Tensor x = _normed.narrow(0, 0, count); // [rows, width]
        Tensor query = weights.Query.Apply(x); // [rows, heads * headDim]
        Tensor key = weights.Key.Apply(x); // [rows, keyValueHeads * headDim]
        Tensor value = weights.Value.Apply(x); // [rows, keyValueHeads * headDim]
        StoreKeys(rows, layer, weights, query, key, value);
        Attend(rows, layer, weights.Window, query);
        AddToHidden(weights.Output.Apply(_attended.narrow(0, 0, count)), weights.AttentionOutputNorm, count);
    }

    /// <summary>Norms, rotates and scales queries in place; norms and rotates keys in place and stores them with the values.</summary>
    private void StoreKeys(DecodeRows rows, int layer, LayerWeights weights, Tensor query, Tensor key, Tensor value)
    {
        int heads = _config.Heads, keyValueHeads = _config.KeyValueHeads, headDim = _config.HeadDim;
        int half = headDim / 2;
        float epsilon = (float)_config.RmsNormEps;
        float scale = (float)_config.AttentionScale;
        float* queries = Raw.Floats(query), keys = Raw.Floats(key), values = Raw.Floats(value);
        float* queryNorm = weights.QueryNorm is { } qn ? Raw.Floats(qn) : null;
        float* keyNorm = weights.KeyNorm is { } kn ? Raw.Floats(kn) : null;
        float* cos = Raw.Floats(weights.Rotation.Cos), sin = Raw.Floats(weights.Rotation.Sin);
        Parallel(rows.Count, row =>
        {
            int position = rows.Positions[row];
            float* c = cos + ((nint)position * half), s = sin + ((nint)position * half);
            for (int head = 0; head < heads; head++)
                Prepare(queries + (((nint)row * heads) + head) * headDim, queryNorm, c, s, scale);

            fixed (int* numbers = rows.Blocks[row])
            {
                for (int head = 0; head < keyValueHeads; head++)
                {
                    nint at = (((nint)row * keyValueHeads) + head) * headDim;
                    Prepare(keys + at, keyNorm, c, s, 1);
                    BlockView view = _store.View(numbers, layer, head);
                    BlockStore.Store(view, position / BlockPool.BlockSize, position % BlockPool.BlockSize, keys + at, values + at, headDim);
                }
            }
        });
        GC.KeepAlive(key);
        GC.KeepAlive(value);

        void Prepare(float* x, float* norm, float* c, float* s, float factor)
        {
            if (norm != null)
                RowMath.RmsNorm(x, norm, headDim, epsilon, x);
            RowMath.Rotate(x, c, s, half, factor);
        }
    }

    private void Attend(DecodeRows rows, int layer, int? window, Tensor query)
    {
        int heads = _config.Heads, headDim = _config.HeadDim, keyValueHeads = _config.KeyValueHeads;
        int group = heads / keyValueHeads;
        float* queries = Raw.Floats(query), attended = Raw.Floats(_attended);
        Workers.For((rows.Count + ItemRows - 1) / ItemRows, item =>
        {
            int first = item * ItemRows, end = Math.Min(rows.Count, first + ItemRows);
            int longest = 0;
            for (int row = first; row < end; row++)
                longest = Math.Max(longest, rows.Positions[row] + 1);
            float* scratch = Scratch.Rent(BlockAttention.ScratchLength(Math.Min(group, 4), longest));

            for (int head = 0; head < keyValueHeads; head++)
            {
                for (int row = first; row < end; row++)
                {
                    nint at = (((nint)row * heads) + (head * group)) * headDim;
                    int past = window is { } size ? Math.Max(0, rows.Positions[row] + 1 - size) : 0;
                    int block = past / BlockPool.BlockSize, before = block * BlockPool.BlockSize;
                    fixed (int* numbers = rows.Blocks[row])
                    {
                        BlockAttention.Attend(queries + at, attended + at, group, headDim,
                            _store.View(numbers + block, layer, head), past - before, rows.Positions[row] + 1 - before, scratch);
                    }
                }
            }
        });
        GC.KeepAlive(query);
    }

    private void FeedForward(int rows, LayerWeights weights)
    {
        int inner = _config.IntermediateSize;
        Tensor x = _normed.narrow(0, 0, rows); // [rows, width]
        Tensor gate = weights.Gate.Apply(x); // [rows, inner]
        Tensor up = weights.Up.Apply(x); // [rows, inner]
        float* gates = Raw.Floats(gate), ups = Raw.Floats(up);
        if (_config.Activation == GatedActivation.Silu)
            Parallel(rows, row => RowMath.SwiGlu(gates + ((nint)row * inner), ups + ((nint)row * inner), inner));
        else
            Parallel(rows, row => RowMath.GeGlu(gates + ((nint)row * inner), ups + ((nint)row * inner), inner));
        GC.KeepAlive(up);
        AddToHidden(weights.Down.Apply(gate), weights.FeedForwardOutputNorm, rows);
    }

    private void AddToHidden(Tensor update, Tensor? norm, int rows)
    {
        int width = _config.HiddenSize;
        float epsilon = (float)_config.RmsNormEps;
        float* hidden = Raw.Floats(_hidden), updates = Raw.Floats(update), w = norm is null ? null : Raw.Floats(norm);
        Parallel(rows, row =>
        {
            float* update = updates + ((nint)row * width);
            if (w != null)
                RowMath.RmsNorm(update, w, width, epsilon, update);
            RowMath.Add(hidden + ((nint)row * width), update, width);
        });
        GC.KeepAlive(update);
    }

    private void Head(int[] outputs, LogitsConsumer consume)
    {
        int width = _config.HiddenSize;
        float epsilon = (float)_config.RmsNormEps;
        float* hidden = Raw.Floats(_hidden), normed = Raw.Floats(_normed), norm = Raw.Floats(_weights.FinalNorm);
        Parallel(outputs.Length, i =>
            RowMath.RmsNorm(hidden + ((nint)outputs[i] * width), norm, width, epsilon, normed + ((nint)i * width)));

        for (int first = 0; first < outputs.Length; first += _logitsRows)
        {
            int count = Math.Min(_logitsRows, outputs.Length - first);
            using DisposeScope scope = NewDisposeScope();
            consume(first, RowProducts.Linear(_normed.narrow(0, first, count), _weights.Head, null)); // [count, vocab]
        }
    }

    private static void Parallel(int rows, Action<int> body) =>
        Workers.For((rows + ItemRows - 1) / ItemRows, item =>
        {
            int end = Math.Min(rows, (item + 1) * ItemRows);
            for (int row = item * ItemRows; row < end; row++)
                body(row);
        });
}
