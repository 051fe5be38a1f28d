using System.Numerics;
using System.Runtime.CompilerServices;

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
        for (nint i = 0; i < n; i++, mask += sm, a += sa, b += sb, y += sy)
            *(T*)y = *mask != 0 ? *(T*)a : *(T*)b;
    }
}
