using Parquet.Encodings;
using Parquet.Format;

namespace Parquet.Tests;

public sealed class EncodingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(20)]
    public void Runs_and_packed_bits_read_back(int width)
    {
        var random = new System.Random(width);
        for (int trial = 0; trial < 200; trial++)
        {
            var values = new List<int>();
            for (int left = random.Next(1, 20); left > 0; left--)
                values.AddRange(Enumerable.Repeat(random.Next(1 << width), random.Next(2) == 0 ? 1 : random.Next(1, 40)));
            using var stream = new MemoryStream();
            RleWriter.Write(stream, values.ToArray(), width);
            var read = new int[values.Count];
            new RleReader(stream.ToArray(), width).Read(read);
            Assert.Equal(values, read);
        }
    }

    [Fact]
    public void A_run_is_a_count_and_a_value() => Assert.Equal([16, 5], Packed([5, 5, 5, 5, 5, 5, 5, 5], 3));

    [Fact]
    public void Packed_values_begin_with_the_lowest_bit() =>
        Assert.Equal([3, 0x88, 0xC6, 0xFA], Packed([0, 1, 2, 3, 4, 5, 6, 7], 3)); // the example of the format's own documentation

    [Fact]
    public void Differences_are_read()
    {
        // The example of the format's own documentation: 7 5 3 1 2 3 4 5 as one block of eight, smallest difference -2, two bits each.
        var values = new long[8];
        int length = DeltaReader.Read([8, 1, 8, 14, 3, 2, 0xC0, 0x3F, 99], values);
        Assert.Equal([7, 5, 3, 1, 2, 3, 4, 5], values);
        Assert.Equal(8, length);
    }

    [Fact]
    public void Differences_wrap_around()
    {
        var values = new long[2];
        DeltaReader.Read([8, 1, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 0], values);
        Assert.Equal([long.MinValue, long.MinValue + 1], values);
    }

    [Theory]
    [InlineData(new byte[] { 8, 1, 8, 14, 3, 2, 0xC0 })]
    [InlineData(new byte[] { 8, 1, 9, 14, 3, 2, 0xC0, 0x3F })]
    [InlineData(new byte[] { 8, 0, 8, 14, 3, 2, 0xC0, 0x3F })]
    [InlineData(new byte[] { 12, 1, 8, 14, 3, 2, 0xC0, 0x3F })]
    [InlineData(new byte[] { 8, 1, 8, 14, 3, 65, 0xC0, 0x3F })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 1, 8, 14, 3, 65, 0xC0, 0x3F })]
    [InlineData(new byte[] { })]
    public void Damaged_differences_are_refused(byte[] bytes) =>
        Assert.Throws<ParquetException>(() => { DeltaReader.Read(bytes, new long[8]); });

    [Fact]
    public void Split_bytes_are_joined()
    {
        var values = new float[2];
        ByteStreamSplit.Read([0, 1, 0, 2, 0x80, 3, 0x3F, 0x40], new SchemaElement { Type = PhysicalType.Float }, values.AsSpan());
        Assert.Equal([1f, BitConverter.Int32BitsToSingle(0x40030201)], values);
    }

    [Fact]
    public void Decimals_of_every_width_are_read()
    {
        var element = new SchemaElement
        {
            Type = PhysicalType.FixedLenByteArray,
            TypeLength = 3,
            Annotation = Annotation.Decimal,
            Precision = 6,
            Scale = 2,
        };
        var values = new decimal[2];
        PlainReader.Read([0xFF, 0xFF, 0x85, 0x00, 0x30, 0x39], element, values.AsSpan());
        Assert.Equal([-1.23m, 123.45m], values);
        element.Type = PhysicalType.Int32;
        PlainReader.Read([0x85, 0xFF, 0xFF, 0xFF, 0x39, 0x30, 0, 0], element, values.AsSpan());
        Assert.Equal([-1.23m, 123.45m], values);
        element.Scale = 40;
        Assert.Throws<ParquetException>(() => PlainReader.Read([0x85, 0xFF, 0xFF, 0xFF, 0x39, 0x30, 0, 0], element, values.AsSpan()));
    }

    private static byte[] Packed(int[] values, int width)
    {
        using var stream = new MemoryStream();
        RleWriter.Write(stream, values, width);
        return stream.ToArray();
    }
}
