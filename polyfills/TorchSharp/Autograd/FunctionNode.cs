using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace TorchSharp;

/// <summary>The recorded call of a custom function.</summary>
internal sealed class FunctionNode<T> : Node
    where T : Function<T>, new()
{
    private readonly bool[] _isTensor;
    private (long[] Sizes, ScalarType DType)[] _outputs = [];
    private DisposeScope? _scope;

    internal FunctionNode(object[] arguments)
    {
        Context = new AutogradContext(this);
        _isTensor = new bool[arguments.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] is not Tensor { IsInvalid: false } tensor)
                continue;
            _isTensor[i] = true;
            NeedsGrad |= tensor.Impl.RequiresGrad;
        }
    }

    internal override string Name => Function<T>.Instance.Name;

    internal override bool RunsUserCode => true;

    internal AutogradContext Context { get; }

    internal bool NeedsGrad { get; }

    internal List<Tensor> Attach(object[] arguments, List<Tensor> outputs, bool records)
    {
        foreach (Tensor dirty in Context.Dirty)
            dirty.Impl.Storage.BumpVersion();
        for (int i = 0; i < outputs.Count; i++)
        {
            // an argument handed through becomes a tensor of its own
            Tensor output = outputs[i];
            if (output is { IsInvalid: false } && IsArgument(arguments, output) && !Contains(Context.Dirty, output))
            {
                using (new GradMode(false))
                    outputs[i] = output.alias();
            }
        }

        if (!records)
            return outputs;
        Edges = new Edge[arguments.Length];
        for (int i = 0; i < arguments.Length; i++)
        {
            if (_isTensor[i])
                Edges[i] = Graph.EdgesOf([(Tensor)arguments[i]])[0];
        }

        Outputs = outputs.Count;
        _scope = CurrentDisposeScope;
        _outputs = new (long[], ScalarType)[outputs.Count];
        for (int i = 0; i < outputs.Count; i++)
        {
            if (outputs[i] is not { IsInvalid: false } output)
                continue;
            _outputs[i] = (output.Impl.Sizes, output.dtype);
            if (!is_floating_point(output.dtype) || Contains(Context.NonDifferentiable, output))
                continue;
            if (output.Impl.RequiresGradLeaf)
                Errors.Throw($"{Name}: a leaf that requires a gradient was modified in place.");
            output.Impl.SetFunction(this, i);
        }

        Context.Save(outputs);
        return outputs;
    }

    internal override Tensor?[] Apply(Tensor?[] grads)
    {
        var inputs = new List<Tensor>(grads.Length);
        var temporary = new List<Tensor>();
        for (int i = 0; i < grads.Length; i++)
        {
            if (grads[i] is { } grad)
            {
                inputs.Add(grad);
                continue;
            }

            bool fill = Context.MaterializeGrads && _outputs[i].Sizes is not null;
            if (fill && _scope is { IsDisposed: true })
            {
                throw new InvalidOperationException(
                    $"{Name}: result {i} has no gradient, and the real package makes zeros from a tensor in the scope of the forward pass, which "
                    + "is closed: there the process ends. Call set_materialize_grads(false) and fill in zeros in backward.");
            }

            Tensor missing = fill ? zeros(_outputs[i].Sizes, _outputs[i].DType) : Tensor.Floating(null);
            temporary.Add(missing);
            inputs.Add(missing);
        }

        List<Tensor> results = Function<T>.Instance.BackwardAll(Context, inputs);
        var checkedResults = new Tensor?[_isTensor.Length];
        for (int i = 0; i < results.Count; i++)
        {
            if (results[i] is not { IsInvalid: false } result)
                continue;
            if (i >= _isTensor.Length)
                throw new InvalidOperationException($"{Name}: backward returned {results.Count} gradients for {_isTensor.Length} arguments.");
            if (!_isTensor[i])
                throw new InvalidOperationException($"{Name}: backward returned a gradient for argument {i}, which is not a tensor.");
            checkedResults[i] = result;
        }

        if (results.Count < _isTensor.Length)
            throw new InvalidOperationException($"{Name}: backward returned {results.Count} gradients for {_isTensor.Length} arguments.");
        foreach (Tensor tensor in temporary)
        {
            if (!Array.Exists(checkedResults, result => ReferenceEquals(result, tensor)))
                tensor.Dispose();
        }

        return checkedResults;
    }

    internal override void ReleaseSaved() => Context.Release();

    private static bool IsArgument(object[] arguments, Tensor output) =>
        Array.Exists(arguments, a => a is Tensor { IsInvalid: false } t && ReferenceEquals(t.Impl, output.Impl));

    private static bool Contains(List<Tensor> tensors, Tensor tensor) =>
        tensors.Exists(t => t is { IsInvalid: false } && ReferenceEquals(t.Impl, tensor.Impl));
}
