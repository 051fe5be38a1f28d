using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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
            if (stride == sizeof(ushort))
            {
                Widen((ushort*)source, (float*)buffer, n);
                return;
            }

            for (int i = 0; i < n; i++)
                ((float*)buffer)[i] = BitConverter.UInt32BitsToSingle((uint)*(ushort*)(source + i * stride) << 16);
        }
        else if (stride == sizeof(Half))
        {
            TensorPrimitives.ConvertToSingle(new ReadOnlySpan<Half>(source, n), new Span<float>(buffer, n));
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
            if (stride == sizeof(ushort))
            {
                Round((float*)buffer, (ushort*)target, n);
                return;
            }

            for (int i = 0; i < n; i++)
                *(ushort*)(target + i * stride) = new BFloat16(((float*)buffer)[i]).Bits;
        }
        else if (stride == sizeof(Half))
        {
            TensorPrimitives.ConvertToHalf(new ReadOnlySpan<float>(buffer, n), new Span<Half>(target, n));
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

    private static void Widen(ushort* source, float* target, int n)
    {
        int i = 0;
        for (; i + Vector256<ushort>.Count <= n; i += Vector256<ushort>.Count)
        {
            (Vector256<uint> low, Vector256<uint> high) = Vector256.Widen(Vector256.Load(source + i));
            (low << 16).AsSingle().Store(target + i);
            (high << 16).AsSingle().Store(target + i + Vector256<uint>.Count);
        }

        for (; i < n; i++)
            target[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
    }

    /// <summary>Nearest, ties to even; not-a-number stays one.</summary>
    private static void Round(float* source, ushort* target, int n)
    {
        int i = 0;
        for (; i + Vector256<ushort>.Count <= n; i += Vector256<ushort>.Count)
            Vector256.Narrow(High(source + i), High(source + i + Vector256<uint>.Count)).Store(target + i);
        for (; i < n; i++)
            target[i] = new BFloat16(source[i]).Bits;

        static Vector256<uint> High(float* p)
        {
            Vector256<float> value = Vector256.Load(p);
            Vector256<uint> bits = value.AsUInt32(), high = bits >> 16;
            Vector256<uint> rounded = (bits + Vector256.Create(0x7FFFu) + (high & Vector256<uint>.One)) >> 16;
            return Vector256.ConditionalSelect(Vector256.Equals(value, value).AsUInt32(), rounded, high | Vector256.Create(0x40u));
        }
    }
}
