using System.Numerics;
using Reasoning.Shared;

namespace TorchSharp;

/// <summary>Moves elements to and from places given by indices. Nothing here is recorded.</summary>
internal static unsafe class Gathers
{
    private const long ParallelFrom = 32 * 1024;

    /// <summary>Indices as row-major int64, negative ones counted from the end, checked against the length of the axis.</summary>
    internal static long[] Checked(TensorImpl index, long length, string call)
    {
        if (index.DType is not (torch.ScalarType.Int64 or torch.ScalarType.Int32))
            Errors.Throw($"{call}: indices must be int64 or int32, not {index.DType}.");
        TensorImpl flat = Copies.ContiguousAs(index, torch.ScalarType.Int64);
        long[] result = new ReadOnlySpan<long>(flat.Data, checked((int)flat.Count)).ToArray();
        flat.Release();
        for (int i = 0; i < result.Length; i++)
        {
            long at = result[i];
            if (at < 0)
                at += length;
            if ((ulong)at >= (ulong)length)
                Errors.Throw($"{call}: index {result[i]} at position {i} is out of range for an axis of length {length}.");
            result[i] = at;
        }

        return result;
    }

    /// <summary>Rows of a row-major [outer, length, inner] source, one per index. Bytes are copied as they are.</summary>
    internal static void Rows(byte* source, byte* target, long outer, long length, long rowBytes, long[] index)
    {
        long rows = outer * index.Length;
        if (rows * rowBytes < 4 * ParallelFrom)
        {
            Part(0, rows);
            return;
        }

        long each = Math.Max(1, 4 * ParallelFrom / Math.Max(rowBytes, 1));
        Workers.For((int)((rows + each - 1) / each), c => Part(c * each, Math.Min(rows, (c + 1) * each)));

        void Part(long begin, long end)
        {
            for (long i = begin; i < end; i++)
            {
                (long o, long k) = Math.DivRem(i, index.Length);
                Buffer.MemoryCopy(source + (o * length + index[k]) * rowBytes, target + i * rowBytes, rowBytes, rowBytes);
            }
        }
    }

    /// <summary>
    /// target[o, index[k], :] += source[o, k, :], both row-major. Columns, not rows, are split between workers: repeated
    /// indices add up in their order.
    /// </summary>
    internal static void AddRows<T>(T* source, T* target, long outer, long length, long inner, long[] index)
        where T : unmanaged, INumber<T>
    {
        const int Width = 512;
        long strips = (inner + Width - 1) / Width;
        if (outer * index.Length * inner < ParallelFrom)
        {
            for (long t = 0; t < outer * strips; t++)
                Strip(t);
            return;
        }

        Workers.For((int)(outer * strips), t => Strip(t));

        void Strip(long task)
        {
            long o = task / strips, begin = task % strips * Width;
            int width = (int)Math.Min(Width, inner - begin);
            for (int k = 0; k < index.Length; k++)
            {
                var to = new Span<T>(target + (o * length + index[k]) * inner + begin, width);
                var from = new ReadOnlySpan<T>(source + (o * index.Length + k) * inner + begin, width);
                System.Numerics.Tensors.TensorPrimitives.Add(to, from, to);
            }
        }
    }

    /// <summary>
    /// For every position of the index shape, the offset in a tensor whose coordinate along one axis is the index, in
    /// elements from the tensor's first.
    /// </summary>
    internal static long[] Offsets(long[] index, long[] indexSizes, long[] strides, int axis)
    {
        var offsets = new long[index.Length];
        int rank = indexSizes.Length;
        Span<long> at = stackalloc long[Math.Max(rank, 1)];
        at.Clear();
        long offset = 0;
        for (int i = 0; i < index.Length; i++)
        {
            offsets[i] = offset + index[i] * (rank == 0 ? 1 : strides[axis]);
            for (int d = rank - 1; d >= 0; d--)
            {
                long step = d == axis ? 0 : strides[d];
                if (++at[d] < indexSizes[d])
                {
                    offset += step;
                    break;
                }

                at[d] = 0;
                offset -= step * (indexSizes[d] - 1);
            }
        }

        return offsets;
    }

    internal static void Read(byte* source, byte* target, long[] offsets, int itemSize)
    {
        switch (itemSize)
        {
            case 1: Read<byte>(source, target, offsets); break;
            case 2: Read<ushort>(source, target, offsets); break;
            case 4: Read<uint>(source, target, offsets); break;
            default: Read<ulong>(source, target, offsets); break;
        }
    }

    internal static void Write(byte* source, byte* target, long[] offsets, int itemSize)
    {
        switch (itemSize)
        {
            case 1: Write<byte>(source, target, offsets); break;
            case 2: Write<ushort>(source, target, offsets); break;
            case 4: Write<uint>(source, target, offsets); break;
            default: Write<ulong>(source, target, offsets); break;
        }
    }

    internal static void Add<T>(byte* source, byte* target, long[] offsets)
        where T : unmanaged, INumber<T>
    {
        T* from = (T*)source, to = (T*)target;
        for (int i = 0; i < offsets.Length; i++)
            to[offsets[i]] += from[i];
    }

    private static void Read<T>(byte* source, byte* target, long[] offsets)
        where T : unmanaged
    {
        T* from = (T*)source, to = (T*)target;
        for (int i = 0; i < offsets.Length; i++)
            to[i] = from[offsets[i]];
    }

    private static void Write<T>(byte* source, byte* target, long[] offsets)
        where T : unmanaged
    {
        T* from = (T*)source, to = (T*)target;
        for (int i = 0; i < offsets.Length; i++)
            to[offsets[i]] = from[i];
    }
}
