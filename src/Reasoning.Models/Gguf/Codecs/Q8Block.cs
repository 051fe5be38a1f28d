using System.Buffers.Binary;

namespace Reasoning.Models.Gguf.Codecs;

/// <summary>
/// q8_0: 32 values in 34 bytes, a step d in half precision and 32 signed levels q; x ≈ d · q. The levels are rounded with the step as it
/// is stored, so that its rounding costs nothing but the ends of the range.
/// </summary>
internal static class Q8Block
{
    private const int Length = 32;

    public static void Encode(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        float largest = 0;
        foreach (float value in values) largest = Math.Max(largest, Math.Abs(value));
        var stored = (Half)(largest / 127);
        BinaryPrimitives.WriteHalfLittleEndian(bytes, stored);
        float step = (float)stored;
        float inverse = step > 0 ? 1 / step : 0;
        for (int i = 0; i < Length; i++)
            bytes[2 + i] = (byte)(sbyte)Math.Clamp(MathF.Round(values[i] * inverse), -127, 127);
    }

    public static void Decode(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        float step = TensorCodec.Half(bytes);
        for (int i = 0; i < Length; i++) values[i] = step * (sbyte)bytes[2 + i];
    }
}
