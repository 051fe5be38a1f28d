namespace Reasoning.Models.Gguf.Format;

/// <summary>One metadata value: where it lies in the file and what it is. Arrays and texts are decoded when asked for.</summary>
/// <param name="Type">Its type, or that of its items where it is an array.</param>
/// <param name="IsArray">Whether it is an array.</param>
/// <param name="Count">Number of items of an array, 1 otherwise.</param>
/// <param name="Offset">Position of the value, of an array's first item, in the file.</param>
internal readonly record struct GgufValue(GgufValueType Type, bool IsArray, int Count, long Offset);
