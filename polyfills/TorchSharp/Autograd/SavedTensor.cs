using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>A tensor kept for the backward pass, together with the version it had.</summary>
internal sealed class SavedTensor
{
    private readonly bool _isOutput;
    private readonly int _outputNumber;
    private int _version;
    private Storage _guarded;
    private TensorImpl? _impl;

    /// <summary>An output of the saving step is kept without its place in the graph, which would make a cycle.</summary>
    internal SavedTensor(Tensor tensor, bool isOutput)
    {
        TensorImpl impl = tensor.Impl;
        _isOutput = isOutput;
        _guarded = impl.Storage;
        _version = _guarded.Version;
        if (isOutput)
        {
            _outputNumber = impl.OutputNumber;
            _impl = impl.View(impl.Sizes, impl.Strides, impl.Offset);
        }
        else
        {
            _impl = impl.Hold();
        }
    }

    internal Tensor Unpack(Node owner)
    {
        if (_impl is null)
        {
            throw Errors.Native(
                $"{owner.Name}: the saved tensors of this graph were freed by an earlier backward pass. Pass retain_graph: true to that one to run a second.");
        }

        if (_guarded.Version != _version)
        {
            throw Errors.Native(
                $"{owner.Name}: a tensor {Errors.Text(_impl.Sizes)} needed for the gradient was modified by an inplace operation " +
                $"(version {_guarded.Version}, expected {_version}).");
        }

        if (!_isOutput)
            return new Tensor(_impl.Hold());
        TensorImpl impl = _impl.View(_impl.Sizes, _impl.Strides, _impl.Offset);
        if (GradMode.IsEnabled)
            impl.SetFunction(owner, _outputNumber);
        return new Tensor(impl);
    }

    /// <summary>
    /// The result of an in-place operation is kept as a copy, but counts as the tensor that was modified: changing that one
    /// again makes the gradient impossible, as it is in libtorch, where the two share memory.
    /// </summary>
    internal void FollowInPlace(TensorImpl result, TensorImpl modified)
    {
        if (!_isOutput || _impl is null || !ReferenceEquals(_guarded, result.Storage))
            return;
        _guarded = modified.Storage;
        _version = _guarded.Version;
    }

    internal void Release()
    {
        _impl?.Release();
        _impl = null;
    }
}
