using System.Buffers.Binary;

namespace Reasoning.Models.Gguf.Codecs;

/// <summary>
/// q4_0: 32 values in 18 bytes, a step d in half precision and 32 levels q from 0 to 15; x ≈ d · (q − 8). The low halves of the 16 bytes
/// hold the first 16 values, the high halves the others. The step has the sign that puts the value of largest magnitude at level 0, the
/// end with one more level.
/// </summary>
internal static class Q4Block
{
    private const int Half = 16;

    public static void Encode(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        float extreme = 0;
        foreach (float value in values)
        {
            if (Math.Abs(value) > Math.Abs(extreme)) extreme = value;
        }

        var stored = (System.Half)(extreme / -8);
        BinaryPrimitives.WriteHalfLittleEndian(bytes, stored);
        float step = (float)stored;
        float inverse = step != 0 ? 1 / step : 0;
        for (int i = 0; i < Half; i++) bytes[2 + i] = (byte)(Level(values[i] * inverse) | (Level(values[i + Half] * inverse) << 4));
    }

    public static void Decode(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        float step = TensorCodec.Half(bytes);
        for (int i = 0; i < Half; i++)
        {
            values[i] = step * ((bytes[2 + i] & 15) - 8);
            values[i + Half] = step * ((bytes[2 + i] >> 4) - 8);
        }
    }

    private static int Level(float steps) => (int)Math.Clamp(MathF.Round(steps) + 8, 0, 15);
}
