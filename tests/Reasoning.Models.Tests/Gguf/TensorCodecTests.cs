using System.Buffers.Binary;
using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.Random;

namespace Reasoning.Models.Tests.Gguf;

public sealed class TensorCodecTests
{
    public static TheoryData<GgufTensorType> Writable => [.. GgufTensorTypes.Writable];

    [Theory]
    [MemberData(nameof(Writable))]
    public void Every_value_comes_back_within_the_bound(GgufTensorType type)
    {
        int block = type.BlockElements();
        for (ulong seed = 0; seed < 400; seed++)
        {
            float[] values = Block(seed, 256), bounds = new float[256];
            float[] decoded = RoundTrip(type, values);
            for (int at = 0; at < values.Length; at += block)
                TensorCodec.Bounds(type, values.AsSpan(at, block), bounds.AsSpan(at, block));
            for (int i = 0; i < values.Length; i++)
            {
                Assert.True(
                    Math.Abs(values[i] - decoded[i]) <= bounds[i],
                    $"{type.Name()} seed {seed} at {i}: {values[i]} became {decoded[i]}, bound {bounds[i]}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Writable))]
    public void Coding_what_was_decoded_changes_little_and_zero_stays_zero(GgufTensorType type)
    {
        Assert.All(RoundTrip(type, new float[256]), value => Assert.Equal(0f, value));
        float[] once = RoundTrip(type, Block(3, 256)), twice = RoundTrip(type, once), bounds = new float[256];
        for (int at = 0; at < 256; at += type.BlockElements())
            TensorCodec.Bounds(type, once.AsSpan(at, type.BlockElements()), bounds.AsSpan(at, type.BlockElements()));
        for (int i = 0; i < once.Length; i++) Assert.InRange(Math.Abs(once[i] - twice[i]), 0, bounds[i]);
    }

    [Theory]
    [MemberData(nameof(Writable))]
    public void The_bytes_do_not_depend_on_how_a_tensor_is_cut(GgufTensorType type)
    {
        float[] values = [.. Enumerable.Range(0, 100).SelectMany(i => Block((ulong)i, 256))];
        byte[] whole = new byte[type.ByteLength(values.Length)], parts = new byte[whole.Length];
        TensorCodec.Encode(type, values, whole);
        for (int at = 0; at < values.Length; at += 256)
        {
            TensorCodec.Encode(
                type, values.AsSpan(at, 256), parts.AsSpan((int)type.ByteLength(at), (int)type.ByteLength(256)));
        }

        Assert.Equal(whole, parts);
    }

    [Fact]
    public void The_search_of_q4_K_beats_evenly_spread_levels()
    {
        double searched = 0, plain = 0;
        for (ulong seed = 0; seed < 100; seed++)
        {
            float[] values = [.. Enumerable.Range(0, 256).Select(i => Gaussian(seed, i))], weights = new float[32];
            float[] decoded = RoundTrip(GgufTensorType.Q4_K, values);
            for (int at = 0; at < 256; at += 32)
            {
                ReadOnlySpan<float> sub = values.AsSpan(at, 32);
                Q4KFit.Weigh(sub, weights);
                (float step, float offset) = Q4KFit.Plain(sub);
                plain += Q4KFit.Error(sub, weights, step, offset);
                for (int i = 0; i < 32; i++) searched += weights[i] * Math.Pow(sub[i] - decoded[at + i], 2);
            }
        }

        // The evenly spread levels have exact steps here, the searched ones six bits for each; they still win.
        Assert.InRange(searched / plain, 0.3, 0.85);
    }

    [Fact]
    public void Q8_0_is_a_step_and_thirty_two_levels()
    {
        byte[] bytes = new byte[34];
        BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)0.5f);
        for (int i = 0; i < 32; i++) bytes[2 + i] = (byte)(sbyte)((4 * i) - 64);
        float[] values = new float[32];
        TensorCodec.Decode(GgufTensorType.Q8_0, bytes, values);
        Assert.Equal(Enumerable.Range(0, 32).Select(i => 0.5f * ((4 * i) - 64)), values);
    }

    [Fact]
    public void Q4_0_holds_the_first_half_in_the_low_bits()
    {
        byte[] bytes = new byte[18];
        BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)(-2f));
        for (int i = 0; i < 16; i++) bytes[2 + i] = (byte)(i | ((15 - i) << 4));
        float[] values = new float[32];
        TensorCodec.Decode(GgufTensorType.Q4_0, bytes, values);
        Assert.Equal(Enumerable.Range(0, 16).Select(i => -2f * (i - 8)).Concat(Enumerable.Range(0, 16).Select(i => -2f * (7 - i))), values);
    }

    [Fact]
    public void Q4_K_packs_steps_and_offsets_of_six_bits()
    {
        // Sub-block j has step 5 + 7j and offset 60 - 7j; all levels are 3. The packing is spelled out here by hand.
        byte[] bytes = new byte[144];
        BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)0.25f);
        BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(2), (Half)0.5f);
        int[] steps = [.. Enumerable.Range(0, 8).Select(j => 5 + (7 * j))], offsets = [.. Enumerable.Range(0, 8).Select(j => 60 - (7 * j))];
        for (int j = 0; j < 4; j++)
        {
            bytes[4 + j] = (byte)(steps[j] | (steps[j + 4] >> 4 << 6));
            bytes[8 + j] = (byte)(offsets[j] | (offsets[j + 4] >> 4 << 6));
            bytes[12 + j] = (byte)((steps[j + 4] & 15) | ((offsets[j + 4] & 15) << 4));
        }

        bytes.AsSpan(16).Fill(0x33);
        float[] values = new float[256];
        TensorCodec.Decode(GgufTensorType.Q4_K, bytes, values);
        for (int i = 0; i < 256; i++) Assert.Equal((0.25f * steps[i / 32] * 3) - (0.5f * offsets[i / 32]), values[i]);
    }

    [Fact]
    public void Q6_K_spreads_its_levels_over_four_and_two_bits()
    {
        // Value i has level i % 64; the layout is spelled out from the side of the values.
        byte[] bytes = new byte[210];
        for (int i = 0; i < 256; i++)
        {
            int level = i % 64, half = i / 128, quarter = i % 128 / 32, place = i % 32;
            bytes[(half * 64) + (quarter % 2 * 32) + place] |= (byte)((level & 15) << (quarter < 2 ? 0 : 4));
            bytes[128 + (half * 32) + place] |= (byte)(level >> 4 << (2 * quarter));
        }

        for (int sub = 0; sub < 16; sub++) bytes[192 + sub] = (byte)(sbyte)(sub - 8);
        BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(208), (Half)0.125f);
        float[] values = new float[256];
        TensorCodec.Decode(GgufTensorType.Q6_K, bytes, values);
        for (int i = 0; i < 256; i++) Assert.Equal(0.125f * ((i / 16) - 8) * ((i % 64) - 32), values[i]);
    }

    // Blocks of many kinds: normal, one-sided, constant, with outliers, tiny, large, sparse.
    private static float[] Block(ulong seed, int count) => [.. Enumerable.Range(0, count).Select(i => (seed % 8) switch
    {
        0 => Gaussian(seed, i),
        1 => Math.Abs(Gaussian(seed, i)) * 0.02f,
        2 => -Math.Abs(Gaussian(seed, i)) - 1,
        3 => 0.37f,
        4 => i % 61 == 0 ? 50 * Gaussian(seed, i) : 0.1f * Gaussian(seed, i),
        5 => Gaussian(seed, i) * 1e-7f,
        6 => Gaussian(seed, i) * 1000,
        _ => i % 5 == 0 ? Gaussian(seed, i) : 0,
    })];

    private static float Gaussian(ulong seed, int i) => (float)new KeyedStream(31, seed, (ulong)i).NextGaussian();

    private static float[] RoundTrip(GgufTensorType type, float[] values)
    {
        byte[] bytes = new byte[type.ByteLength(values.Length)];
        TensorCodec.Encode(type, values, bytes);
        float[] decoded = new float[values.Length];
        TensorCodec.Decode(type, bytes, decoded);
        return decoded;
    }
}
