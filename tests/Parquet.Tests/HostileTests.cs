using System.Buffers.Binary;
using Parquet.Encodings;
using Parquet.Format;
using Parquet.Meta;
using Parquet.Schema;
using Xunit.Abstractions;

namespace Parquet.Tests;

/// <summary>Whatever the bytes: values, or one line that says what is wrong. No crash, no hang, no memory taken on trust.</summary>
public sealed class HostileTests(ITestOutputHelper output)
{
    private static readonly bool s_isSlow = Environment.GetEnvironmentVariable("REASONING_SLOW") == "1";

    [Theory]
    [InlineData(CompressionMethod.None)]
    [InlineData(CompressionMethod.Snappy)]
    [InlineData(CompressionMethod.Gzip)]
    [InlineData(CompressionMethod.Brotli)]
    public void Damaged_files_end_in_one_line(CompressionMethod compression)
    {
        int count = s_isSlow ? 25_000 : 500;
        if (!s_isSlow) output.WriteLine($"{count} variants; REASONING_SLOW=1 tries 25000");
        byte[] valid = SampleFile.Write(compression, rows: 20, groupRows: 12);
        int refused = 0;
        long most = 0;
        for (int variant = 0; variant < count; variant++)
        {
            byte[] damaged = Damage(valid, new System.Random((1000 * (int)compression) + variant));
            long before = GC.GetAllocatedBytesForCurrentThread();
            if (!EndsWell(damaged)) refused++;
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        output.WriteLine($"{refused} of {count} refused, at most {most} bytes allocated for {valid.Length}");
        Assert.InRange(refused, count / 5, count);
        Assert.InRange(most, 0, (2 * Limits.SmallPage) + (64L * valid.Length));
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        byte[] valid = SampleFile.Write(CompressionMethod.Snappy, rows: 3, groupRows: 3);
        for (int length = 0; length < valid.Length; length++) Assert.False(EndsWell(valid[..length]), $"{length} bytes were read");
    }

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(int.MaxValue)]
    [InlineData(100_000u)]
    public void A_footer_longer_than_the_file_is_refused(uint length)
    {
        byte[] file = SampleFile.Write(CompressionMethod.None);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(file.Length - 8), length);
        Assert.Contains("a footer of", Assert.Throws<ParquetException>(() => Open(file)).Message);
    }

    [Fact]
    public void Other_files_and_encrypted_ones_are_named()
    {
        Assert.Contains("too small", Assert.Throws<IOException>(() => Open([.. "PAR1"u8])).Message);
        Assert.Contains("PAR1", Assert.Throws<IOException>(() => Open([.. "PK and something else"u8])).Message);
        Assert.Contains("encrypted", Assert.Throws<NotSupportedException>(() => Open([.. "PARE12345678PARE"u8])).Message);
    }

    [Theory]
    [InlineData(new byte[] { 0x49, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x07 }, "a size of 2147483647")]
    [InlineData(new byte[] { 0x29, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 }, "a size of")]
    [InlineData(new byte[] { 0x29, 0x1C, 0x48, 0x7F }, "a size of 127")]
    [InlineData(new byte[] { 0x00 }, "no schema")]
    [InlineData(new byte[] { 0x2D }, "type 13")]
    [InlineData(new byte[] { 0x68 }, "ends too early")]
    public void Sizes_in_the_footer_are_not_believed(byte[] footer, string expected)
    {
        Exception error = Assert.ThrowsAny<Exception>(() => Open(File(footer)));
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void Nesting_is_limited()
    {
        byte[] lists = [0xF9, .. Enumerable.Repeat((byte)0x19, 100_000)];
        Assert.Contains("deep", Assert.Throws<ParquetException>(() => Open(File(lists))).Message);
        byte[] structures = [0xFC, .. Enumerable.Repeat((byte)0x1C, 100_000)];
        Assert.Contains("deep", Assert.Throws<ParquetException>(() => Open(File(structures))).Message);
        List<SchemaElement> elements =
            [.. Enumerable.Range(0, 5000).Select(_ => new SchemaElement { Name = "g", Children = 1, Repetition = Repetition.Optional })];
        Assert.Contains("deep", Assert.Throws<ParquetException>(() => SchemaReader.Read(elements, out _)).Message);
    }

    [Fact]
    public void Pages_that_promise_too_much_are_refused_before_memory_is_taken()
    {
        CompressionCodec[] codecs = [CompressionCodec.UNCOMPRESSED, CompressionCodec.SNAPPY, CompressionCodec.GZIP, CompressionCodec.BROTLI];
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (CompressionCodec codec in codecs) Assert.Contains("says that it unpacks to", Refusal(codec, new byte[20], int.MaxValue));
        Assert.Contains("unpacks to", Refusal(CompressionCodec.SNAPPY, [0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0, 0], 64));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    [Fact]
    public void A_bomb_ends_at_the_size_that_was_promised()
    {
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.Gzip };
        using var zeros = new MemoryStream();
        zeros.Write(new byte[8 << 20]);
        ReadOnlyMemory<byte> packed = Codec.Pack(options, zeros);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("more than the 1000 bytes", Refusal(CompressionCodec.GZIP, packed.ToArray(), 1000));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
        Assert.Equal(8 << 20, Codec.Unpack(CompressionCodec.GZIP, packed, 8 << 20).Length);
    }

    [Theory]
    [InlineData(CompressionCodec.ZSTD)]
    [InlineData(CompressionCodec.LZ4)]
    [InlineData(CompressionCodec.LZ4_RAW)]
    [InlineData(CompressionCodec.LZO)]
    public void Other_compressions_are_refused_by_name(CompressionCodec codec)
    {
        string message = Assert.Throws<NotSupportedException>(() => Codec.Check(codec)).Message;
        Assert.Contains(codec.ToString(), message);
        Assert.Contains("-p:Backend=cpu", message);
        Assert.Contains("to_parquet", message);
    }

    [Fact]
    public void Texts_that_grow_without_end_are_refused()
    {
        // 60,000 texts, each the one before and nothing new but a letter at the first: cheap to write down, 1.8 GB to read.
        var element = new SchemaElement { Name = "text", Type = PhysicalType.ByteArray };
        byte[] growing = [128, 1, 1, 0xE0, 0xD4, 3, 0, .. Enumerable.Repeat((byte)0, 10)];
        var texts = new ReadOnlyMemory<char>[60_000];
        Assert.Throws<ParquetException>(() => ByteArrayReader.ReadPrefixed(growing, element, texts.AsSpan()));
        Assert.Equal(Limits.SmallPage, Limits.PrefixedBytes(100));
        Assert.Equal(64L << 20, Limits.PrefixedBytes(1 << 20));
    }

    private static string Refusal(CompressionCodec codec, byte[] page, int length) =>
        Assert.Throws<ParquetException>(() => Codec.Unpack(codec, page, length)).Message;

    private static byte[] File(byte[] footer)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, footer.Length);
        return [.. "PAR1"u8, .. footer, .. length, .. "PAR1"u8];
    }

    private static ParquetReader Open(byte[] file) => ParquetReader.CreateAsync(new MemoryStream(file)).GetAwaiter().GetResult();

    // Whether a file can be read; if not, the error must be one of those that are promised, on one line.
    private static bool EndsWell(byte[] file)
    {
        try
        {
            ParquetReader reader = Open(file);
            foreach (ParquetRowGroupReader group in reader.RowGroups)
            {
                foreach (DataField field in reader.Schema.GetDataFields()) ReadColumn(group, field, file.Length);
            }

            return true;
        }
        catch (Exception e) when (e is ParquetException or IOException or NotSupportedException)
        {
            Assert.False(string.IsNullOrWhiteSpace(e.Message));
            Assert.DoesNotContain('\n', e.Message);
            return false;
        }
    }

    private static void ReadColumn(ParquetRowGroupReader group, DataField field, int fileBytes)
    {
        if (group.GetMetadata(field)?.MetaData is not { } data) throw new ParquetException("no such column");
        if (data.NumValues > 65_536 + fileBytes) throw new ParquetException("more values than this caller has room for");
        Type type = field.ClrType;
        if (type == typeof(ReadOnlyMemory<char>)) Column<ReadOnlyMemory<char>>.Read(group, field);
        else if (type == typeof(ReadOnlyMemory<byte>)) Column<ReadOnlyMemory<byte>>.Read(group, field);
        else if (type == typeof(bool)) Column<bool>.Read(group, field);
        else if (type == typeof(int)) Column<int>.Read(group, field);
        else if (type == typeof(long)) Column<long>.Read(group, field);
        else if (type == typeof(float)) Column<float>.Read(group, field);
        else if (type == typeof(double)) Column<double>.Read(group, field);
        else if (type == typeof(decimal)) Column<decimal>.Read(group, field);
        else throw new NotSupportedException(type.Name);
    }

    private static byte[] Damage(byte[] valid, System.Random random)
    {
        var bytes = new List<byte>(valid);
        int footer = valid.Length - 8 - BinaryPrimitives.ReadInt32LittleEndian(valid.AsSpan(valid.Length - 8));
        int kinds = random.Next(2) == 0 ? 3 : 6; // the first three leave all other bytes where they are, so that reading gets further
        for (int edits = random.Next(1, 4); edits > 0; edits--)
        {
            // Half of the damage goes into the footer, where all sizes stand.
            int at = random.Next(2) == 0 && footer < bytes.Count ? random.Next(footer, bytes.Count) : random.Next(bytes.Count);
            int length = Math.Min(bytes.Count - at, random.Next(1, 9));
            switch (random.Next(kinds))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes[at] = 0xFF; break;
                case 3: bytes.RemoveRange(at, length); break;
                case 4: bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - length), length)); break;
                default: bytes.InsertRange(at, Enumerable.Repeat((byte)0xFF, length)); break;
            }

            if (bytes.Count < 16) return [.. bytes];
        }

        // The length of the footer goes along with the damage in it half of the time, so that more than the length is tried.
        if (random.Next(2) == 0)
        {
            byte[] tail = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(tail, Math.Max(0, bytes.Count - 8 - footer));
            for (int i = 0; i < 4; i++) bytes[bytes.Count - 8 + i] = tail[i];
        }

        return [.. bytes];
    }
}
