using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Reasoning.Models.Devices;
using static TorchSharp.torch;

namespace Reasoning.Models.Kernels;

/// <summary>
/// Direct access to the memory of CPU tensors, for the fused functions. A pointer is valid as long as its tensor is alive:
/// callers hold the tensor until the last read or write (<see cref="GC.KeepAlive"/>).
/// </summary>
internal static unsafe class TensorMemory
{
    /// <summary>Elements that one parallel work item should touch, so that handing it out costs little beside doing it.</summary>
    private const int ItemElements = 1 << 15;

    /// <summary>Whether the fused path can run on this tensor, once it is contiguous.</summary>
    internal static bool IsFloatCpu(Tensor t) => t.dtype == ScalarType.Float32 && t.device_type == TorchSharp.DeviceType.CPU;

    /// <summary>The elements of a contiguous float32 CPU tensor.</summary>
    /// <exception cref="ArgumentException">Another device, type or layout.</exception>
    internal static float* Floats(Tensor t)
    {
        Check(t, ScalarType.Float32);
        return (float*)Address(t);
    }

    /// <summary>The elements of a contiguous int64 CPU tensor.</summary>
    /// <exception cref="ArgumentException">Another device, type or layout.</exception>
    internal static long* Longs(Tensor t)
    {
        Check(t, ScalarType.Int64);
        return (long*)Address(t);
    }

    /// <summary>The first byte of a contiguous CPU tensor, which may be larger than the 2 GB that a span can cover.</summary>
    internal static void* Address(Tensor t)
    {
        if (t.numel() * t.ElementSize <= int.MaxValue)
            return Unsafe.AsPointer(ref MemoryMarshal.GetReference(t.bytes));
        using Tensor flat = t.view(-1), first = flat.narrow(0, 0, 1);
        return Unsafe.AsPointer(ref MemoryMarshal.GetReference(first.bytes));
    }

    /// <summary>The tensor in float32 where it has 16 bits, else itself.</summary>
    internal static Tensor Widened(Tensor t) =>
        t.dtype is ScalarType.Float16 or ScalarType.BFloat16 ? t.to(ScalarType.Float32) : t;

    /// <summary>
    /// The input itself where it is contiguous, else a contiguous copy that is handed to the scope around <paramref name="scope"/>, so that
    /// it can be saved for a backward pass.
    /// </summary>
    internal static Tensor Contiguous(Tensor input, TorchSharp.DisposeScope scope) =>
        input.is_contiguous() ? input : scope.MoveToOuter(input.contiguous());

    /// <summary>
    /// Runs <paramref name="body"/>(first, last, block) over consecutive blocks of rows on all workers. Block boundaries depend on
    /// the shape only, so sums over blocks do not change with the number of threads.
    /// </summary>
    internal static void ForRows(int rows, int width, Action<int, int, int> body)
    {
        int size = BlockRows(width);
        Workers.For(Blocks(rows, width), block => body(block * size, Math.Min(rows, (block + 1) * size), block));
    }

    /// <summary>Blocks that <see cref="ForRows"/> cuts <paramref name="rows"/> rows into.</summary>
    internal static int Blocks(int rows, int width)
    {
        int size = BlockRows(width);
        return (rows + size - 1) / size;
    }

    private static int BlockRows(int width) => Math.Max(1, ItemElements / Math.Max(1, width));

    private static void Check(Tensor t, ScalarType dtype)
    {
        if (t.device_type != TorchSharp.DeviceType.CPU || t.dtype != dtype || !t.is_contiguous())
        {
            throw new ArgumentException(
                $"A fused function needs a contiguous {dtype} CPU tensor, got {t.dtype} on {t.device_type}, "
                + $"{(t.is_contiguous() ? "contiguous" : "not contiguous")}.");
        }
    }
}
