namespace Reasoning.Models.SafeTensors;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Name">Unique within the file.</param>
/// <param name="DType">Element type on disk.</param>
/// <param name="Shape">Sizes, outermost first; empty for a scalar.</param>
/// <param name="Offset">Position of the first byte in the file.</param>
/// <param name="ByteLength">Number of bytes.</param>
public sealed record SafeTensorEntry(string Name, SafeTensorsDType DType, long[] Shape, long Offset, long ByteLength)
{
    /// <summary>Number of elements.</summary>
    public long Count => ByteLength / DTypes.Size(DType);
}
