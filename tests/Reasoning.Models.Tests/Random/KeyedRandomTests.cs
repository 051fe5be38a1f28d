using System.Numerics;
using Reasoning.Models.Random;

namespace Reasoning.Models.Tests.Formats;

public sealed class KeyedRandomTests
{
    // The known answers that come with the authors' Random123 library (kat_vectors, philox4x32-10).
    [Theory]
    [InlineData(0, 0, 0, 0xE169C58D6627E8D5, 0x9B00DBD8BC57AC4C)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, 0x41C83B0E408F276D, 0x6D5451FDA20BC7C6)]
    [InlineData(0x299F31D0A4093822, 0x85A308D3243F6A88, 0x0370734413198A2E, 0x94FDCCEBD16CFE09, 0x24126EA15001E420)]
    public void Philox_gives_the_known_answers(ulong key, ulong low, ulong high, ulong expectedLow, ulong expectedHigh)
        => Assert.Equal((expectedLow, expectedHigh), Philox.Block(key, low, high));

    [Fact]
    public void Draws_are_the_same_on_every_machine_and_in_every_version()
    {
        Assert.Equal(0xE4DB0BF1064071F0UL, KeyedRandom.Bits(1, 2, 3, 4, 5));
        Assert.Equal(0.893967386573651, KeyedRandom.Uniform(1, 2, 3, 4, 5));
        Assert.Equal(0xEACF018FBF1678BAUL, KeyedRandom.Key("abc"));
        var stream = new KeyedStream(7, 1);
        Assert.Equal([0, 9, 9, 6, 5, 6], Enumerable.Range(0, 6).Select(_ => stream.NextInt(10)));
    }

    [Fact]
    public void Every_part_of_the_key_matters()
    {
        ulong[] keys = [1, 2, 3, 4, 5];
        ulong reference = KeyedRandom.Bits(1, 2, 3, 4, 5);
        for (int part = 0; part < keys.Length; part++)
        {
            for (int bit = 0; bit < 64; bit++)
            {
                ulong[] changed = [.. keys];
                changed[part] ^= 1UL << bit;
                ulong bits = KeyedRandom.Bits(changed[0], changed[1], changed[2], changed[3], changed[4]);
                int flipped = BitOperations.PopCount(reference ^ bits);
                Assert.InRange(flipped, 10, 54);
            }
        }
    }

    [Fact]
    public void Uniform_draws_over_any_part_of_the_key_are_uniform_and_uncorrelated()
    {
        const int Draws = 20_000, Bins = 64;
        for (int part = 0; part < 5; part++)
        {
            double[] values = [.. Enumerable.Range(0, Draws).Select(i => Draw(part, (ulong)i))];
            Assert.All(values, value => Assert.InRange(value, 0, 1 - 1e-16));
            int[] counts = new int[Bins];
            foreach (double value in values) counts[(int)(value * Bins)]++;
            double expected = (double)Draws / Bins;
            double chiSquare = counts.Sum(count => (count - expected) * (count - expected) / expected);
            Assert.InRange(chiSquare, 25, 120); // 63 degrees of freedom: both ends beyond one in 100,000
            foreach (int lag in (int[])[1, 2, 64]) Assert.InRange(Correlation(values, lag), -0.03, 0.03);
        }

        static double Draw(int part, ulong i) => part switch
        {
            0 => KeyedRandom.Uniform(i, 0),
            1 => KeyedRandom.Uniform(0, i),
            2 => KeyedRandom.Uniform(0, 0, i),
            3 => KeyedRandom.Uniform(0, 0, 0, i),
            _ => KeyedRandom.Uniform(0, 0, 0, 0, i),
        };
    }

    [Fact]
    public void Streams_of_neighbouring_keys_are_uncorrelated()
    {
        const int Draws = 10_000;
        for (ulong key = 0; key < 5; key++)
        {
            var first = new KeyedStream(0, 0, 0, key);
            var second = new KeyedStream(0, 0, 0, key + 1);
            double[] mixed = [.. Enumerable.Range(0, Draws).SelectMany(_ => new[] { first.NextDouble(), second.NextDouble() })];
            Assert.InRange(Correlation(mixed, 1), -0.03, 0.03);
        }
    }

    [Fact]
    public void A_stream_does_not_repeat_a_draw_within_or_between_blocks()
    {
        var stream = new KeyedStream(3);
        Assert.Equal(10_000, Enumerable.Range(0, 10_000).Select(_ => stream.NextBits()).Distinct().Count());
        var again = new KeyedStream(3);
        var fresh = new KeyedStream(3);
        for (int i = 0; i < 9; i++) Assert.Equal(again.NextBits(), fresh.NextBits());
    }

    [Fact]
    public void Integers_are_uniform_and_in_range()
    {
        var stream = new KeyedStream(4);
        int[] counts = new int[7];
        for (int i = 0; i < 70_000; i++) counts[stream.NextInt(7)]++;
        Assert.All(counts, count => Assert.InRange(count, 9_600, 10_400));
        for (int i = 0; i < 1000; i++) Assert.InRange(stream.NextInt(-3, 4), -3, 3);
        Assert.Equal(0, stream.NextInt(1));
        Assert.InRange(stream.NextInt(int.MaxValue), 0, int.MaxValue - 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => new KeyedStream(1).NextInt(0));
    }

    [Fact]
    public void Gaussian_draws_have_the_moments_of_the_normal_distribution()
    {
        var stream = new KeyedStream(5);
        double[] values = [.. Enumerable.Range(0, 100_000).Select(_ => stream.NextGaussian())];
        Assert.InRange(values.Average(), -0.015, 0.015);
        Assert.InRange(values.Average(x => x * x), 0.98, 1.02);
        Assert.InRange(values.Average(x => x * x * x * x), 2.85, 3.15);
        Assert.InRange(values.Count(x => Math.Abs(x) > 1.96) / 100_000.0, 0.047, 0.053);
    }

    [Fact]
    public void Shuffles_reach_every_order_equally_often()
    {
        var counts = new Dictionary<string, int>();
        for (ulong key = 0; key < 12_000; key++)
        {
            int[] items = [0, 1, 2, 3];
            new KeyedStream(6, key).Shuffle<int>(items);
            string order = string.Concat(items);
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }
        Assert.Equal(24, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 400, 600));
    }

    private static double Correlation(double[] values, int lag)
    {
        double mean = values.Average(), variance = 0, covariance = 0;
        for (int i = 0; i + lag < values.Length; i++)
        {
            covariance += (values[i] - mean) * (values[i + lag] - mean);
            variance += (values[i] - mean) * (values[i] - mean);
        }
        return covariance / variance;
    }
}
