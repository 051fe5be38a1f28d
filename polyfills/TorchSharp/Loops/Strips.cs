using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace TorchSharp;

/// <summary>Loads and stores of strided rows through small contiguous buffers, converting 16-bit floats on the way.</summary>
internal static unsafe class Strips
{
    /// <summary>Elements of a buffer.</summary>
    internal const int Length = 256;

    internal static void Load<TStore, T>(byte* source, nint stride, T* buffer, int n)
        where TStore : unmanaged
        where T : unmanaged
    {
        if (typeof(TStore) == typeof(T))
        {
            if (stride == sizeof(T))
            {
                new ReadOnlySpan<T>(source, n).CopyTo(new Span<T>(buffer, n));
                return;
            }

            for (int i = 0; i < n; i++)
                buffer[i] = *(T*)(source + i * stride);
        }
        else if (typeof(TStore) == typeof(BFloat16))
        {
            for (int i = 0; i < n; i++)
                ((float*)buffer)[i] = BitConverter.UInt32BitsToSingle((uint)*(ushort*)(source + i * stride) << 16);
        }
        else
        {
            for (int i = 0; i < n; i++)
                ((float*)buffer)[i] = (float)*(Half*)(source + i * stride);
        }
    }

    internal static void Store<TStore, T>(T* buffer, byte* target, nint stride, int n)
        where TStore : unmanaged
        where T : unmanaged
    {
        if (typeof(TStore) == typeof(T))
        {
            if (stride == sizeof(T))
            {
                new ReadOnlySpan<T>(buffer, n).CopyTo(new Span<T>(target, n));
                return;
            }

            for (int i = 0; i < n; i++)
                *(T*)(target + i * stride) = buffer[i];
        }
        else if (typeof(TStore) == typeof(BFloat16))
        {
            for (int i = 0; i < n; i++)
                *(ushort*)(target + i * stride) = new BFloat16(((float*)buffer)[i]).Bits;
        }
        else
        {
            for (int i = 0; i < n; i++)
                *(Half*)(target + i * stride) = (Half)((float*)buffer)[i];
        }
    }

    /// <summary>Converts between number types; to Boolean means "is not zero".</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Convert<TFrom, TTo>(ReadOnlySpan<TFrom> source, Span<TTo> target)
        where TFrom : unmanaged, System.Numerics.INumber<TFrom>
        where TTo : unmanaged, System.Numerics.INumber<TTo> =>
        TensorPrimitives.ConvertTruncating(source, target);
}
