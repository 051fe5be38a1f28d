using System.Buffers.Binary;
using System.Text;
using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.Gguf.Format;
using Reasoning.Models.SafeTensors;
using Reasoning.Models.Tests.Formats;

namespace Reasoning.Models.Tests.Gguf;

public sealed class GgufFormatTests
{
    [Fact]
    public void What_was_written_is_read()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("a.gguf");
        float[] values = [.. Enumerable.Range(0, 256).Select(i => i - 100f)];
        WriteSample(file, values);
        using GgufReader reader = GgufReader.Open(file);
        Assert.Equal(["a.text", "a.flag", "a.count", "a.rate", "a.texts", "a.rates", "a.ids"], reader.Metadata.Keys);
        Assert.Equal("naïve ▁ 🙂", reader.Metadata.Text("a.text"));
        Assert.True(reader.Metadata.OptionalBool("a.flag"));
        Assert.Equal(7, reader.Metadata.Int("a.count", 0, 10));
        Assert.Equal(0.25, reader.Metadata.OptionalReal("a.rate", 0, 1));
        Assert.Equal(["", "x y", "漢"], reader.Metadata.OptionalTexts("a.texts")!);
        Assert.Equal([1.5f, -2f], reader.Metadata.OptionalReals("a.rates")!);
        Assert.Equal([3, -4], reader.Metadata.OptionalInts("a.ids")!);
        Assert.Null(reader.Metadata.OptionalText("b"));
        Assert.Equal(["w", "v"], reader.Tensors.Keys);
        Assert.Equal([8, 32], reader.Find("w").Shape);
        Assert.All(reader.Tensors.Values, tensor => Assert.Equal(0, tensor.Offset % 32));
        float[] read = new float[256];
        reader.Read(reader.Find("w"), 0, read);
        Assert.Equal(values, read);
        float[] part = new float[64];
        reader.Read(reader.Find("v"), 128, part);
        Assert.All(part.Zip(values[128..192]), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 0.7));
        Assert.Throws<ArgumentException>(() => reader.Read(reader.Find("v"), 16, new float[32]));
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.Read(reader.Find("v"), 256, new float[32]));
    }

    [Fact]
    public void Values_of_another_type_or_range_are_refused_with_the_key()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("a.gguf");
        WriteSample(file, new float[256]);
        using GgufReader reader = GgufReader.Open(file);
        Assert.Contains("'a.count' must be a text, found UInt32", UserError.Message(() => reader.Metadata.Text("a.count")));
        Assert.Contains("'a.count' is 7; it must be from 0 to 5", UserError.Message(() => reader.Metadata.Int("a.count", 0, 5)));
        Assert.Contains("'b' is missing", UserError.Message(() => reader.Metadata.Int("b", 0, 5)));
        Assert.Contains("found an array of String", UserError.Message(() => reader.Metadata.OptionalInts("a.texts")));
        Assert.Contains("has no tensor 'z'", UserError.Message(() => reader.Find("z")));
    }

    [Fact]
    public void Bad_headers_are_refused_by_name()
    {
        (byte[] Bytes, string Expected)[] cases =
        [
            ([], "not a GGUF file"),
            ("GGUF"u8.ToArray(), "not a GGUF file"),
            (new Builder(magic: "GGML").Bytes(), "not a GGUF file"),
            (new Builder(version: 1).Bytes(), "version 1"),
            (new Builder(version: 0x03000000).Bytes(), "big-endian"),
            (new Builder(tensors: 1UL << 60).Bytes(), "more than"),
            (new Builder(keys: ulong.MaxValue).Bytes(), "more than"),
            (new Builder(keys: 1).Text("k").UInt32(99).UInt64(0).Bytes(), "unknown type 99"),
            (new Builder(keys: 1).Text("k").UInt32(8).UInt64(1UL << 40).Bytes(), "claims 1099511627776 bytes"),
            (new Builder(keys: 1).Text("k").UInt32(9).UInt32(4).UInt64(1UL << 50).Bytes(), "more than"),
            (new Builder(keys: 1).Text("k").UInt32(9).UInt32(9).UInt64(1).Bytes(), "array of arrays"),
            (new Builder(keys: 2).Text("k").UInt32(7).Raw(1).Text("k").UInt32(7).Raw(1).Bytes(), "'k' occurs twice"),
            (new Builder(keys: 1).Text("general.alignment").UInt32(4).UInt32(24).UInt64(0).Bytes(), "power of two"),
            (new Builder(keys: 1).Raw(1, 0, 0, 0, 0, 0, 0, 0, 0xFF).UInt32(7).Raw(1).Bytes(), "not UTF-8"),
            (new Builder(tensors: 1).Tensor("w", 0, 0, 8).Bytes(), "truncated"),
            (new Builder(tensors: 1).Tensor("w", 0, 1UL << 62, 8).Data(64).Bytes(), "truncated"),
            (new Builder(tensors: 1).Tensor("w", 0, 8, 8).Data(64).Bytes(), "not a multiple of the alignment"),
            (new Builder(tensors: 1).Tensor("w", 0, 0, ulong.MaxValue).Data(64).Bytes(), "has a size of"),
            (new Builder(tensors: 1).Tensor("w", 0, 0, 1UL << 40, 1UL << 40, 1UL << 40).Data(64).Bytes(), "beyond any file"),
            (new Builder(tensors: 1).Tensor("w", 0, 0, 1, 1, 1, 1, 1).Data(64).Bytes(), "5 dimensions"),
            (new Builder(tensors: 1).Tensor("w", 3, 0, 32).Data(64).Bytes(), "q4_1"),
            (new Builder(tensors: 1).Tensor("w", 4_000_000_000, 0, 32).Data(64).Bytes(), "number 4000000000"),
            (new Builder(tensors: 1).Tensor("w", 8, 0, 33).Data(64).Bytes(), "rows of 33 values"),
            (new Builder(tensors: 2).Tensor("w", 0, 0, 8).Tensor("w", 0, 32, 8).Data(64).Bytes(), "'w' occurs twice"),
            (new Builder(tensors: 2).Tensor("v", 0, 0, 16).Tensor("w", 0, 32, 8).Data(64).Bytes(), "'w' overlaps 'v'"),
        ];
        using var folder = new TemporaryFolder();
        foreach ((byte[] bytes, string expected) in cases)
        {
            string file = folder.Write("bad.gguf", bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            UserErrorException error = Assert.Throws<UserErrorException>(() => GgufReader.Open(file));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
            Assert.StartsWith(file, error.Message, StringComparison.Ordinal);
            Assert.Contains(expected, error.Message);
            Assert.DoesNotContain('\n', error.Message);
        }

        Assert.Contains("no such file", UserError.Message(() => GgufReader.Open(folder.File("gone.gguf"))));
        Assert.Throws<UserErrorException>(() => GgufReader.Open(folder.Path));
    }

    [Fact]
    public void A_file_cut_after_opening_is_reported()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("a.gguf");
        WriteSample(file, new float[256]);
        using GgufReader reader = GgufReader.Open(file);
        using (var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) stream.SetLength(300);
        Assert.Contains("it was cut", UserError.Message(() => reader.Read(reader.Find("w"), 0, new float[256])));
        Assert.Contains("it was cut", UserError.Message(() => reader.Metadata.Text("a.text")));
    }

    [Fact]
    public void A_scalar_and_an_empty_tensor_are_tensors()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = new Builder(tensors: 2).Tensor("s", 0, 0).Tensor("e", 0, 32, 0, 4).Data(64).Bytes();
        using GgufReader reader = GgufReader.Open(folder.Write("a.gguf", bytes));
        Assert.Equal((1, 0), (reader.Find("s").Count, reader.Find("e").Count));
        reader.Read(reader.Find("e"), 0, []);
    }

    private static void WriteSample(string file, float[] values)
    {
        var metadata = new GgufMetadataWriter();
        metadata.Add("a.text", "naïve ▁ 🙂");
        metadata.Add("a.flag", true);
        metadata.Add("a.count", 7);
        metadata.Add("a.rate", 0.25f);
        metadata.Add("a.texts", ["", "x y", "漢"]);
        metadata.Add("a.rates", [1.5f, -2f]);
        metadata.Add("a.ids", [3, -4]);
        CopyFloats copy = (start, destination) => values.AsSpan((int)start, destination.Length).CopyTo(destination);
        GgufWriter.Write(file, metadata, [new("w", GgufTensorType.F32, [8, 32], copy), new("v", GgufTensorType.Q8_0, [8, 32], copy)]);
    }

    private sealed class Builder
    {
        private readonly List<byte> _bytes = [];

        public Builder(string magic = "GGUF", uint version = 3, ulong tensors = 0, ulong keys = 0)
        {
            Raw(Encoding.ASCII.GetBytes(magic));
            UInt32(version).UInt64(tensors).UInt64(keys);
        }

        public Builder Text(string text) => UInt64((ulong)text.Length).Raw(Encoding.ASCII.GetBytes(text));

        public Builder Tensor(string name, uint type, ulong offset, params ulong[] sizes)
        {
            Text(name).UInt32((uint)sizes.Length);
            foreach (ulong size in sizes) UInt64(size);
            return UInt32(type).UInt64(offset);
        }

        public Builder Data(int bytes)
        {
            while (_bytes.Count % 32 != 0) Raw(0);
            return Raw(new byte[bytes]);
        }

        public Builder UInt32(uint value)
        {
            byte[] bytes = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
            return Raw(bytes);
        }

        public Builder UInt64(ulong value)
        {
            byte[] bytes = new byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
            return Raw(bytes);
        }

        public Builder Raw(params byte[] bytes)
        {
            _bytes.AddRange(bytes);
            return this;
        }

        public byte[] Bytes() => [.. _bytes];
    }
}
