using Reasoning.Models.Kernels;
using static TorchSharp.torch;

namespace Reasoning.Models.Generation;

/// <summary>The linear maps of one layer, packed, those with the same input together.</summary>
internal sealed class PackedLayer
{
    internal PackedLayer(LayerWeights layer, bool bfloat16)
    {
        QueryKeyValue = new PackedLinear(bfloat16, layer.Query.Weight, layer.Key.Weight, layer.Value.Weight);
        Output = new PackedLinear(bfloat16, layer.Output.Weight);
        GateUp = new PackedLinear(bfloat16, layer.Gate.Weight, layer.Up.Weight);
        Down = new PackedLinear(bfloat16, layer.Down.Weight);
        Bias = layer.Query.Bias is { } query && layer.Key.Bias is { } key && layer.Value.Bias is { } value ? cat([query, key, value]) : null;
    }

    /// <summary>width → (heads + 2 · keyValueHeads) · headDim</summary>
    internal PackedLinear QueryKeyValue { get; }

    /// <summary>heads · headDim → width</summary>
    internal PackedLinear Output { get; }

    /// <summary>width → 2 · inner, gates first</summary>
    internal PackedLinear GateUp { get; }

    /// <summary>inner → width</summary>
    internal PackedLinear Down { get; }

    /// <summary>[(heads + 2 · keyValueHeads) · headDim], or null.</summary>
    internal Tensor? Bias { get; }
}
