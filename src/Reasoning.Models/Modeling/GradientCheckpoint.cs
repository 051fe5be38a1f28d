using Reasoning.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>
/// Gradient checkpointing, also called activation checkpointing (Chen et al. 2016, arXiv:1604.06174): the forward pass of a layer keeps its
/// two inputs and nothing that it made of them; the backward pass runs the layer again, now for a gradient, and goes back through what that
/// leaves. The same operations in the same order, so the same gradients to the bit, for about a third more time.
/// </summary>
internal static class GradientCheckpoint
{
    /// <summary>As <see cref="DecoderLayer.Apply"/>; after the last layer, whose sum nothing uses, both results are the normed one.</summary>
    internal static (Tensor X, Tensor Normed) Apply(
        DecoderLayer layer, Tensor x, Tensor normed, Norm next, bool last, Tensor cos, Tensor sin, SequenceLayout sequences)
    {
        using DisposeScope scope = NewDisposeScope();
        // Of these the function only asks whether they learn: without them a layer above a frozen embedding would seem to need no gradient.
        IEnumerable<Tensor> learning = layer.parameters().Concat(next.parameters()).Where(parameter => parameter.requires_grad);
        List<Tensor> results =
            CheckpointedLayer.apply([x, normed, cos, sin, new LayerPass(layer, next, last, sequences.Offsets), .. learning]);
        foreach (Tensor result in results) scope.MoveToOuter(result);
        return (results[0], results[^1]);
    }
}

/// <summary>What a layer was run with, beside tensors.</summary>
internal sealed record LayerPass(DecoderLayer Layer, Norm Next, bool Last, int[] Offsets)
{
    /// <summary>Runs it; the results belong to the caller's scope.</summary>
    internal Tensor[] Run(Tensor x, Tensor normed, Tensor cos, Tensor sin)
    {
        // The one of the forward pass is gone when the backward pass comes.
        using var sequences = new SequenceLayout(Offsets);
        (Tensor sum, Tensor sumNormed) = Layer.Apply(x, normed, Next, Last, cos, sin, sequences);
        return Last ? [sumNormed] : [sum, sumNormed];
    }
}

internal sealed class CheckpointedLayer : autograd.MultiTensorFunction<CheckpointedLayer>
{
    private const string Pass = "pass";
    private const string Inputs = "inputs";

    public override string Name => nameof(GradientCheckpoint);

    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        Tensor[] inputs = [.. vars.Take(4).Cast<Tensor>()];
        var pass = (LayerPass)vars[4];
        ctx.save_data(Pass, pass);
        ctx.save_data(Inputs, vars.Length);
        ctx.set_materialize_grads(false);
        ctx.save_for_backward([.. inputs]);
        return [.. pass.Run(inputs[0], inputs[1], inputs[2], inputs[3])];
    }

    /// <summary>Gradients of parameters are added where they belong on the way; only those of the inputs are handed on.</summary>
    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        using DisposeScope scope = NewDisposeScope();
        var pass = (LayerPass)ctx.get_data(Pass);
        List<Tensor> saved = BackwardPass.Saved(ctx);
        Tensor[] inputs = [.. saved.Take(2).Select(input => input.detach().requires_grad_(input.requires_grad))];
        using (enable_grad())
        {
            Tensor[] results = pass.Run(inputs[0], inputs[1], saved[2], saved[3]);
            (Tensor Result, Tensor Gradient)[] known =
                [.. results.Zip(grad_outputs).Where(pair => pair.First.requires_grad && !pair.Second.IsInvalid)];
            autograd.backward([.. known.Select(pair => pair.Result)], [.. known.Select(pair => pair.Gradient)]);
        }

        var gradients = new Tensor?[(int)ctx.get_data(Inputs)];
        for (int i = 0; i < inputs.Length; i++) gradients[i] = inputs[i].grad;
        return BackwardPass.Return(grad_outputs, gradients);
    }
}
