using Reasoning.Models.Random;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Bench.Harness;

/// <summary>Random tensors that live as long as this, and steps through functions of them.</summary>
internal sealed class BenchTensors : IDisposable
{
    private readonly List<Tensor> _all = [];
    private readonly KeyedStream _random = new(1);

    /// <summary>Those that get gradients.</summary>
    public List<Tensor> Learning { get; } = [];

    /// <summary>Normal values; with a gradient.</summary>
    public Tensor Add(double deviation, params long[] shape)
    {
        Tensor input = Constant(deviation, shape);
        input.requires_grad = true;
        Learning.Add(input);
        return input;
    }

    /// <summary>Normal values; without a gradient.</summary>
    public Tensor Constant(double deviation, params long[] shape)
    {
        var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++) values[i] = (float)(deviation * _random.NextGaussian());
        return Keep(tensor(values, shape));
    }

    /// <summary>Ids below a bound.</summary>
    public Tensor Ids(int count, int below) => Keep(tensor([.. Enumerable.Range(0, count).Select(i => i * 7919L % below)]));

    /// <summary>Forgets the gradients.</summary>
    public void Clear()
    {
        foreach (Tensor input in Learning) input.grad = null;
    }

    /// <summary>Forward and backward from a constant gradient.</summary>
    public Action Differentiated(Func<Tensor> function)
    {
        long[] shape;
        using (NewDisposeScope()) shape = function().shape;
        Tensor gradient = Constant(1, shape);
        return () =>
        {
            Clear();
            using DisposeScope scope = NewDisposeScope();
            autograd.backward(function(), gradient);
        };
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _all) tensor.Dispose();
    }

    private Tensor Keep(Tensor tensor)
    {
        _all.Add(tensor);
        return tensor;
    }
}
