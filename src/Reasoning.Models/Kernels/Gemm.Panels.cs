using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reasoning.Models.Kernels;

/// <content>The forms in which a packed panel holds B. The kernels are compiled once for each.</content>
internal static unsafe partial class Gemm
{
    /// <summary>How one step of a packed panel becomes two vectors of its columns.</summary>
    private interface IPanel
    {
        /// <summary>Bytes of a value.</summary>
        static abstract int Bytes { get; }

        static abstract void Load(byte* step, out Vector512<float> low, out Vector512<float> high);

        static abstract void Load(byte* step, out Vector256<float> low, out Vector256<float> high);
    }

    /// <summary>float32, column after column.</summary>
    private readonly struct FloatPanel : IPanel
    {
        public static int Bytes => sizeof(float);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Load(byte* step, out Vector512<float> low, out Vector512<float> high)
        {
            low = Vector512.Load((float*)step);
            high = Vector512.Load((float*)step + 16);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Load(byte* step, out Vector256<float> low, out Vector256<float> high)
        {
            low = Vector256.Load((float*)step);
            high = Vector256.Load((float*)step + 8);
        }
    }

    /// <summary>
    /// bfloat16, the upper half of a float32: a column and the one half a panel further share 32 bits, so that a shift and a mask make two
    /// vectors of neighbours.
    /// </summary>
    private readonly struct BFloat16Panel : IPanel
    {
        public static int Bytes => sizeof(ushort);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Load(byte* step, out Vector512<float> low, out Vector512<float> high)
        {
            var pairs = Vector512.Load((uint*)step);
            low = (pairs << 16).AsSingle();
            high = (pairs & Vector512.Create(0xFFFF0000)).AsSingle();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Load(byte* step, out Vector256<float> low, out Vector256<float> high)
        {
            var pairs = Vector256.Load((uint*)step);
            low = (pairs << 16).AsSingle();
            high = (pairs & Vector256.Create(0xFFFF0000)).AsSingle();
        }
    }
}
