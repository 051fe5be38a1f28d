using System.Numerics;
using System.Runtime.CompilerServices;
using Reasoning.Shared;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>
/// Adam and AdamW updates (Kingma and Ba 2015, arXiv:1412.6980; Loshchilov and Hutter 2019, arXiv:1711.05101; AMSGrad:
/// Reddi et al. 2018). Contiguous float32 and float64 tensors are updated in one pass over memory that allocates nothing;
/// others by tensor operations. Both round after the same operations, so they differ by rounding in the moments at most,
/// and neither depends on the number of threads.
/// </summary>
internal sealed unsafe class AdamKernel
{
    private const int Chunk = 1 << 15;

    private readonly Action<int> _singleChunk;
    private readonly Action<int> _doubleChunk;
    private AdamRule _rule;
    private double _stepSize;
    private double _rootOfCorrection2;
    private long _count;
    private void* _parameter;
    private void* _grad;
    private void* _average;
    private void* _square;
    private void* _largest;

    internal AdamKernel()
    {
        _singleChunk = Run<float>;
        _doubleChunk = Run<double>;
    }

    internal AdamRule Rule
    {
        set => _rule = value;
    }

    /// <summary>Updates the parameter and its moments in place, all of one shape and dtype. The first update is step 1.</summary>
    internal void Update(Tensor parameter, Tensor grad, Tensor average, Tensor square, Tensor? largest, long step)
    {
        _stepSize = _rule.LearningRate / (1 - Math.Pow(_rule.Beta1, step));
        _rootOfCorrection2 = Math.Sqrt(1 - Math.Pow(_rule.Beta2, step));
        if (CanFuse(parameter, grad, average, square, largest))
            Fused(parameter, grad, average, square, largest);
        else
            Composite(parameter, grad, average, square, largest);
    }

    internal void Composite(Tensor parameter, Tensor grad, Tensor average, Tensor square, Tensor? largest)
    {
        using var scope = NewDisposeScope();
        if (_rule.Maximize)
            grad = -grad;
        if (_rule.Decoupled)
            parameter.mul_(1 - _rule.LearningRate * _rule.WeightDecay);
        else if (_rule.WeightDecay != 0)
            grad = grad.add(parameter, _rule.WeightDecay);
        average.mul_(_rule.Beta1).add_(grad, 1 - _rule.Beta1);
        square.mul_(_rule.Beta2).addcmul_(grad, grad, 1 - _rule.Beta2);
        largest?.copy_(maximum(largest, square));
        Tensor denominator = ((largest ?? square).sqrt() / _rootOfCorrection2).add_(_rule.Eps);
        parameter.addcdiv_(average, denominator, -_stepSize);
    }

    private static bool CanFuse(Tensor parameter, Tensor grad, Tensor average, Tensor square, Tensor? largest)
    {
        ScalarType dtype = parameter.dtype;
        return dtype is ScalarType.Float32 or ScalarType.Float64
            && Fits(parameter) && Fits(grad) && Fits(average) && Fits(square) && (largest is null || Fits(largest));

        bool Fits(Tensor tensor) => tensor.dtype == dtype && tensor.is_contiguous();
    }

    private void Fused(Tensor parameter, Tensor grad, Tensor average, Tensor square, Tensor? largest)
    {
        _count = parameter.numel();
        _parameter = InPlace.Pointer(parameter);
        _grad = grad.Impl.Data;
        _average = InPlace.Pointer(average);
        _square = InPlace.Pointer(square);
        _largest = largest is null ? null : InPlace.Pointer(largest);
        int chunks = (int)((_count + Chunk - 1) / Chunk);
        Workers.For(chunks, parameter.dtype == ScalarType.Float32 ? _singleChunk : _doubleChunk);
        GC.KeepAlive(parameter);
        GC.KeepAlive(grad);
        GC.KeepAlive(average);
        GC.KeepAlive(square);
        GC.KeepAlive(largest);
    }

    private void Run<T>(int chunk)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        long start = (long)chunk * Chunk;
        int count = (int)Math.Min(Chunk, _count - start);
        T* parameter = (T*)_parameter + start;
        T* grad = (T*)_grad + start;
        T* average = (T*)_average + start;
        T* square = (T*)_square + start;
        T* largest = _largest == null ? null : (T*)_largest + start;

        T sign = _rule.Maximize ? -T.One : T.One;
        T keep = Round(_rule.Decoupled ? 1 - _rule.LearningRate * _rule.WeightDecay : 1);
        T coupled = Round(_rule.Decoupled ? 0 : _rule.WeightDecay);
        T beta1 = Round(_rule.Beta1);
        T new1 = Round(1 - _rule.Beta1);
        T beta2 = Round(_rule.Beta2);
        T new2 = Round(1 - _rule.Beta2);
        T root = Round(_rootOfCorrection2);
        T eps = Round(_rule.Eps);
        T step = Round(-_stepSize);

        int i = 0;
        for (; i <= count - Vector<T>.Count; i += Vector<T>.Count)
        {
            Vector<T> p = Vector.Load(parameter + i) * keep;
            Vector<T> g = Vector.Load(grad + i) * sign;
            if (coupled != T.Zero)
                g += p * coupled;
            Vector<T> m = Vector.Load(average + i) * beta1 + g * new1;
            Vector<T> v = Vector.Load(square + i) * beta2 + g * new2 * g;
            Vector.Store(m, average + i);
            Vector.Store(v, square + i);
            if (largest != null)
            {
                v = Vector.Max(Vector.Load(largest + i), v);
                Vector.Store(v, largest + i);
            }

            Vector<T> denominator = Vector.SquareRoot(v) / root + new Vector<T>(eps);
            Vector.Store(p + m * step / denominator, parameter + i);
        }

        for (; i < count; i++)
        {
            T p = parameter[i] * keep;
            T g = grad[i] * sign;
            if (coupled != T.Zero)
                g += p * coupled;
            T m = average[i] * beta1 + g * new1;
            T v = square[i] * beta2 + g * new2 * g;
            average[i] = m;
            square[i] = v;
            if (largest != null)
                largest[i] = v = T.Max(largest[i], v);
            parameter[i] = p + m * step / (T.Sqrt(v) / root + eps);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static T Round(double value) => T.CreateTruncating(value);
    }
}
