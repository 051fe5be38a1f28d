using Reasoning.Models.SafeTensors;

namespace Reasoning.Models.Gguf.Import;

/// <summary>
/// The order of the rows of a query or key projection. A Hugging Face checkpoint turns dimension i of a head with dimension i + d/2, the
/// llama architecture of GGUF files turns 2i with 2i + 1; the same rotation, with the rows in another order.
/// </summary>
internal static class RotaryRows
{
    /// <summary>The row of the checkpoint that stands at a row of the file.</summary>
    public static long Source(long row, int headDim)
    {
        (long head, long within) = Math.DivRem(row, headDim);
        return (head * headDim) + (within % 2 * (headDim / 2)) + (within / 2);
    }

    /// <summary>The row of the file that stands at a row of the checkpoint.</summary>
    public static long Target(long row, int headDim)
    {
        (long head, long within) = Math.DivRem(row, headDim);
        return (head * headDim) + (within % (headDim / 2) * 2) + (within / (headDim / 2));
    }

    /// <summary>Gives the values of a tensor with its rows in another order.</summary>
    /// <param name="copy">Gives them in the order they have.</param>
    /// <param name="width">Values in a row.</param>
    /// <param name="rowAt">The row, in the order they have, that stands at a row of the new order.</param>
    public static CopyFloats Reorder(CopyFloats copy, long width, Func<long, long> rowAt) => (start, destination) =>
    {
        while (destination.Length > 0)
        {
            (long row, long column) = Math.DivRem(start, width);
            Span<float> part = destination[..(int)Math.Min(destination.Length, width - column)];
            copy((rowAt(row) * width) + column, part);
            destination = destination[part.Length..];
            start += part.Length;
        }
    };
}
