using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Reasoning.Models.Devices;
using Reasoning.Models.SafeTensors;

namespace Reasoning.Models.Gguf.Codecs;

/// <summary>
/// Values to the bytes of a GGUF tensor and back. Blocks run along rows, and a row is a whole number of blocks, so any stretch of whole
/// blocks can be coded by itself; the result does not depend on how a tensor is cut into stretches.
/// </summary>
internal static class TensorCodec
{
    private const int BlocksPerItem = 64;

    /// <summary>Codes values; finite ones, or the result is undefined.</summary>
    /// <param name="type">Any but <see cref="GgufTensorType.Q6_K"/>, which is only read.</param>
    /// <param name="values">A whole number of blocks.</param>
    /// <param name="bytes">As long as the type needs.</param>
    public static unsafe void Encode(GgufTensorType type, ReadOnlySpan<float> values, Span<byte> bytes)
    {
        Check(type, values.Length, bytes.Length);
        switch (type)
        {
            case GgufTensorType.F32:
                MemoryMarshal.AsBytes(values).CopyTo(bytes);
                return;
            case GgufTensorType.F16:
                HalfFormats.ToHalf(values, MemoryMarshal.Cast<byte, ushort>(bytes));
                return;
            case GgufTensorType.BF16:
                HalfFormats.ToBFloat16(values, MemoryMarshal.Cast<byte, ushort>(bytes));
                return;
        }

        fixed (float* source = values)
        fixed (byte* target = bytes)
        {
            (nint from, nint to) = ((nint)source, (nint)target);
            (int elements, int size) = (type.BlockElements(), type.BlockBytes());
            ForBlocks(values.Length / elements, block =>
            {
                var input = new ReadOnlySpan<float>((float*)from + ((long)block * elements), elements);
                var output = new Span<byte>((byte*)to + ((long)block * size), size);
                switch (type)
                {
                    case GgufTensorType.Q8_0: Q8Block.Encode(input, output); break;
                    case GgufTensorType.Q4_0: Q4Block.Encode(input, output); break;
                    case GgufTensorType.Q4_K: Q4KBlock.Encode(input, output); break;
                    default: throw new ArgumentOutOfRangeException(nameof(type), type, "This type is only read.");
                }
            });
        }
    }

    /// <summary>Gives the values that bytes stand for.</summary>
    /// <param name="type">Any.</param>
    /// <param name="bytes">A whole number of blocks.</param>
    /// <param name="values">As many as the bytes hold.</param>
    public static void Decode(GgufTensorType type, ReadOnlySpan<byte> bytes, Span<float> values)
    {
        Check(type, values.Length, bytes.Length);
        switch (type)
        {
            case GgufTensorType.F32:
                bytes.CopyTo(MemoryMarshal.AsBytes(values));
                return;
            case GgufTensorType.F16:
                HalfFormats.FromHalf(MemoryMarshal.Cast<byte, ushort>(bytes), values);
                return;
            case GgufTensorType.BF16:
                HalfFormats.FromBFloat16(MemoryMarshal.Cast<byte, ushort>(bytes), values);
                return;
        }

        (int elements, int size) = (type.BlockElements(), type.BlockBytes());
        for (int block = 0; block < values.Length / elements; block++)
        {
            ReadOnlySpan<byte> input = bytes.Slice(block * size, size);
            Span<float> output = values.Slice(block * elements, elements);
            switch (type)
            {
                case GgufTensorType.Q8_0: Q8Block.Decode(input, output); break;
                case GgufTensorType.Q4_0: Q4Block.Decode(input, output); break;
                case GgufTensorType.Q4_K: Q4KBlock.Decode(input, output); break;
                default: Q6KBlock.Decode(input, output); break;
            }
        }
    }

    /// <summary>
    /// How far a decoded value may be from the value that was coded, for each value of one block. With R the largest span of a
    /// sub-block, zero included, and A the largest magnitude in the block:
    /// <code>
    /// f32   0
    /// f16   |x| / 2048, or 2⁻²⁵ where that is more
    /// bf16  |x| / 256
    /// q8_0  A / 254, half a step, and A / 2048 for the rounding of the step
    /// q4_0  A / 8, one step, which the end opposite to the largest value can be off, and A / 2048
    /// q4_K  R / 12
    /// </code>
    /// </summary>
    internal static void Bounds(GgufTensorType type, ReadOnlySpan<float> block, Span<float> bounds)
    {
        float largest = 0;
        foreach (float value in block) largest = Math.Max(largest, Math.Abs(value));
        const float Smallest = 6e-8f; // the smallest step that half precision holds
        switch (type)
        {
            case GgufTensorType.F32:
                bounds.Clear();
                break;
            case GgufTensorType.F16:
                for (int i = 0; i < block.Length; i++) bounds[i] = Math.Max(Math.Abs(block[i]) / 2048, Smallest / 2);
                break;
            case GgufTensorType.BF16:
                for (int i = 0; i < block.Length; i++) bounds[i] = Math.Abs(block[i]) / 256;
                break;
            case GgufTensorType.Q8_0:
                bounds.Fill((largest / 254) + (largest / 2048) + (Smallest * 127));
                break;
            case GgufTensorType.Q4_0:
                bounds.Fill((largest / 8) + (largest / 2048) + (Smallest * 8));
                break;
            case GgufTensorType.Q4_K:
                bounds.Fill(Q4KBlock.Bound(block));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "This type is only read.");
        }
    }

    internal static float Half(ReadOnlySpan<byte> bytes) => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes);

    private static void ForBlocks(int blocks, Action<int> body)
    {
        int items = (blocks + BlocksPerItem - 1) / BlocksPerItem;
        Workers.For(items, item =>
        {
            int end = Math.Min(blocks, (item + 1) * BlocksPerItem);
            for (int block = item * BlocksPerItem; block < end; block++) body(block);
        });
    }

    private static void Check(GgufTensorType type, int values, int bytes)
    {
        if (values % type.BlockElements() != 0 || type.ByteLength(values) != bytes)
            throw new ArgumentException($"{values} values do not fill {bytes} bytes of {type.Name()}");
    }
}
