using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using Reasoning.Shared;
using static TorchSharp.torch;
using Tensor = TorchSharp.torch.Tensor;

namespace TorchSharp;

/// <summary>
/// Cross entropy with class indices over rows of logits: keeps two numbers a row instead of all log-probabilities.
/// Gradient of a row: (softmax(logits) − one_hot(target)) · gradient of the row's loss.
/// </summary>
internal static unsafe class SoftmaxLoss
{
    private const int Strip = 1024;
    private const int ElementsPerItem = 16 * 1024;

    internal static bool Accepts(Tensor logits)
        => logits.is_contiguous() && logits.dtype is ScalarType.Float32 or ScalarType.Float64;

    /// <param name="logits">[rows, classes], contiguous, float32 or float64.</param>
    /// <param name="target">[rows], int64.</param>
    /// <param name="ignoreIndex">Rows with this target count for nothing.</param>
    /// <param name="reduction">Mean over the counted rows, sum, or none.</param>
    internal static Tensor Apply(Tensor logits, Tensor target, long ignoreIndex, nn.Reduction reduction)
    {
        int[] classOf = Classes(target, logits.shape[1], ignoreIndex);
        Tensor losses, statistics;
        using (new GradMode(false))
        {
            losses = empty(classOf.Length, logits.dtype); // [rows]
            statistics = empty([2, classOf.Length], logits.dtype); // largest logit; logarithm of the sum of exponentials relative to it
            if (logits.dtype == ScalarType.Float32)
                Forward<float>(logits, losses, statistics, classOf);
            else
                Forward<double>(logits, losses, statistics, classOf);
        }

        if (Graph.Records(logits))
            Graph.Record(losses, "cross_entropy", [logits], [logits, statistics], Gradient, classOf);
        return reduction switch
        {
            nn.Reduction.None => losses,
            nn.Reduction.Sum => losses.sum(),
            _ => losses.sum() / classOf.Count(static index => index >= 0),
        };
    }

    private static Tensor?[] Gradient(OpNode node, Tensor grad)
    {
        node.FirstOrderOnly();
        var classOf = (int[])node.Data!;
        Tensor logits = node.Saved(0);
        Tensor result = empty_like(logits);
        Tensor scale = grad.contiguous();
        if (logits.dtype == ScalarType.Float32)
            Backward<float>(logits, node.Saved(1), scale, result, classOf);
        else
            Backward<double>(logits, node.Saved(1), scale, result, classOf);
        return [result];
    }

    private static void Forward<T>(Tensor logits, Tensor losses, Tensor statistics, int[] classOf)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int classes = (int)logits.shape[1];
        T* x = (T*)logits.Impl.Data;
        T* loss = (T*)losses.Impl.Data;
        T* largest = (T*)statistics.Impl.Data;
        T* logSum = largest + classOf.Length;
        ForRows(classOf.Length, classes, row =>
        {
            var values = new ReadOnlySpan<T>(x + (long)row * classes, classes);
            largest[row] = TensorPrimitives.Max(values);
            logSum[row] = T.Log(SumOfExponentials(values, largest[row]));

            // Large logits cancel first: max + log Σ as one number would lose the digits that count.
            loss[row] = classOf[row] < 0 ? T.Zero : logSum[row] - (values[classOf[row]] - largest[row]);
        });
        GC.KeepAlive(logits);
    }

    private static void Backward<T>(Tensor logits, Tensor statistics, Tensor scale, Tensor result, int[] classOf)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int classes = (int)logits.shape[1];
        T* x = (T*)logits.Impl.Data;
        T* largest = (T*)statistics.Impl.Data;
        T* logSum = largest + classOf.Length;
        T* factor = (T*)scale.Impl.Data;
        T* y = (T*)result.Impl.Data;
        ForRows(classOf.Length, classes, row =>
        {
            var grads = new Span<T>(y + (long)row * classes, classes);
            if (classOf[row] < 0)
            {
                grads.Clear();
                return;
            }

            TensorPrimitives.Subtract(new ReadOnlySpan<T>(x + (long)row * classes, classes), largest[row], grads);
            TensorPrimitives.Subtract(grads, logSum[row], grads);
            TensorPrimitives.Exp<T>(grads, grads);
            grads[classOf[row]] -= T.One;
            TensorPrimitives.Multiply(grads, factor[row], grads);
        });
        GC.KeepAlive(logits);
        GC.KeepAlive(statistics);
        GC.KeepAlive(scale);
    }

    [SkipLocalsInit]
    private static T SumOfExponentials<T>(ReadOnlySpan<T> values, T largest)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        T* buffer = stackalloc T[Strip];
        T sum = T.Zero;
        for (int start = 0; start < values.Length; start += Strip)
        {
            ReadOnlySpan<T> part = values.Slice(start, Math.Min(Strip, values.Length - start));
            var strip = new Span<T>(buffer, part.Length);
            TensorPrimitives.Subtract(part, largest, strip);
            TensorPrimitives.Exp<T>(strip, strip);
            sum += TensorPrimitives.Sum<T>(strip);
        }

        return sum;
    }

    private static void ForRows(int rows, int classes, Action<int> body)
    {
        int each = Math.Max(1, ElementsPerItem / Math.Max(1, classes));
        Workers.For((rows + each - 1) / each, item =>
        {
            int end = Math.Min(rows, (item + 1) * each);
            for (int row = item * each; row < end; row++)
                body(row);
        });
    }

    /// <summary>The target of each row, −1 where it is ignored.</summary>
    private static int[] Classes(Tensor target, long classes, long ignoreIndex)
    {
        using Tensor contiguous = target.contiguous();
        var indices = new ReadOnlySpan<long>(contiguous.Impl.Data, checked((int)contiguous.numel()));
        var result = new int[indices.Length];
        for (int row = 0; row < indices.Length; row++)
        {
            if (indices[row] == ignoreIndex)
                result[row] = -1;
            else if ((ulong)indices[row] < (ulong)classes)
                result[row] = (int)indices[row];
            else
                Errors.Throw($"cross_entropy: target {indices[row]} of position {row} is out of bounds for {classes} classes.");
        }

        GC.KeepAlive(contiguous);
        return result;
    }
}
