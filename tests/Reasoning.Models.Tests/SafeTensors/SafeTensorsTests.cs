using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Reasoning.Models.Chat;
using Reasoning.Models.Config;
using Reasoning.Models.Gguf.Format;
using Reasoning.Models.Policies;
using Reasoning.Models.SafeTensors;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Tests.Formats;

public sealed class SafeTensorsTests
{
    [Fact]
    public void Values_come_back_from_each_type()
    {
        using var folder = new TemporaryFolder();
        float[] values = [0, -0f, 1, -2.5f, 65504, float.PositiveInfinity, 0.333333343f, 1e-7f];
        string file = folder.File("a.safetensors");
        SafeTensorsWriter.Write(file,
        [
            new SafeTensorSource("single", [2, 4], SafeTensorsDType.F32, values),
            new SafeTensorSource("half", [8], SafeTensorsDType.F16, values),
            new SafeTensorSource("brain", [1, 8, 1], SafeTensorsDType.BF16, values),
            SafeTensorSource.Raw("counts", [2], SafeTensorsDType.I64, MemoryMarshal.AsBytes<long>([7, -1]).ToArray()),
        ]);
        using SafeTensorsReader reader = SafeTensorsReader.Open(file);
        Assert.Equal(values, Read(reader, "single"));
        Assert.Equal(values.Select(value => (float)(Half)value), Read(reader, "half"));
        Assert.Equal(values.Select(value => HalfFormats.FromBFloat16(HalfFormats.ToBFloat16(value))), Read(reader, "brain"));
        Assert.Equal([2, 4], reader.Entries["single"].Shape);
        byte[] raw = new byte[16];
        reader.ReadRaw("counts", raw);
        Assert.Equal(-1L, BinaryPrimitives.ReadInt64LittleEndian(raw.AsSpan(8)));
        Assert.Equal("pt", reader.Metadata["format"]);
    }

    [Fact]
    public void Scalars_and_empty_tensors_are_tensors()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("a.safetensors");
        SafeTensorsWriter.Write(file,
        [
            new SafeTensorSource("scalar", [], SafeTensorsDType.F32, new float[] { 3 }),
            new SafeTensorSource("empty", [0, 5], SafeTensorsDType.F32, Array.Empty<float>()),
        ]);
        using SafeTensorsReader reader = SafeTensorsReader.Open(file);
        Assert.Equal([3f], Read(reader, "scalar"));
        Assert.Empty(Read(reader, "empty"));
    }

    [Fact]
    public void A_part_of_a_tensor_can_be_read()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("a.safetensors");
        float[] values = [.. Enumerable.Range(0, 100).Select(i => (float)i)];
        SafeTensorsWriter.Write(file, [new SafeTensorSource("x", [10, 10], SafeTensorsDType.BF16, values)]);
        using SafeTensorsReader reader = SafeTensorsReader.Open(file);
        float[] row = new float[10];
        reader.Read(reader.Find("x"), 30, row);
        Assert.Equal(values[30..40], row);
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.Read(reader.Find("x"), 95, row));
    }

    [Fact]
    public void Writing_is_deterministic_whatever_the_order_and_aligned()
    {
        using var folder = new TemporaryFolder();
        SafeTensorSource[] tensors =
        [
            new SafeTensorSource("b", [3], SafeTensorsDType.F32, new float[3]),
            new SafeTensorSource("a", [3], SafeTensorsDType.BF16, new float[3]),
            new SafeTensorSource("c.d", [1], SafeTensorsDType.F32, new float[1]),
        ];
        SafeTensorsWriter.Write(folder.File("1"), tensors);
        SafeTensorsWriter.Write(folder.File("2"), tensors.Reverse());
        byte[] bytes = File.ReadAllBytes(folder.File("1"));
        Assert.Equal(bytes, File.ReadAllBytes(folder.File("2")));
        long header = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.Equal(0, header % 8);
        using JsonDocument json = JsonDocument.Parse(bytes.AsMemory(8, (int)header));
        Assert.Equal(["__metadata__", "b", "c.d", "a"], json.RootElement.EnumerateObject().Select(property => property.Name));
        using SafeTensorsReader reader = SafeTensorsReader.Open(folder.File("1"));
        Assert.All(reader.Entries.Values, entry => Assert.Equal(0, entry.Offset % (entry.DType == SafeTensorsDType.F32 ? 4 : 2)));
    }

    [Fact]
    public void Large_tensors_are_fetched_in_chunks()
    {
        using var folder = new TemporaryFolder();
        const int Count = 700_001;
        int calls = 0;
        var source = new SafeTensorSource("x", [Count], SafeTensorsDType.F32, (start, destination) =>
        {
            calls++;
            for (int i = 0; i < destination.Length; i++) destination[i] = start + i;
        });
        SafeTensorsWriter.Write(folder.File("x"), [source]);
        using SafeTensorsReader reader = SafeTensorsReader.Open(folder.File("x"));
        float[] values = Read(reader, "x");
        Assert.True(calls > 1);
        Assert.Equal(Enumerable.Range(0, Count).Select(i => (float)i), values);
    }

    [Fact]
    public void Rounding_to_bfloat16_is_to_nearest_and_ties_to_even()
    {
        (uint Bits, ushort Expected)[] cases =
        [
            (0x3F800000, 0x3F80), (0x3F808000, 0x3F80), (0x3F808001, 0x3F81), (0x3F818000, 0x3F82), (0x3F817FFF, 0x3F81),
            (0x7F7FFFFF, 0x7F80), (0xFF800000, 0xFF80), (0x80000000, 0x8000), (0x00000001, 0x0000), (0x00008001, 0x0001),
        ];
        foreach ((uint bits, ushort expected) in cases)
            Assert.Equal(expected, HalfFormats.ToBFloat16(BitConverter.UInt32BitsToSingle(bits)));
        Assert.True(float.IsNaN(HalfFormats.FromBFloat16(HalfFormats.ToBFloat16(BitConverter.UInt32BitsToSingle(0x7F800001)))));
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            float value = HalfFormats.FromBFloat16((ushort)bits);
            if (!float.IsNaN(value)) Assert.Equal((ushort)bits, HalfFormats.ToBFloat16(value));
        }
    }

    [Theory]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "has shape [2] of F32 but 4 bytes")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "truncated")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "lies at bytes 4 to 0")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""", 4, "not negative")]
    [InlineData("""{"x":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}""", 4, "unknown type 'F33'")]
    [InlineData("""{"x":{"shape":[1],"data_offsets":[0,4]}}""", 4, "'x.dtype' is missing")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""", 4, "must have two numbers")]
    [InlineData("""{"x":{"dtype":"F32","shape":[4294967296,4294967296,4294967296,4294967296],"data_offsets":[0,4]}}""", 4, "but 4 bytes")]
    [InlineData("""{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"y":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}""", 3, "overlaps")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "gap")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5, "belong to none")]
    [InlineData("""{"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}""", 1, "malformed")]
    [InlineData("""{"x":7}""", 0, "must be described by an object")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "__metadata__.a")]
    [InlineData("""[]""", 0, "expected a JSON object")]
    [InlineData("""{"x":""", 0, "malformed JSON")]
    public void Bad_headers_are_refused(string header, int dataBytes, string expected)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("bad.safetensors", Build(header, dataBytes));
        UserErrorException error = Assert.Throws<UserErrorException>(() => SafeTensorsReader.Open(file));
        Assert.StartsWith(file, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void A_header_length_beyond_the_file_allocates_nothing()
    {
        using var folder = new TemporaryFolder();
        foreach (ulong length in (ulong[])[9, 1UL << 40, ulong.MaxValue, 99_999_999])
        {
            byte[] bytes = new byte[16];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
            string file = folder.Write("bad.safetensors", bytes);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<UserErrorException>(() => SafeTensorsReader.Open(file));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        }
        Assert.Throws<UserErrorException>(() => SafeTensorsReader.Open(folder.Write("short", [1, 2, 3])));
        Assert.Throws<UserErrorException>(() => SafeTensorsReader.Open(folder.File("gone")));
        Assert.Throws<UserErrorException>(() => SafeTensorsReader.Open(folder.Path));
    }

    [Fact]
    public void A_pipe_or_device_is_refused_without_waiting_for_a_writer()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "mkfifo is a program of Linux");
        using var folder = new TemporaryFolder();
        string pipe = folder.File("model.safetensors");
        using (var make = System.Diagnostics.Process.Start("mkfifo", pipe)) make.WaitForExit();
        Assert.Contains("pipe or device", UserError.Message(() => SafeTensorsReader.Open(pipe)));
        File.CreateSymbolicLink(folder.File("config.json"), pipe);
        Assert.Contains("pipe or device", UserError.Message(() => ModelConfig.Load(folder.Path)));
        File.CreateSymbolicLink(folder.File("zero.gguf"), "/dev/zero");
        Assert.Contains("pipe or device", UserError.Message(() => GgufReader.Open(folder.File("zero.gguf"))));
        foreach (string name in (string[])["reasoning.json", "README.md", "chat_template.jinja", "tokenizer_config.json"])
        {
            File.CreateSymbolicLink(folder.File(name), name == "README.md" ? pipe : "/dev/zero");
            Action read = name switch
            {
                "reasoning.json" => () => PromptSettings.Load(folder.Path),
                "chat_template.jinja" => () => ChatFormat.Load(folder.Path),
                "tokenizer_config.json" => () => TokenizerConfig.Load(folder.Path),
                _ => () => SideFiles.Read(folder.Path),
            };
            string message = UserError.Message(read);
            Assert.StartsWith(folder.File(name), message, StringComparison.Ordinal);
            Assert.Contains("pipe or device", message);
            File.Delete(folder.File(name));
        }
    }

    [Fact]
    public void Parallel_reads_see_the_same_values()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("a");
        float[] values = [.. Enumerable.Range(0, 600_001).Select(i => i * 0.5f)];
        SafeTensorsWriter.Write(file,
        [
            SafeTensorSource.Raw("bytes", [3], SafeTensorsDType.U8, new byte[3]),
            new SafeTensorSource("x", [values.Length], SafeTensorsDType.F32, values),
            new SafeTensorSource("y", [values.Length], SafeTensorsDType.BF16, values),
        ]);
        using SafeTensorsReader reader = SafeTensorsReader.Open(file);
        Parallel.For(0, 8, i =>
        {
            Assert.Equal(values, Read(reader, "x"));
            Assert.Equal(values.Select(value => HalfFormats.FromBFloat16(HalfFormats.ToBFloat16(value))), Read(reader, "y"));
        });
        reader.Dispose();
        reader.Dispose();
    }

    [Fact]
    public void Integers_are_not_read_as_weights()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("a");
        SafeTensorsWriter.Write(file, [SafeTensorSource.Raw("q", [4], SafeTensorsDType.I8, new byte[4])]);
        using SafeTensorsReader reader = SafeTensorsReader.Open(file);
        UserErrorException error = Assert.Throws<UserErrorException>(() => reader.Read("q", new float[4]));
        Assert.Contains("'q' has type I8", error.Message);
        Assert.Contains("has no tensor 'w'", UserError.Message(() => reader.Find("w")));
    }

    [Fact]
    public void A_file_cut_after_opening_is_reported()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("a");
        SafeTensorsWriter.Write(file, [new SafeTensorSource("x", [1000], SafeTensorsDType.F32, new float[1000])]);
        using SafeTensorsReader reader = SafeTensorsReader.Open(file);
        using (var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) stream.SetLength(2000);
        Assert.Contains("ends at byte 2000", UserError.Message(() => reader.Read("x", new float[1000])));
    }

    private static float[] Read(SafeTensorsReader reader, string name)
    {
        float[] values = new float[reader.Find(name).Count];
        reader.Read(name, values);
        return values;
    }

    private static byte[] Build(string header, int dataBytes)
    {
        byte[] text = Encoding.UTF8.GetBytes(header);
        byte[] bytes = new byte[8 + text.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, text.Length);
        text.CopyTo(bytes, 8);
        return bytes;
    }
}
