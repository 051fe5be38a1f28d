using Reasoning.Models.Config;
using Reasoning.Models.Kernels;
using Reasoning.Models.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Generation;

/// <summary>
/// Keys and values of a fixed number of sequences, one place each, in the model's type on its device. A place is a plain slice, so that
/// the running sequences, which hold the first places, are attended to without gathering: one more token of each in a pass.
/// </summary>
internal sealed class DeviceCache : IDisposable
{
    private readonly Tensor[] _keys; // per layer [places, keyValueHeads, capacity, headDim]
    private readonly Tensor[] _values; // per layer [places, keyValueHeads, capacity, headDim]


    internal DeviceCache(CausalLM model, int places, int capacity)
    {
        (Places, Capacity) = (places, capacity);
        ModelConfig config = model.Config;
        _keys = new Tensor[config.Layers];
        _values = new Tensor[config.Layers];
        for (int layer = 0; layer < config.Layers; layer++)
        {
            _keys[layer] = Empty();
            _values[layer] = Empty();
        }

        // Zeros, since a masked position still enters the product with weight 0, and 0 · NaN would not be 0.
        Tensor Empty() => zeros(
            places, config.KeyValueHeads, capacity, config.HeadDim, dtype: model.EmbedTokens.dtype, device: model.EmbedTokens.device)
            .DetachFromDisposeScope();
    }

    /// <summary>Sequences it can hold.</summary>
    internal int Places { get; }

    /// <summary>Positions of each.</summary>
    internal int Capacity { get; }

    /// <summary>Bytes of one place with so many positions.</summary>
    internal static long BytesOf(ModelConfig config, int capacity, ScalarType dtype) =>
        2L * config.Layers * config.KeyValueHeads * capacity * config.HeadDim * (dtype == ScalarType.Float32 ? 4 : 2);

    /// <summary>Puts the keys and values of a prompt into a place.</summary>
    internal void Store(DevicePrompt prompt, int place)
    {
        using DisposeScope scope = NewDisposeScope();
        for (int layer = 0; layer < _keys.Length; layer++)
        {
            _keys[layer].select(0, place).narrow(1, 0, prompt.Length).copy_(prompt.Keys[layer]);
            _values[layer].select(0, place).narrow(1, 0, prompt.Length).copy_(prompt.Values[layer]);
        }
    }

    /// <summary>One more token of the sequences in the first places; what it makes belongs to the dispose scope around the call.</summary>
    /// <param name="positions">[rows] int64, where the tokens stand</param>
    /// <param name="longest">No position is at or above this.</param>
    internal IAttentionCache Next(Tensor positions, int longest) => new NextToken(this, positions, longest);

    /// <summary>Copies a place over another.</summary>
    internal void Move(int from, int to)
    {
        using DisposeScope scope = NewDisposeScope();
        for (int layer = 0; layer < _keys.Length; layer++)
        {
            _keys[layer].select(0, to).copy_(_keys[layer].select(0, from));
            _values[layer].select(0, to).copy_(_values[layer].select(0, from));
        }
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _keys.Concat(_values)) tensor.Dispose();
    }

    private sealed class NextToken : IAttentionCache
    {
        private readonly DeviceCache _cache;
        private readonly int _longest;
        private readonly Tensor _slots; // [rows · keyValueHeads], where each writes in the cache seen as [places · keyValueHeads · capacity, headDim]
        private readonly Tensor _here; // [rows, 1]
        private readonly Tensor _places; // [1, longest]
        private readonly Tensor _past; // [rows, longest]

        internal NextToken(DeviceCache cache, Tensor positions, int longest)
        {
            (_cache, _longest) = (cache, longest);
            long heads = cache._keys[0].shape[1], rows = positions.shape[0];
            using Scalar capacity = cache.Capacity;
            _slots = (Arithmetic.Range(rows * heads, ScalarType.Int64, positions.device) * capacity).AddInPlace(positions.repeat_interleave(heads));
            _here = positions.unsqueeze(1);
            _places = Arithmetic.Range(longest, ScalarType.Int64, positions.device).unsqueeze(0);
            _past = _places.le(_here);
        }

        public Tensor Attend(int layer, Tensor query, Tensor key, Tensor value, int? window, double scale)
        {
            using DisposeScope scope = NewDisposeScope();
            long rows = query.shape[0], heads = key.shape[1], group = query.shape[1] / heads, headDim = query.shape[2];
            Tensor keys = _cache._keys[layer], values = _cache._values[layer];
            keys.view(-1, headDim).index_copy_(0, _slots, key.reshape(-1, headDim));
            values.view(-1, headDim).index_copy_(0, _slots, value.reshape(-1, headDim));
            using Scalar? size = window;
            Tensor seen = size is null ? _past : _past.logical_and(_places.gt(_here - size)); // [rows, longest]
            // A group's query heads are so many queries of one key-value head; TorchSharp's attention divides by √headDim itself.
            Tensor queries = query.reshape(rows, heads, group, headDim).Times(scale * Math.Sqrt(headDim));
            Tensor mixed = nn.functional.scaled_dot_product_attention(
                queries, Seen(keys), Seen(values), seen.view(rows, 1, 1, _longest)); // [rows, keyValueHeads, group, headDim]
            return mixed.reshape(rows, heads * group, headDim).MoveToOuterDisposeScope();

            Tensor Seen(Tensor all) => all.narrow(0, 0, rows).narrow(2, 0, _longest); // [rows, keyValueHeads, longest, headDim]
        }
    }
}
