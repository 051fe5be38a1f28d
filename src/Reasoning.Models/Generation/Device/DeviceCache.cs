using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>
/// Keys and values of a fixed number of sequences, one place each, in the model's type on its device. A place is a plain slice, so that
/// the running sequences, which hold the first places, are attended to without gathering.
/// </summary>
internal sealed class DeviceCache : IDisposable
{
    private readonly Tensor[] _keys; // per layer [places, keyValueHeads, capacity, headDim]
    private readonly Tensor[] _values; // per layer [places, keyValueHeads, capacity, headDim]

    internal DeviceCache(DecoderWeights weights, int places, int capacity)
    {
        (Places, Capacity) = (places, capacity);
        ModelConfig config = weights.Config;
        _keys = new Tensor[config.Layers];
        _values = new Tensor[config.Layers];
        for (int layer = 0; layer < config.Layers; layer++)
        {
            _keys[layer] = Empty();
            _values[layer] = Empty();
        }

        // Zeros, since a masked position still enters the product with weight 0, and 0 · NaN would not be 0.
        Tensor Empty() => zeros(
            places, config.KeyValueHeads, capacity, config.HeadDim, dtype: weights.Embedding.dtype, device: weights.Embedding.device)
            .DetachFromDisposeScope();
    }

    /// <summary>Sequences it can hold.</summary>
    internal int Places { get; }

    /// <summary>Positions of each.</summary>
    internal int Capacity { get; }

    /// <summary>Bytes of one place with so many positions.</summary>
    internal static long BytesOf(ModelConfig config, int capacity, ScalarType dtype) =>
        2L * config.Layers * config.KeyValueHeads * capacity * config.HeadDim * (dtype == ScalarType.Float32 ? 4 : 2);

    /// <summary>[places, keyValueHeads, capacity, headDim]</summary>
    internal Tensor Keys(int layer) => _keys[layer];

    /// <summary>[places, keyValueHeads, capacity, headDim]</summary>
    internal Tensor Values(int layer) => _values[layer];

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
}
