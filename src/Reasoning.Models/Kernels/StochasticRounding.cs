using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Kernels;

/// <summary>
/// Float32 to bfloat16 and back, up or down at random with the odds that make the rounded number right on average (Gupta et al. 2015,
/// arXiv:1502.02551). A float32 is its bfloat16 and 16 more bits; adding 16 random bits carries with just those odds.
/// <code>
/// r_i = fmix32(i · 0x9E3779B1 + key)        bf16(x_i) = the upper half of (bits of x_i) + (lower or upper half of r_i)
/// </code>
/// fmix32 is the end of MurmurHash3 (A. Appleby): the draw of an element depends on its place and the key alone. A seed, what is rounded
/// and how often make the key.
/// </summary>
internal static unsafe class StochasticRounding
{
    private const uint Stride = 0x9E3779B1;
    private const uint Mix1 = 0x85EBCA6B;
    private const uint Mix2 = 0xC2B2AE35;

    /// <summary>Elements that tensor operations round at once.</summary>
    private const long Piece = 1 << 24;

    /// <summary>to = from, exactly.</summary>
    internal static void Widen(ushort* from, float* to, int n)
    {
        int i = 0;
        for (; i <= n - Simd.Lanes; i += Simd.Lanes)
            (Vector256.WidenLower(Vector128.Load(from + i).ToVector256Unsafe()) << 16).AsSingle().Store(to + i);
        for (; i < n; i++) to[i] = BitConverter.UInt32BitsToSingle((uint)from[i] << 16);
    }

    /// <summary>to = from, rounded.</summary>
    /// <param name="from">Finite, or what comes out is not finite either.</param>
    /// <param name="to">Gets as many.</param>
    /// <param name="n">How many.</param>
    /// <param name="first">Place of the first of them in its tensor.</param>
    /// <param name="key">Of the draws.</param>
    /// <param name="upper">Which half of the draws.</param>
    internal static void Narrow(float* from, ushort* to, int n, uint first, uint key, bool upper)
    {
        int i = 0;
        for (; i <= n - Simd.Lanes; i += Simd.Lanes)
        {
            Vector256<uint> x = ((Vector256.Create(first + (uint)i) + Vector256<uint>.Indices) * Stride) + Vector256.Create(key);
            x = (x ^ (x >>> 16)) * Mix1;
            x = (x ^ (x >>> 13)) * Mix2;
            x ^= x >>> 16;
            Vector256<uint> sum = Vector256.Load(from + i).AsUInt32() + (upper ? x >>> 16 : x & Vector256.Create(0xFFFFu));
            Vector256.Narrow(sum >>> 16, default).GetLower().Store(to + i);
        }

        for (; i < n; i++)
        {
            uint x = ((first + (uint)i) * Stride) + key;
            x = (x ^ (x >>> 16)) * Mix1;
            x = (x ^ (x >>> 13)) * Mix2;
            x ^= x >>> 16;
            to[i] = (ushort)((BitConverter.SingleToUInt32Bits(from[i]) + (upper ? x >>> 16 : x & 0xFFFF)) >>> 16);
        }
    }

    /// <summary>
    /// Twin of the other <c>Narrow</c> on any device. TorchSharp cannot look at the bits of a float, so the last bit that stays is found by
    /// taking the number apart; below 2⁻¹²⁶, where that bit no longer shrinks with the number, draws have other odds.
    /// </summary>
    /// <param name="from">Float32, contiguous.</param>
    /// <param name="to">Bfloat16, contiguous, of as many elements.</param>
    /// <param name="key">Of the draws.</param>
    /// <param name="upper">Which half of the draws.</param>
    internal static void Narrow(Tensor from, Tensor to, uint key, bool upper)
    {
        for (long first = 0; first < from.numel(); first += Piece)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor x = from.view(-1).narrow(0, first, Math.Min(Piece, from.numel() - first));
            Tensor draws = Draws(first, x.numel(), key, upper, x.device);
            (Tensor mantissa, Tensor exponent) = x.frexp(); // ±[0.5, 1), and the power of two
            // 8 bits before the point stay, 16 behind it are random.
            using Scalar bits = 256f, odds = 1f / 65536;
            Tensor rounded = mantissa.abs().mul_(bits).AddInPlace(draws.to(ScalarType.Float32).mul_(odds)).floor_();
            to.view(-1).narrow(0, first, x.numel()).copy_(mantissa.sign().mul_(rounded).ldexp(exponent.AddInPlace(-8)));
        }
    }

    /// <summary>[n] int32 of 16 random bits each; int32 arithmetic is that of uint32 but for shifts, which pull the sign along.</summary>
    private static Tensor Draws(long first, long n, uint key, bool upper, Device device)
    {
        using Scalar stride = unchecked((int)Stride), mix1 = unchecked((int)Mix1), mix2 = unchecked((int)Mix2);
        Tensor x = Arithmetic.Range(n, ScalarType.Int32, device).mul_(stride).AddInPlace(unchecked((int)((uint)first * Stride) + (int)key));
        Shift(x, 16).mul_(mix1);
        Shift(x, 13).mul_(mix2);
        return upper ? Shifted(Shift(x, 16), 16) : Shift(x, 16).bitwise_and_(Number(0xFFFF));

        Tensor Shift(Tensor value, int count) => value.bitwise_xor_(Shifted(value, count));

        Tensor Shifted(Tensor value, int count) => value.bitwise_right_shift(Number(count)).bitwise_and_(Number((int)(uint.MaxValue >>> count)));

        Tensor Number(int value)
        {
            using Scalar held = value;
            return full(1, held, ScalarType.Int32, device);
        }
    }
}
