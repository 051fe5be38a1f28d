using System.Runtime.InteropServices;
using Reasoning.Models.Config;
using Reasoning.Models.Kernels;
using static TorchSharp.torch;

namespace Reasoning.Models.Generation;

/// <summary>
/// Cache blocks in main memory, taken in slabs as more are needed and given back together: slabs are tensors, so that the memory of one
/// call serves the next. Per block, layer and key-value head:
/// keys [headDim, 16] followed by values [16, headDim], so one head reads its part of a block front to back.
/// </summary>
internal sealed unsafe class BlockStore : IDisposable
{
    private const long SlabFloats = 1 << 22;

    private readonly ModelConfig _config;
    private readonly nint _blockFloats;
    private readonly List<Tensor> _slabs = [];
    private float** _table;
    private int _count;

    internal BlockStore(ModelConfig config)
    {
        _config = config;
        _blockFloats = config.Layers * LayerFloats;
    }

    internal BlockView View(int* numbers, int layer, int keyValueHead) =>
        new(_table, numbers, (layer * LayerFloats) + (keyValueHead * HeadFloats));

    private nint HeadFloats => (nint)2 * BlockAttention.BlockSize * _config.HeadDim;

    private nint LayerFloats => HeadFloats * _config.KeyValueHeads;

    internal void Reserve(int blocks)
    {
        if (blocks <= _count)
            return;

        int perSlab = (int)Math.Max(1, SlabFloats / _blockFloats);
        int count = (blocks + perSlab - 1) / perSlab * perSlab;
        _table = (float**)NativeMemory.Realloc(_table, (nuint)count * (nuint)sizeof(float*));
        while (_count < count)
        {
            Tensor slab = empty(perSlab * _blockFloats).DetachFromDisposeScope();
            _slabs.Add(slab);
            float* floats = TensorMemory.Floats(slab);
            for (int i = 0; i < perSlab; i++)
                _table[_count++] = floats + (i * _blockFloats);
        }
    }

    internal void Copy(int from, int to) =>
        NativeMemory.Copy(_table[from], _table[to], (nuint)(_blockFloats * sizeof(float)));

    /// <summary>Stores the key and value of one head, [headDim] each, at <paramref name="slot"/> of the sequence's block <paramref name="block"/>.</summary>
    internal static void Store(BlockView view, int block, int slot, float* key, float* value, int headDim)
    {
        float* part = view[block];
        for (int d = 0; d < headDim; d++)
            part[(d * BlockAttention.BlockSize) + slot] = key[d];
        new ReadOnlySpan<float>(value, headDim).CopyTo(new Span<float>(part + ((BlockAttention.BlockSize + slot) * headDim), headDim));
    }

    public void Dispose()
    {
        foreach (Tensor slab in _slabs)
            slab.Dispose();
        NativeMemory.Free(_table);
        _slabs.Clear();
        _table = null;
        _count = 0;
    }
}
