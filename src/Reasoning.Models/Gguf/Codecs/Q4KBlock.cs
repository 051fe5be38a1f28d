using System.Buffers.Binary;

namespace Reasoning.Models.Gguf.Codecs;

/// <summary>
/// q4_K: 256 values in 144 bytes. Eight sub-blocks of 32 have each a 6-bit step s and a 6-bit offset m, whose units D and M are stored
/// once in half precision: x ≈ D·s·q − M·m with levels q from 0 to 15. The twelve bytes of steps and offsets hold the first four of
/// each in their low six bits; the high two bits of these are the high bits of the last four, whose low four bits share four bytes.
/// </summary>
/// <remarks>
/// Coding fits step and offset of each sub-block (<see cref="Q4KFit"/>), rounds them to units that the largest of them sets, and looks
/// among the neighbours of the rounded pair for the one with the least weighted error. Should the result be off by more than
/// <see cref="Bound"/> anywhere, the plain code is taken, which spreads the levels evenly from least to largest value.
/// </remarks>
internal static class Q4KBlock
{
    private const int Count = 8, Length = 32, Values = 256, Levels = 16;
    private const int Steps = 4, Codes = 16;

    public static void Encode(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        Span<float> steps = stackalloc float[Count], offsets = stackalloc float[Count];
        Span<float> weights = stackalloc float[Values];
        for (int j = 0; j < Count; j++)
        {
            ReadOnlySpan<float> sub = values.Slice(j * Length, Length);
            Span<float> weight = weights.Slice(j * Length, Length);
            Q4KFit.Weigh(sub, weight);
            (steps[j], offsets[j]) = Q4KFit.Fit(sub, weight);
        }

        Pack(values, weights, steps, offsets, bytes, refine: true);
        if (LargestError(values, bytes) <= Bound(values)) return;
        for (int j = 0; j < Count; j++) (steps[j], offsets[j]) = Q4KFit.Plain(values.Slice(j * Length, Length));
        Pack(values, weights, steps, offsets, bytes, refine: false);
    }

    public static void Decode(ReadOnlySpan<byte> bytes, Span<float> values)
    {
        float unit = TensorCodec.Half(bytes), offsetUnit = TensorCodec.Half(bytes[2..]);
        for (int j = 0; j < Count; j++)
        {
            (int code, int offsetCode) = Unpack(bytes.Slice(Steps, 12), j);
            float step = unit * code, offset = offsetUnit * offsetCode;
            ReadOnlySpan<byte> levels = bytes.Slice(Codes + (j / 2 * Length), Length);
            int shift = j % 2 * 4;
            Span<float> output = values.Slice(j * Length, Length);
            for (int i = 0; i < Length; i++) output[i] = (step * ((levels[i] >> shift) & 15)) - offset;
        }
    }

    /// <summary>A twelfth of the largest span of a sub-block, zero included: what <see cref="Encode"/> never exceeds.</summary>
    public static float Bound(ReadOnlySpan<float> values)
    {
        float largest = 0;
        for (int j = 0; j < Count; j++)
        {
            (float least, float most) = Q4KFit.Range(values.Slice(j * Length, Length));
            largest = Math.Max(largest, most - least);
        }

        return (largest / 12) + 1e-5f; // half precision has no finer unit than 6e-8, times 63 steps of 15
    }

    private static void Pack(
        ReadOnlySpan<float> values, ReadOnlySpan<float> weights, ReadOnlySpan<float> steps, ReadOnlySpan<float> offsets,
        Span<byte> bytes, bool refine)
    {
        var unit = (Half)(Largest(steps) / 63);
        var offsetUnit = (Half)(Largest(offsets) / 63);
        bytes.Clear();
        BinaryPrimitives.WriteHalfLittleEndian(bytes, unit);
        BinaryPrimitives.WriteHalfLittleEndian(bytes[2..], offsetUnit);
        (float stepUnit, float minUnit) = ((float)unit, (float)offsetUnit);
        for (int j = 0; j < Count; j++)
        {
            ReadOnlySpan<float> sub = values.Slice(j * Length, Length);
            int code = Code(steps[j], stepUnit), offsetCode = Code(offsets[j], minUnit);
            if (refine)
                (code, offsetCode) = BestNeighbour(sub, weights.Slice(j * Length, Length), code, offsetCode, stepUnit, minUnit);
            PackCodes(bytes.Slice(Steps, 12), j, code, offsetCode);
            float step = stepUnit * code, offset = minUnit * offsetCode;
            float inverse = step > 0 ? 1 / step : 0;
            Span<byte> levels = bytes.Slice(Codes + (j / 2 * Length), Length);
            int shift = j % 2 * 4;
            for (int i = 0; i < Length; i++)
            {
                int level = (int)Math.Clamp(MathF.Round((sub[i] + offset) * inverse), 0, Levels - 1);
                levels[i] |= (byte)(level << shift);
            }
        }
    }

    private static (int Code, int OffsetCode) BestNeighbour(
        ReadOnlySpan<float> values, ReadOnlySpan<float> weights, int code, int offsetCode, float unit, float offsetUnit)
    {
        (int bestCode, int bestOffset) = (code, offsetCode);
        float best = float.PositiveInfinity;
        for (int c = Math.Max(code - 1, 0); c <= Math.Min(code + 1, 63); c++)
        {
            for (int o = Math.Max(offsetCode - 1, 0); o <= Math.Min(offsetCode + 1, 63); o++)
            {
                float error = Q4KFit.Error(values, weights, unit * c, offsetUnit * o);
                if (error < best) (best, bestCode, bestOffset) = (error, c, o);
            }
        }

        return (bestCode, bestOffset);
    }

    private static float LargestError(ReadOnlySpan<float> values, ReadOnlySpan<byte> bytes)
    {
        Span<float> decoded = stackalloc float[Values];
        Decode(bytes, decoded);
        float largest = 0;
        for (int i = 0; i < Values; i++) largest = Math.Max(largest, Math.Abs(values[i] - decoded[i]));
        return largest;
    }

    private static int Code(float value, float unit) => unit > 0 ? (int)Math.Clamp(MathF.Round(value / unit), 0, 63) : 0;

    private static float Largest(ReadOnlySpan<float> values)
    {
        float largest = 0;
        foreach (float value in values) largest = Math.Max(largest, value);
        return largest;
    }

    private static void PackCodes(Span<byte> packed, int j, int code, int offsetCode)
    {
        if (j < 4)
        {
            packed[j] |= (byte)code;
            packed[j + 4] |= (byte)offsetCode;
            return;
        }

        packed[j + 4] |= (byte)((code & 15) | ((offsetCode & 15) << 4));
        packed[j - 4] |= (byte)(code >> 4 << 6);
        packed[j] |= (byte)(offsetCode >> 4 << 6);
    }

    private static (int Code, int OffsetCode) Unpack(ReadOnlySpan<byte> packed, int j) => j < 4
        ? (packed[j] & 63, packed[j + 4] & 63)
        : ((packed[j + 4] & 15) | (packed[j - 4] >> 6 << 4), (packed[j + 4] >> 4) | (packed[j] >> 6 << 4));
}
