using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Gradient of a built-in operation: saved tensors, some data, and a formula.</summary>
internal sealed class OpNode : Node
{
    private readonly Delegate _formula;
    private readonly SavedTensor?[] _saved;

    internal OpNode(string name, SavedTensor?[] saved, object? data, Delegate formula)
    {
        Name = name;
        _saved = saved;
        Data = data;
        _formula = formula;
    }

    internal override string Name { get; }

    /// <summary>What the formula needs besides tensors.</summary>
    internal object? Data { get; }

    internal bool Needs(int input) => Edges[input].Target is not null;

    /// <summary>Sizes of an input that needs a gradient.</summary>
    internal long[] InputSizes(int input) => Edges[input].Sizes;

    internal Tensor Saved(int index) => _saved[index]!.Unpack(this);

    /// <summary>Guards formulas that run on raw memory and so cannot be differentiated again.</summary>
    internal void FirstOrderOnly()
    {
        if (GradMode.IsEnabled)
            throw new NotSupportedException($"{Name}: second derivatives (create_graph) of this operation are not part of the embedded backend.");
    }

    internal override Tensor?[] Apply(Tensor?[] grads) => _formula is Func<OpNode, Tensor, Tensor?[]> single
        ? single(this, grads[0]!)
        : ((Func<OpNode, Tensor?[], Tensor?[]>)_formula)(this, grads);

    /// <inheritdoc cref="SavedTensor.FollowInPlace"/>
    internal void FollowInPlace(TensorImpl result, TensorImpl modified)
    {
        foreach (SavedTensor? s in _saved)
            s?.FollowInPlace(result, modified);
    }

    internal override void ReleaseSaved()
    {
        foreach (SavedTensor? s in _saved)
            s?.Release();
    }
}
