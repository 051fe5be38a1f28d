using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TorchSharp;

/// <summary>Copies between equal types.</summary>
internal readonly unsafe struct CopyRow<T> : IRow
    where T : unmanaged
{
    public void Run(nint n, byte* y, nint sy, byte* x, nint sx, byte* p2, nint s2, byte* p3, nint s3)
    {
        if (sy == sizeof(T) && sx == sizeof(T))
        {
            Buffer.MemoryCopy(x, y, n * sizeof(T), n * sizeof(T));
        }
        else if (sy == sizeof(T) && sx == 0)
        {
            new Span<T>(y, (int)n).Fill(*(T*)x);
        }
        else
        {
            for (nint i = 0; i < n; i++, x += sx, y += sy)
                *(T*)y = *(T*)x;
        }
    }
}

/// <summary>Copies with a change of type; the load and store types may be 16-bit floats, computed as float.</summary>
internal readonly unsafe struct ConvertRow<TLoad, TFrom, TTo, TStore> : IRow
    where TLoad : unmanaged
    where TFrom : unmanaged, INumber<TFrom>
    where TTo : unmanaged, INumber<TTo>
    where TStore : unmanaged
{
    private readonly bool _toBoolean;

    internal ConvertRow(bool toBoolean) => _toBoolean = toBoolean;

    [SkipLocalsInit]
    public void Run(nint n, byte* y, nint sy, byte* x, nint sx, byte* p2, nint s2, byte* p3, nint s3)
    {
        TFrom* source = stackalloc TFrom[Strips.Length];
        TTo* target = stackalloc TTo[Strips.Length];
        for (nint i = 0; i < n; i += Strips.Length)
        {
            int m = (int)Math.Min(Strips.Length, n - i);
            Strips.Load<TLoad, TFrom>(x + i * sx, sx, source, m);
            if (_toBoolean)
            {
                for (int j = 0; j < m; j++)
                    target[j] = source[j] == TFrom.Zero ? TTo.Zero : TTo.One;
            }
            else
            {
                Strips.Convert(new ReadOnlySpan<TFrom>(source, m), new Span<TTo>(target, m));
            }

            Strips.Store<TStore, TTo>(target, y + i * sy, sy, m);
        }
    }
}

/// <summary>Takes the second operand where the first (Boolean) is set, the third elsewhere.</summary>
internal readonly unsafe struct SelectRow<T> : IRow
    where T : unmanaged
{
    public void Run(nint n, byte* y, nint sy, byte* mask, nint sm, byte* a, nint sa, byte* b, nint sb)
    {
        if (sizeof(T) == 4 && sy == 4 && sm == 1 && (sa & ~4) == 0 && (sb & ~4) == 0)
        {
            nint done = Vectors(n, (uint*)y, mask, (uint*)a, sa == 0, (uint*)b, sb == 0);
            n -= done;
            y += done * sy;
            mask += done;
            a += done * sa;
            b += done * sb;
        }

        for (nint i = 0; i < n; i++, mask += sm, a += sa, b += sb, y += sy)
            *(T*)y = *mask != 0 ? *(T*)a : *(T*)b;
    }

    /// <summary>Sixteen elements at a time; returns how many it did.</summary>
    private static nint Vectors(nint n, uint* y, byte* mask, uint* a, bool repeatA, uint* b, bool repeatB)
    {
        const int Step = 16;
        nint i = 0;
        for (; i + Step <= n; i += Step)
        {
            Vector128<sbyte> set = ~Vector128.Equals(Vector128.Load((sbyte*)mask + i), Vector128<sbyte>.Zero);
            (Vector128<short> low, Vector128<short> high) = Vector128.Widen(set);
            (Vector128<int> m0, Vector128<int> m1) = Vector128.Widen(low);
            (Vector128<int> m2, Vector128<int> m3) = Vector128.Widen(high);
            Pick(m0, i);
            Pick(m1, i + 4);
            Pick(m2, i + 8);
            Pick(m3, i + 12);
        }

        return i;

        void Pick(Vector128<int> m, nint at) => Vector128.ConditionalSelect(
            m.AsUInt32(),
            repeatA ? Vector128.Create(*a) : Vector128.Load(a + at),
            repeatB ? Vector128.Create(*b) : Vector128.Load(b + at)).Store(y + at);
    }
}
