using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Reasoning.Models.Kernels;

/// <summary>The arithmetic of <see cref="RmsNorm"/> and <see cref="ResidualNorm"/>, parallel over blocks of rows.</summary>
internal static unsafe class RmsNormRows
{
    /// <summary>
    /// Normalizes the rows of <paramref name="x"/>, or of x + <paramref name="delta"/>, which is then kept in <paramref name="sum"/>.
    /// </summary>
    /// <returns>The normed rows, and 1 / rms of each row.</returns>
    internal static (Tensor Y, Tensor Inverse) Forward(Tensor x, Tensor? delta, Tensor? sum, Tensor weight, float eps)
    {
        (int rows, int width) = Shape(x);
        Tensor y = empty_like(x), inverse = empty(rows);
        float* xs = TensorMemory.Floats(x), ws = TensorMemory.Floats(weight), ys = TensorMemory.Floats(y), rs = TensorMemory.Floats(inverse);
        float* deltas = delta is null ? null : TensorMemory.Floats(delta), sums = sum is null ? null : TensorMemory.Floats(sum);
        TensorMemory.ForRows(rows, width, (first, last, _) =>
        {
            for (int row = first; row < last; row++)
            {
                nint at = (nint)row * width;
                float* source = xs + at;
                if (sums != null)
                {
                    Sum(source, deltas + at, sums + at, width);
                    source = sums + at;
                }

                rs[row] = Norm(source, ws, eps, ys + at, width);
            }
        });
        GC.KeepAlive(x);
        GC.KeepAlive(delta);
        GC.KeepAlive(sum);
        GC.KeepAlive(weight);
        return (y, inverse);
    }

    /// <summary>Gradients of the rows, plus <paramref name="through"/> where it is given, and of the weight.</summary>
    internal static (Tensor? X, Tensor? Weight) Backward(
        Tensor x, Tensor weight, Tensor inverse, Tensor dy, Tensor? through, bool wantsX, bool wantsWeight)
    {
        (int rows, int width) = Shape(x);
        int blocks = TensorMemory.Blocks(rows, width);
        Tensor? dx = wantsX ? empty_like(x) : null;
        Tensor? partial = wantsWeight ? zeros(blocks, width) : null;

        float* xs = TensorMemory.Floats(x), ws = TensorMemory.Floats(weight), rs = TensorMemory.Floats(inverse), gs = TensorMemory.Floats(dy);
        float* dxs = dx is null ? null : TensorMemory.Floats(dx), past = through is null ? null : TensorMemory.Floats(through);
        float* sums = partial is null ? null : TensorMemory.Floats(partial);
        TensorMemory.ForRows(rows, width, (first, last, block) =>
        {
            for (int row = first; row < last; row++)
            {
                nint at = (nint)row * width;
                if (dxs != null)
                    InputGradient(xs + at, ws, gs + at, rs[row], past == null ? null : past + at, dxs + at, width);
                if (sums != null)
                    AddWeightGradient(xs + at, gs + at, rs[row], sums + ((nint)block * width), width);
            }
        });

        GC.KeepAlive(x);
        GC.KeepAlive(weight);
        GC.KeepAlive(inverse);
        GC.KeepAlive(dy);
        GC.KeepAlive(through);
        return (dx, partial is null ? null : SumOfBlocks(partial));
    }

    /// <summary>The rows [blocks, width] summed in order: the result does not depend on which thread finished first.</summary>
    internal static Tensor SumOfBlocks(Tensor partial)
    {
        (int blocks, int width) = Shape(partial);
        Tensor sum = zeros(width);
        float* total = TensorMemory.Floats(sum), rows = TensorMemory.Floats(partial);
        for (int block = 0; block < blocks; block++)
            Simd.Add(rows + ((nint)block * width), total, width);
        GC.KeepAlive(partial);
        return sum;
    }

    /// <summary>One row; y may be x. Returns 1 / rms.</summary>
    internal static float Norm(float* x, float* w, float eps, float* y, int width)
    {
        float r = 1 / MathF.Sqrt((Simd.Dot(x, x, width) / width) + eps);
        var scale = Vector256.Create(r);
        int i = 0;
        for (; i <= width - Simd.Lanes; i += Simd.Lanes)
            (Vector256.Load(x + i) * scale * Vector256.Load(w + i)).Store(y + i);
        for (; i < width; i++)
            y[i] = x[i] * r * w[i];
        return r;
    }

    private static (int Rows, int Width) Shape(Tensor x)
    {
        int width = (int)x.shape[^1];
        return ((int)(x.NumberOfElements / width), width);
    }

    private static void Sum(float* x, float* delta, float* sum, int width)
    {
        int i = 0;
        for (; i <= width - Simd.Lanes; i += Simd.Lanes)
            (Vector256.Load(x + i) + Vector256.Load(delta + i)).Store(sum + i);
        for (; i < width; i++)
            sum[i] = x[i] + delta[i];
    }

    internal static void InputGradient(float* x, float* w, float* dy, float r, float* through, float* dx, int width)
    {
        Vector256<float> dots = default;
        int i = 0;
        for (; i <= width - Simd.Lanes; i += Simd.Lanes)
            dots += Vector256.Load(dy + i) * Vector256.Load(w + i) * Vector256.Load(x + i);
        float dot = Vector256.Sum(dots);
        for (; i < width; i++)
            dot += dy[i] * w[i] * x[i];

        float pull = dot * r * r * r / width;
        Vector256<float> pulls = Vector256.Create(pull), scale = Vector256.Create(r);
        i = 0;
        for (; i <= width - Simd.Lanes; i += Simd.Lanes)
        {
            Vector256<float> gradient = (Vector256.Load(dy + i) * Vector256.Load(w + i) * scale) - (Vector256.Load(x + i) * pulls);
            (through == null ? gradient : gradient + Vector256.Load(through + i)).Store(dx + i);
        }

        for (; i < width; i++)
            dx[i] = (dy[i] * w[i] * r) - (x[i] * pull) + (through == null ? 0 : through[i]);
    }

    internal static void AddWeightGradient(float* x, float* dy, float r, float* sum, int width)
    {
        var scale = Vector256.Create(r);
        int i = 0;
        for (; i <= width - Simd.Lanes; i += Simd.Lanes)
            (Vector256.Load(sum + i) + (Vector256.Load(dy + i) * Vector256.Load(x + i) * scale)).Store(sum + i);
        for (; i < width; i++)
            sum[i] += dy[i] * x[i] * r;
    }
}
