using Reasoning.Models.Config;
using Reasoning.Models.Devices;
using Reasoning.Models.Kernels;
using static TorchSharp.torch;

namespace Reasoning.Models.Generation;

/// <summary>
/// Decoding on raw float32 CPU memory: matrix products over all rows at once, everything between them in
/// loops over rows. No row's result depends on another row.
/// </summary>
internal sealed unsafe class FusedDecoder : IDisposable
{
    /// <summary>Rows of one work item: few enough to balance sequences of unequal length, enough to reuse a shared prompt in cache.</summary>
    private const int ItemRows = 8;

    private readonly ModelConfig _config;
    private readonly DecoderWeights _weights;
    private readonly PackedLayer[] _layers;
    private readonly PackedLinear _head;
    private readonly BlockStore _store;
    private readonly int _logitsRows;
    private readonly Tensor _hidden; // [capacity, width], the residual stream
    private readonly Tensor _normed; // [capacity, width]
    private readonly Tensor _queryKeyValue; // [capacity, (heads + 2 keyValueHeads) * headDim]
    private readonly Tensor _attended; // [capacity, heads * headDim]
    private readonly Tensor _gateUp; // [capacity, 2 inner]
    private readonly Tensor _update; // [capacity, width], what a block adds to the stream

    /// <summary>Packs the weights; what is packed belongs to the dispose scope around the call.</summary>
    /// <param name="weights">Float32 weights in main memory.</param>
    /// <param name="capacity">Most rows of a pass.</param>
    /// <param name="bfloat16">Whether the linear maps are rounded to bfloat16. Activations, norms and the cache stay float32.</param>
    /// <param name="logitsLimit">Logits that exist at once; by default 256 MiB, which is 441 rows of the largest vocabularies.</param>
    internal FusedDecoder(DecoderWeights weights, int capacity, bool bfloat16 = false, long logitsLimit = 1 << 26)
    {
        _logitsRows = (int)Math.Max(1, logitsLimit / weights.Config.VocabSize);
        _weights = weights;
        _config = weights.Config;
        _layers = [.. weights.Layers.Select(layer => new PackedLayer(layer, bfloat16))];
        _head = new PackedLinear(bfloat16, weights.Head);
        _store = new BlockStore(_config);
        _hidden = Rows(_config.HiddenSize);
        _normed = Rows(_config.HiddenSize);
        _queryKeyValue = Rows((_config.Heads + (2 * _config.KeyValueHeads)) * _config.HeadDim);
        _attended = Rows(_config.Heads * _config.HeadDim);
        _gateUp = Rows(2 * _config.IntermediateSize);
        _update = Rows(_config.HiddenSize);

        Tensor Rows(int width) => empty(capacity, width).DetachFromDisposeScope();
    }

    /// <summary>Makes room for <paramref name="blocks"/> cache blocks; contents stay.</summary>
    internal void Reserve(int blocks) => _store.Reserve(blocks);

    /// <summary>Copies keys and values of all layers from one block to another.</summary>
    internal void CopyBlock(int from, int to) => _store.Copy(from, to);

    /// <summary>
    /// Stores keys and values of every row in its block, lets each row attend to all positions of its sequence up to its own, and
    /// hands the logits of the rows named in <paramref name="outputs"/> to <paramref name="consume"/>, some rows at a time.
    /// </summary>
    /// <param name="rows">The rows; earlier positions of their sequences are in the cache or among the rows.</param>
    /// <param name="outputs">Row numbers whose logits are wanted.</param>
    /// <param name="consume">
    /// Takes the logits of outputs first, first + 1, …: float32 [count, vocab], valid during the call only; called on the calling thread.
    /// </param>
    internal void Run(DecodeRows rows, int[] outputs, Action<int, Tensor> consume)
    {
        int count = rows.Count, width = _config.HiddenSize, inner = _config.IntermediateSize;
        float* normed = TensorMemory.Floats(_normed), attended = TensorMemory.Floats(_attended), gateUp = TensorMemory.Floats(_gateUp), update = TensorMemory.Floats(_update);
        Embed(rows);
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            LayerWeights weights = _weights.Layers[layer];
            PackedLayer packed = _layers[layer];
            packed.QueryKeyValue.Apply(count, normed, width, TensorMemory.Floats(_queryKeyValue));
            Attention(rows, layer, weights, packed);
            packed.Output.Apply(count, attended, packed.Output.Inputs, update);
            AddToHidden(count, weights.AttentionOutputNorm, weights.FeedForwardNorm);
            packed.GateUp.Apply(count, normed, width, gateUp);
            Activate(count);
            packed.Down.Apply(count, gateUp, 2 * inner, update);
            AddToHidden(count, weights.FeedForwardOutputNorm, layer + 1 < _config.Layers ? _weights.Layers[layer + 1].InputNorm : null);
        }

        Head(outputs, consume);
    }

    public void Dispose()
    {
        _store.Dispose();
        foreach (Tensor buffer in (Tensor[])[_hidden, _normed, _queryKeyValue, _attended, _gateUp, _update])
            buffer.Dispose();
    }

    /// <summary>Starts the residual stream and norms it for the first layer.</summary>
    private void Embed(DecodeRows rows)
    {
        int width = _config.HiddenSize;
        float scale = (float)_config.EmbeddingScale, epsilon = (float)_config.RmsNormEps;
        float* table = TensorMemory.Floats(_weights.Embedding), hidden = TensorMemory.Floats(_hidden), normed = TensorMemory.Floats(_normed);
        float* norm = TensorMemory.Floats(_weights.Layers[0].InputNorm);
        Parallel(rows.Count, row =>
        {
            float* x = hidden + ((nint)row * width);
            Simd.Scale(table + ((nint)rows.Ids[row] * width), scale, x, width);
            RmsNormRows.Norm(x, norm, epsilon, normed + ((nint)row * width), width);
        });
    }

    /// <summary>
    /// Stores the keys and values of all rows and lets the queries attend. Rows of one sequence need each other's keys; rows of different
    /// sequences do both in one go.
    /// </summary>
    private void Attention(DecodeRows rows, int layer, LayerWeights weights, PackedLayer packed)
    {
        if (rows.AreIndependent)
        {
            Items(rows.Count, (first, end) =>
            {
                Prepare(rows, first, end, layer, weights, packed);
                Attend(rows, first, end, layer, weights.Window);
            });
            return;
        }

        Items(rows.Count, (first, end) => Prepare(rows, first, end, layer, weights, packed));
        Items(rows.Count, (first, end) => Attend(rows, first, end, layer, weights.Window));
    }

    /// <summary>Adds biases, norms, rotates and scales queries in place; norms and rotates keys in place and stores them with the values.</summary>
    private void Prepare(DecodeRows rows, int firstRow, int endRow, int layer, LayerWeights weights, PackedLayer packed)
    {
        int heads = _config.Heads, keyValueHeads = _config.KeyValueHeads, headDim = _config.HeadDim;
        int half = headDim / 2, outputs = packed.QueryKeyValue.Outputs;
        float epsilon = (float)_config.RmsNormEps;
        float scale = (float)_config.AttentionScale;
        float* all = TensorMemory.Floats(_queryKeyValue), bias = packed.Bias is { } b ? TensorMemory.Floats(b) : null;
        float* queryNorm = weights.QueryNorm is { } qn ? TensorMemory.Floats(qn) : null;
        float* keyNorm = weights.KeyNorm is { } kn ? TensorMemory.Floats(kn) : null;
        float* cos = TensorMemory.Floats(weights.Rotation.Cos), sin = TensorMemory.Floats(weights.Rotation.Sin);
        for (int row = firstRow; row < endRow; row++)
        {
            int position = rows.Positions[row];
            float* query = all + ((nint)row * outputs), c = cos + ((nint)position * half), s = sin + ((nint)position * half);
            if (bias != null)
                Simd.Add(bias, query, outputs);
            for (int head = 0; head < heads; head++)
                Turn(query + (head * headDim), queryNorm, c, s, scale);

            fixed (int* numbers = rows.Blocks[row])
            {
                for (int head = 0; head < keyValueHeads; head++)
                {
                    float* key = query + ((heads + head) * headDim), value = key + (keyValueHeads * headDim);
                    Turn(key, keyNorm, c, s, 1);
                    BlockView view = _store.View(numbers, layer, head);
                    BlockStore.Store(view, position / BlockAttention.BlockSize, position % BlockAttention.BlockSize, key, value, headDim);
                }
            }
        }

        void Turn(float* x, float* norm, float* c, float* s, float factor)
        {
            if (norm != null)
                RmsNormRows.Norm(x, norm, epsilon, x, headDim);
            RotaryFunction.RotateHead(x, x, c, s, half, 1);
            if (factor != 1)
                Simd.Scale(x, factor, x, headDim);
        }
    }

    private void Attend(DecodeRows rows, int first, int end, int layer, int? window)
    {
        int heads = _config.Heads, headDim = _config.HeadDim, keyValueHeads = _config.KeyValueHeads;
        int group = heads / keyValueHeads;
        nint stride = (heads + (2 * keyValueHeads)) * headDim;
        float* queries = TensorMemory.Floats(_queryKeyValue), attended = TensorMemory.Floats(_attended);
        int longest = 0;
        for (int row = first; row < end; row++)
            longest = Math.Max(longest, rows.Positions[row] + 1);
        float* scratch = Scratch.Rent(BlockAttention.ScratchLength(Math.Min(group, 4), longest));

        for (int head = 0; head < keyValueHeads; head++)
        {
            for (int row = first; row < end; row++)
            {
                nint at = (nint)head * group * headDim;
                int past = window is { } size ? Math.Max(0, rows.Positions[row] + 1 - size) : 0;
                int block = past / BlockAttention.BlockSize, before = block * BlockAttention.BlockSize;
                fixed (int* numbers = rows.Blocks[row])
                {
                    BlockAttention.Attend(
                        queries + (row * stride) + at, attended + ((nint)row * heads * headDim) + at, group, headDim,
                        _store.View(numbers + block, layer, head), past - before, rows.Positions[row] + 1 - before, scratch);
                }
            }
        }
    }

    private void Activate(int rows)
    {
        int inner = _config.IntermediateSize;
        float* gates = TensorMemory.Floats(_gateUp);
        bool silu = _config.Family.Activation == GatedActivation.Silu;
        Parallel(rows, row =>
        {
            float* gate = gates + ((nint)row * 2 * inner);
            if (silu)
                GatedUnit.Silu(gate, gate + inner, gate, inner);
            else
                GatedUnit.Gelu(gate, gate + inner, gate, inner);
        });
    }

    /// <summary>Adds a block's update, normed if the model norms it, to the stream, and norms the stream for the next block if there is one.</summary>
    private void AddToHidden(int rows, Tensor? norm, Tensor? next)
    {
        int width = _config.HiddenSize;
        float epsilon = (float)_config.RmsNormEps;
        float* hidden = TensorMemory.Floats(_hidden), updates = TensorMemory.Floats(_update), normed = TensorMemory.Floats(_normed);
        float* own = norm is null ? null : TensorMemory.Floats(norm), following = next is null ? null : TensorMemory.Floats(next);
        Parallel(rows, row =>
        {
            nint at = (nint)row * width;
            if (own != null)
                RmsNormRows.Norm(updates + at, own, epsilon, updates + at, width);
            Simd.Add(updates + at, hidden + at, width);
            if (following != null)
                RmsNormRows.Norm(hidden + at, following, epsilon, normed + at, width);
        });
    }

    private void Head(int[] outputs, Action<int, Tensor> consume)
    {
        int width = _config.HiddenSize, vocabulary = _head.Outputs;
        float epsilon = (float)_config.RmsNormEps;
        float* hidden = TensorMemory.Floats(_hidden), normed = TensorMemory.Floats(_normed), norm = TensorMemory.Floats(_weights.FinalNorm);
        Parallel(outputs.Length, i =>
            RmsNormRows.Norm(hidden + ((nint)outputs[i] * width), norm, epsilon, normed + ((nint)i * width), width));

        for (int first = 0; first < outputs.Length; first += _logitsRows)
        {
            int count = Math.Min(_logitsRows, outputs.Length - first);
            using Tensor logits = empty(count, vocabulary); // [count, vocab]
            _head.Apply(count, normed + ((nint)first * width), width, TensorMemory.Floats(logits));
            consume(first, logits);
        }
    }

    private static void Items(int rows, Action<int, int> body) =>
        Workers.For((rows + ItemRows - 1) / ItemRows, item => body(item * ItemRows, Math.Min(rows, (item + 1) * ItemRows)));

    private static void Parallel(int rows, Action<int> body) => Items(rows, (first, end) =>
    {
        for (int row = first; row < end; row++)
            body(row);
    });
}
