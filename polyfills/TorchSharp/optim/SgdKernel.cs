using System.Numerics;
using Reasoning.Shared;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>
/// SGD updates. Contiguous float32 and float64 tensors are updated in one pass over memory that allocates nothing but the
/// momentum of the first step; others by tensor operations. Neither depends on the number of threads.
/// </summary>
internal sealed unsafe class SgdKernel
{
    private const int Chunk = 1 << 15;

    private readonly Action<int> _singleChunk;
    private readonly Action<int> _doubleChunk;
    private SgdRule _rule;
    private bool _first;
    private long _count;
    private void* _parameter;
    private void* _grad;
    private void* _momentum;

    internal SgdKernel()
    {
        _singleChunk = Run<float>;
        _doubleChunk = Run<double>;
    }

    internal SgdRule Rule
    {
        set => _rule = value;
    }

    /// <summary>Updates the parameter and, where the rule has momentum, the buffer, which is made when null.</summary>
    internal void Update(Tensor parameter, Tensor grad, ref Tensor? momentum)
    {
        _first = _rule.Momentum != 0 && momentum is null;
        if (_first)
            momentum = empty_like(parameter).DetachFromDisposeScope();
        Tensor? used = _rule.Momentum != 0 ? momentum : null;
        if (CanFuse(parameter, grad, used))
            Fused(parameter, grad, used);
        else
            Composite(parameter, grad, used);
    }

    private static bool CanFuse(Tensor parameter, Tensor grad, Tensor? momentum)
    {
        ScalarType dtype = parameter.dtype;
        return dtype is ScalarType.Float32 or ScalarType.Float64
            && Fits(parameter) && Fits(grad) && (momentum is null || Fits(momentum));

        bool Fits(Tensor tensor) => tensor.dtype == dtype && tensor.is_contiguous();
    }

    private void Composite(Tensor parameter, Tensor grad, Tensor? momentum)
    {
        using var scope = NewDisposeScope();
        if (_rule.WeightDecay != 0)
            grad = grad.add(parameter, _rule.WeightDecay);
        if (momentum is not null)
        {
            if (_first)
                momentum.copy_(grad);
            else
                momentum.mul_(_rule.Momentum).add_(grad, 1 - _rule.Dampening);
            grad = _rule.Nesterov ? grad.add(momentum, _rule.Momentum) : momentum;
        }

        parameter.add_(grad, _rule.Maximize ? _rule.LearningRate : -_rule.LearningRate);
    }

    private void Fused(Tensor parameter, Tensor grad, Tensor? momentum)
    {
        _count = parameter.numel();
        _parameter = InPlace.Pointer(parameter);
        _grad = grad.Impl.Data;
        _momentum = momentum is null ? null : InPlace.Pointer(momentum);
        int chunks = (int)((_count + Chunk - 1) / Chunk);
        Workers.For(chunks, parameter.dtype == ScalarType.Float32 ? _singleChunk : _doubleChunk);
        GC.KeepAlive(parameter);
        GC.KeepAlive(grad);
        GC.KeepAlive(momentum);
    }

    private void Run<T>(int chunk)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        long start = (long)chunk * Chunk;
        int count = (int)Math.Min(Chunk, _count - start);
        T* parameter = (T*)_parameter + start;
        T* grad = (T*)_grad + start;
        T* momentum = _momentum == null ? null : (T*)_momentum + start;

        T step = T.CreateTruncating(_rule.Maximize ? _rule.LearningRate : -_rule.LearningRate);
        T decay = T.CreateTruncating(_rule.WeightDecay);
        T keep = T.CreateTruncating(_rule.Momentum);
        T fresh = T.CreateTruncating(1 - _rule.Dampening);
        bool nesterov = _rule.Nesterov;
        bool first = _first;

        int i = 0;
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
        {
            Vector<T> p = Vector.Load(parameter + i);
            Vector<T> g = Vector.Load(grad + i);
            if (decay != T.Zero)
                g += p * decay;
            if (momentum != null)
            {
                Vector<T> b = first ? g : Vector.Load(momentum + i) * keep + g * fresh;
                Vector.Store(b, momentum + i);
                g = nesterov ? g + b * keep : b;
            }

            Vector.Store(p + g * step, parameter + i);
        }

        for (; i < count; i++)
        {
            T p = parameter[i];
            T g = grad[i];
            if (decay != T.Zero)
                g += p * decay;
            if (momentum != null)
            {
                T b = first ? g : momentum[i] * keep + g * fresh;
                momentum[i] = b;
                g = nesterov ? g + b * keep : b;
            }

            parameter[i] = p + g * step;
        }
    }
}
