using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>
/// Decoding with plain tensor operations in the model's type on its device. The cache is one tensor of keys and one of values per
/// layer, [slots, keyValueHeads, headDim]; a pass gathers the slots of each row.
/// </summary>
internal sealed class CompositeDecoder : IDecoder
{
    private readonly ModelConfig _config;
    private readonly DecoderWeights _weights;
    private readonly Tensor[] _keys; // per layer [slots, keyValueHeads, headDim]
    private readonly Tensor[] _values; // per layer [slots, keyValueHeads, headDim]
    private readonly Scalar _scale;
    private readonly Scalar _masked = double.NegativeInfinity;
    private readonly long _gatherLimit;
    private readonly int _logitsRows;
    private int _blocks;

    /// <param name="weights">Weights of any type on any device.</param>
    /// <param name="gatherLimit">Elements of keys gathered at once; rows are taken in slices that stay below it.</param>
    /// <param name="logitsLimit">Logits that exist at once.</param>
    internal CompositeDecoder(DecoderWeights weights, long gatherLimit = 1 << 26, long logitsLimit = 1 << 26)
    {
        _weights = weights;
        _config = weights.Config;
        _scale = _config.AttentionScale;
        _gatherLimit = gatherLimit;
        _logitsRows = (int)Math.Max(1, logitsLimit / _config.VocabSize);
        _keys = new Tensor[_config.Layers];
        _values = new Tensor[_config.Layers];
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            _keys[layer] = Slots(0).DetachFromDisposeScope();
            _values[layer] = Slots(0).DetachFromDisposeScope();
        }
    }

    public void Reserve(int blocks)
    {
        if (blocks <= _blocks)
            return;

        int count = Math.Max(blocks, 2 * _blocks);
        using DisposeScope scope = NewDisposeScope();
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            _keys[layer] = Grow(_keys[layer], count - _blocks);
            _values[layer] = Grow(_values[layer], count - _blocks);
        }

        _blocks = count;
    }

    public void CopyBlock(int from, int to)
    {
        using DisposeScope scope = NewDisposeScope();
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            foreach (Tensor cache in new[] { _keys[layer], _values[layer] })
                Block(cache, to).copy_(Block(cache, from));
        }
    }

    public void Run(DecodeRows rows, int[] outputs, LogitsConsumer consume)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor slots = Indices(Enumerable.Range(0, rows.Count).Select(row => rows.Slot(row, rows.Positions[row]))); // [rows]
        Tensor positions = Indices(rows.Positions.Take(rows.Count)); // [rows]
        Tensor x = _weights.Embedding.index_select(0, Indices(rows.Ids.Take(rows.Count))); // [rows, width]
        x = DecoderStack.Scaled(x, _config.EmbeddingScale);
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            using DisposeScope layerScope = NewDisposeScope();
            LayerWeights weights = _weights.Layers[layer];
            Tensor cos = weights.Rotation.Cos.index_select(0, positions); // [rows, headDim / 2]
            Tensor sin = weights.Rotation.Sin.index_select(0, positions); // [rows, headDim / 2]
            Tensor h = RmsNorm.Composite(x, weights.InputNorm, _config.RmsNormEps);
            Tensor query = Project(weights.Query, h, _config.Heads, weights.QueryNorm, cos, sin); // [rows, heads, headDim]
            Tensor key = Project(weights.Key, h, _config.KeyValueHeads, weights.KeyNorm, cos, sin); // [rows, keyValueHeads, headDim]
            Tensor value = weights.Value.Apply(h).view(rows.Count, _config.KeyValueHeads, _config.HeadDim);
            _keys[layer].index_copy_(0, slots, key);
            _values[layer].index_copy_(0, slots, value);
            Tensor attended = Attend(rows, layer, query); // [rows, heads * headDim]
            Tensor middle = x + Normed(weights.Output.Apply(attended), weights.AttentionOutputNorm);
            h = RmsNorm.Composite(middle, weights.FeedForwardNorm, _config.RmsNormEps);
            Tensor gate = weights.Gate.Apply(h), up = weights.Up.Apply(h); // [rows, inner]
            Tensor inner = _config.Activation == GatedActivation.Silu ? SwiGlu.Composite(gate, up) : GeGlu.Composite(gate, up);
            x = (middle + Normed(weights.Down.Apply(inner), weights.FeedForwardOutputNorm)).MoveToOuterDisposeScope();
        }

        Head(x, outputs, consume);
    }

    public void Dispose()
    {
        _scale.Dispose();
        _masked.Dispose();
        for (int layer = 0; layer < _config.Layers; layer++)
        {
            _keys[layer].Dispose();
            _values[layer].Dispose();
        }
    }

    private Tensor Normed(Tensor x, Tensor? norm) => norm is null ? x : RmsNorm.Composite(x, norm, _config.RmsNormEps);

    private Tensor Project(LinearWeights projection, Tensor h, int heads, Tensor? norm, Tensor cos, Tensor sin)
    {
        Tensor x = projection.Apply(h).view(h.shape[0], heads, _config.HeadDim);
        if (norm is not null)
            x = RmsNorm.Composite(x, norm, _config.RmsNormEps);
        return Rotary.Composite(x, cos, sin);
    }

    private Tensor Attend(DecodeRows rows, int layer, Tensor query)
    {
        var parts = new List<Tensor>();
        for (int first = 0; first < rows.Count;)
        {
            int count = 1;
            int longest = rows.Positions[first] + 1;
            bool run = first + 1 < rows.Count && ReferenceEquals(rows.Blocks[first], rows.Blocks[first + 1]);
            while (first + count < rows.Count && ReferenceEquals(rows.Blocks[first], rows.Blocks[first + count]) == run)
            {
                int length = Math.Max(longest, rows.Positions[first + count] + 1);
                if ((run ? 1 : count + 1) * (long)length * _config.KeyValueHeads * _config.HeadDim > _gatherLimit)
                    break;
                longest = length;
                count++;
            }

            parts.Add(Slice(rows, layer, query.narrow(0, first, count), first, run, longest));
            first += count;
        }

        return parts.Count == 1 ? parts[0] : cat(parts, 0);
    }

    /// <summary>
    /// Attention of consecutive rows of one sequence (<paramref name="shared"/>: its keys are gathered once), or of rows of
    /// different sequences.
    /// </summary>
    private Tensor Slice(DecodeRows rows, int layer, Tensor query, int first, bool shared, int longest)
    {
        int count = (int)query.shape[0];
        int group = _config.Heads / _config.KeyValueHeads;
        int batch = shared ? 1 : count, queries = shared ? count : 1;
        var slots = new long[batch * longest];
        for (int row = 0; row < batch; row++)
        {
            // Slots behind the end of a shorter sequence repeat its first; the mask below hides them.
            int length = shared ? longest : rows.Positions[first + row] + 1;
            for (int position = 0; position < longest; position++)
                slots[(row * longest) + position] = rows.Slot(first + row, position < length ? position : 0);
        }

        var hidden = new bool[count * longest];
        for (int row = 0; row < count; row++)
        {
            Span<bool> line = hidden.AsSpan(row * longest, longest);
            line[(rows.Positions[first + row] + 1)..].Fill(true);
            if (_weights.Layers[layer].Window is { } window)
                line[..Math.Max(0, rows.Positions[first + row] + 1 - window)].Fill(true);
        }

        Tensor index = Indices(slots);
        Tensor mask = tensor(hidden, [batch, 1, 1, queries, longest], device: query.device);
        Tensor keys = Gather(_keys[layer], index, batch, longest); // [batch * keyValueHeads, longest, headDim]
        Tensor values = Gather(_values[layer], index, batch, longest); // [batch * keyValueHeads, longest, headDim]
        Tensor q = query.view(batch, queries, _config.KeyValueHeads, group, _config.HeadDim)
            .permute(0, 2, 3, 1, 4)
            .reshape(batch * _config.KeyValueHeads, group * queries, _config.HeadDim);
        Tensor scores = bmm(q, keys.transpose(1, 2)).mul(_scale) // [batch * keyValueHeads, group * queries, longest]
            .view(batch, _config.KeyValueHeads, group, queries, longest)
            .masked_fill(mask, _masked)
            .view(batch * _config.KeyValueHeads, group * queries, longest);
        Tensor weights = nn.functional.softmax(scores, -1);
        return bmm(weights, values) // [batch * keyValueHeads, group * queries, headDim]
            .view(batch, _config.KeyValueHeads, group, queries, _config.HeadDim)
            .permute(0, 3, 1, 2, 4)
            .reshape(count, _config.Heads * _config.HeadDim);
    }

    private Tensor Gather(Tensor cache, Tensor index, int batch, int longest) =>
        cache.index_select(0, index)
            .view(batch, longest, _config.KeyValueHeads, _config.HeadDim)
            .transpose(1, 2)
            .reshape(batch * _config.KeyValueHeads, longest, _config.HeadDim);

    private void Head(Tensor x, int[] outputs, LogitsConsumer consume)
    {
        for (int first = 0; first < outputs.Length; first += _logitsRows)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor rows = x.index_select(0, Indices(outputs.Skip(first).Take(_logitsRows))); // [chunk, width]
            Tensor normed = RmsNorm.Composite(rows, _weights.FinalNorm, _config.RmsNormEps);
            Tensor logits = nn.functional.linear(normed, _weights.Head); // [chunk, vocab]
            consume(first, logits.to(ScalarType.Float32).cpu().contiguous());
        }
    }

    private Tensor Indices(IEnumerable<int> values) => Indices([.. values.Select(v => (long)v)]);

    private Tensor Indices(long[] values) => tensor(values, device: _weights.Embedding.device);

    private static Tensor Block(Tensor cache, int block) => cache.narrow(0, (long)block * BlockPool.BlockSize, BlockPool.BlockSize);

    private Tensor Grow(Tensor cache, int blocks)
    {
        Tensor grown = cat([cache, Slots(blocks)], 0).DetachFromDisposeScope();
        cache.Dispose();
        return grown;
    }

    /// <summary>Zeros, since a masked slot still enters the product with weight 0, and 0 · NaN would not be 0.</summary>
    private Tensor Slots(int blocks) => zeros(
        (long)blocks * BlockPool.BlockSize, _config.KeyValueHeads, _config.HeadDim,
        dtype: _weights.Embedding.dtype, device: _weights.Embedding.device);
}
