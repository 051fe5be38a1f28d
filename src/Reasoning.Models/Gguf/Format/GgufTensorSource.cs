using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.SafeTensors;

namespace Reasoning.Models.Gguf.Format;

/// <summary>One tensor to be written to a GGUF file.</summary>
/// <param name="Name">Unique within the file.</param>
/// <param name="Type">How its values are stored; the innermost size is a multiple of the type's block.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="Copy">Gives the values, in stretches of whole blocks, from front to back.</param>
internal sealed record GgufTensorSource(string Name, GgufTensorType Type, long[] Shape, CopyFloats Copy)
{
    /// <summary>Number of values.</summary>
    public long Count { get; } = Shape.Aggregate(1L, (product, size) => checked(product * size));
}
