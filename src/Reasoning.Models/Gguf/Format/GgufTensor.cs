using Reasoning.Models.Gguf.Codecs;

namespace Reasoning.Models.Gguf.Format;

/// <summary>One tensor of a GGUF file.</summary>
/// <param name="Name">Unique within the file.</param>
/// <param name="Type">How its values are stored.</param>
/// <param name="Shape">Sizes, outermost first (the file has them innermost first).</param>
/// <param name="Offset">Position of the first byte in the file.</param>
/// <param name="Count">Number of values.</param>
/// <param name="ByteLength">Number of bytes.</param>
public sealed record GgufTensor(string Name, GgufTensorType Type, long[] Shape, long Offset, long Count, long ByteLength);
