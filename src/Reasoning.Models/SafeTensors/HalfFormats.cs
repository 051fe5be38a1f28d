using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Reasoning.Models.SafeTensors;

/// <summary>Conversion between single precision and the two 16-bit floating-point formats.</summary>
internal static class HalfFormats
{
    /// <summary>Nearest bfloat16, ties to even; NaN stays NaN, values beyond the largest finite one become infinite.</summary>
    public static ushort ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value)) return (ushort)((bits >> 16) | 0x40);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>The exact value of a bfloat16.</summary>
    public static float FromBFloat16(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    internal static void ToBFloat16(ReadOnlySpan<float> source, Span<ushort> destination)
    {
        for (int i = 0; i < source.Length; i++) destination[i] = ToBFloat16(source[i]);
    }

    internal static void FromBFloat16(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        int i = 0, lanes = Vector256<ushort>.Count;
        for (; i <= source.Length - lanes; i += lanes)
        {
            (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(Vector256.Create(source.Slice(i, lanes)));
            (low << 16).AsSingle().CopyTo(destination[i..]);
            (high << 16).AsSingle().CopyTo(destination[(i + (lanes / 2))..]);
        }

        for (; i < source.Length; i++) destination[i] = FromBFloat16(source[i]);
    }

    internal static void ToHalf(ReadOnlySpan<float> source, Span<ushort> destination)
        => TensorPrimitives.ConvertToHalf(source, MemoryMarshal.Cast<ushort, Half>(destination));

    internal static void FromHalf(ReadOnlySpan<ushort> source, Span<float> destination)
        => TensorPrimitives.ConvertToSingle(MemoryMarshal.Cast<ushort, Half>(source), destination);
}
