using System.Numerics;
using System.Runtime.CompilerServices;

namespace TorchSharp;

/// <summary>A function of one element, for every floating point type.</summary>
internal interface IFloatUnary
{
    static abstract void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, IFloatingPointIeee754<T>;
}

/// <summary>A function of one element, for every number type.</summary>
internal interface INumberUnary
{
    static abstract void Run<T>(ReadOnlySpan<T> x, Span<T> y)
        where T : unmanaged, INumber<T>;
}

/// <summary>A function of two elements, for every number type.</summary>
internal interface INumberBinary
{
    static abstract void Run<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b, Span<T> y)
        where T : unmanaged, INumber<T>;

    static abstract void Run<T>(ReadOnlySpan<T> a, T b, Span<T> y)
        where T : unmanaged, INumber<T>;

    static abstract void Run<T>(T a, ReadOnlySpan<T> b, Span<T> y)
        where T : unmanaged, INumber<T>;
}

/// <summary>A relation of two elements.</summary>
internal interface IRelation
{
    static abstract bool Holds<T>(T a, T b)
        where T : unmanaged, INumber<T>;
}

internal readonly unsafe struct FloatUnaryRow<TStore, T, TKernel> : IRow
    where TStore : unmanaged
    where T : unmanaged, IFloatingPointIeee754<T>
    where TKernel : struct, IFloatUnary
{
    /// <summary>Shorter rows are padded: the vector code below this length rounds differently.</summary>
    private const int Shortest = 16;

    [SkipLocalsInit]
    public void Run(nint n, byte* y, nint sy, byte* x, nint sx, byte* p2, nint s2, byte* p3, nint s3)
    {
        if (typeof(TStore) == typeof(T) && n >= Shortest && sx == sizeof(T) && sy == sizeof(T))
        {
            TKernel.Run(new ReadOnlySpan<T>(x, (int)n), new Span<T>(y, (int)n));
            return;
        }

        T* buffer = stackalloc T[Strips.Length];
        for (nint i = 0; i < n; i += Strips.Length)
        {
            int m = (int)Math.Min(Strips.Length, n - i);
            Strips.Load<TStore, T>(x + i * sx, sx, buffer, m);
            int run = m;
            for (; run < Shortest; run++)
                buffer[run] = T.One;
            TKernel.Run(new ReadOnlySpan<T>(buffer, run), new Span<T>(buffer, run));
            Strips.Store<TStore, T>(buffer, y + i * sy, sy, m);
        }
    }
}

internal readonly unsafe struct NumberUnaryRow<TStore, T, TKernel> : IRow
    where TStore : unmanaged
    where T : unmanaged, INumber<T>
    where TKernel : struct, INumberUnary
{
    [SkipLocalsInit]
    public void Run(nint n, byte* y, nint sy, byte* x, nint sx, byte* p2, nint s2, byte* p3, nint s3)
    {
        if (typeof(TStore) == typeof(T) && sx == sizeof(T) && sy == sizeof(T))
        {
            TKernel.Run(new ReadOnlySpan<T>(x, (int)n), new Span<T>(y, (int)n));
            return;
        }

        T* buffer = stackalloc T[Strips.Length];
        for (nint i = 0; i < n; i += Strips.Length)
        {
            int m = (int)Math.Min(Strips.Length, n - i);
            Strips.Load<TStore, T>(x + i * sx, sx, buffer, m);
            TKernel.Run(new ReadOnlySpan<T>(buffer, m), new Span<T>(buffer, m));
            Strips.Store<TStore, T>(buffer, y + i * sy, sy, m);
        }
    }
}

internal readonly unsafe struct NumberBinaryRow<TStore, T, TKernel> : IRow
    where TStore : unmanaged
    where T : unmanaged, INumber<T>
    where TKernel : struct, INumberBinary
{
    [SkipLocalsInit]
    public void Run(nint n, byte* y, nint sy, byte* a, nint sa, byte* b, nint sb, byte* p3, nint s3)
    {
        if (typeof(TStore) == typeof(T) && sy == sizeof(T))
        {
            if (sa == sizeof(T) && sb == sizeof(T))
            {
                TKernel.Run(new ReadOnlySpan<T>(a, (int)n), new ReadOnlySpan<T>(b, (int)n), new Span<T>(y, (int)n));
                return;
            }

            if (sa == sizeof(T) && sb == 0)
            {
                TKernel.Run(new ReadOnlySpan<T>(a, (int)n), *(T*)b, new Span<T>(y, (int)n));
                return;
            }

            if (sa == 0 && sb == sizeof(T))
            {
                TKernel.Run(*(T*)a, new ReadOnlySpan<T>(b, (int)n), new Span<T>(y, (int)n));
                return;
            }
        }

        T* left = stackalloc T[Strips.Length];
        T* right = stackalloc T[Strips.Length];
        for (nint i = 0; i < n; i += Strips.Length)
        {
            int m = (int)Math.Min(Strips.Length, n - i);
            Strips.Load<TStore, T>(a + i * sa, sa, left, m);
            Strips.Load<TStore, T>(b + i * sb, sb, right, m);
            TKernel.Run(new ReadOnlySpan<T>(left, m), new ReadOnlySpan<T>(right, m), new Span<T>(left, m));
            Strips.Store<TStore, T>(left, y + i * sy, sy, m);
        }
    }
}

/// <summary>Writes 1 where the relation holds, else 0.</summary>
internal readonly unsafe struct RelationRow<TStore, T, TRelation> : IRow
    where TStore : unmanaged
    where T : unmanaged, INumber<T>
    where TRelation : struct, IRelation
{
    [SkipLocalsInit]
    public void Run(nint n, byte* y, nint sy, byte* a, nint sa, byte* b, nint sb, byte* p3, nint s3)
    {
        if (typeof(TStore) == typeof(T))
        {
            if (sb == 0)
            {
                T right = *(T*)b;
                for (nint i = 0; i < n; i++, a += sa, y += sy)
                    *y = TRelation.Holds(*(T*)a, right) ? (byte)1 : (byte)0;
                return;
            }

            for (nint i = 0; i < n; i++, a += sa, b += sb, y += sy)
                *y = TRelation.Holds(*(T*)a, *(T*)b) ? (byte)1 : (byte)0;
            return;
        }

        T* left = stackalloc T[Strips.Length];
        T* other = stackalloc T[Strips.Length];
        for (nint i = 0; i < n; i += Strips.Length)
        {
            int m = (int)Math.Min(Strips.Length, n - i);
            Strips.Load<TStore, T>(a + i * sa, sa, left, m);
            Strips.Load<TStore, T>(b + i * sb, sb, other, m);
            for (int j = 0; j < m; j++)
                *(y + (i + j) * sy) = TRelation.Holds(left[j], other[j]) ? (byte)1 : (byte)0;
        }
    }
}
