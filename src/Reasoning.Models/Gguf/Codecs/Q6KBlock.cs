namespace Reasoning.Models.Gguf.Codecs;

/// <summary>
/// q6_K: 256 values in 210 bytes: the low four bits of each level (128 bytes), the high two (64), 16 signed steps s of one byte, and the
/// step d of these in half precision; x = d · s · (q − 32) with levels q from 0 to 63. Read only: files of llama.cpp use it for the
/// tensors that matter most.
/// </summary>
internal static class Q6KBlock
{
    private const int HighBits = 128, Steps = 192, Scale = 208;

    public static void Decode(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        float scale = TensorCodec.Half(bytes[Scale..]);
        for (int half = 0; half < 2; half++)
        {
            ReadOnlySpan<byte> low = bytes.Slice(half * 64, 64);
            ReadOnlySpan<byte> high = bytes.Slice(HighBits + (half * 32), 32);
            ReadOnlySpan<byte> steps = bytes.Slice(Steps + (half * 8), 8);
            Span<float> output = values.Slice(half * 128, 128);

            // Each byte of the high bits serves four values, 32 apart.
            for (int quarter = 0; quarter < 4; quarter++)
            {
                for (int i = 0; i < 32; i++)
                {
                    int nibble = low[((quarter & 1) * 32) + i] >> (quarter < 2 ? 0 : 4) & 15;
                    int level = nibble | ((high[i] >> (2 * quarter) & 3) << 4);
                    output[(quarter * 32) + i] = scale * (sbyte)steps[(quarter * 2) + (i / 16)] * (level - 32);
                }
            }
        }
    }
}
