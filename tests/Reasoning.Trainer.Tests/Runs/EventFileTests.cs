using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Tests.Runs;

/// <summary>Event files, read by a reader of their format that is written here.</summary>
public sealed class EventFileTests
{
    private static readonly DateTimeOffset s_time = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_250);

    [Fact]
    public void A_run_has_one_file_with_the_numbers_of_its_metrics_and_a_resumed_run_no_step_twice()
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "zerosiam", "run", "--steps", "3", "--set", "eval-samples=0", "--set", "checkpoint-every=2").ExitCode);
        // As if killed behind step 3: the newest checkpoint is that of step 2.
        Directory.Delete(Path.Combine(folder.File("run"), "checkpoints", "step-000003"), recursive: true);
        Cli resumed = Cli.Run("train", "--resume", "--out", folder.File("run"), "--steps", "4");
        Assert.True(resumed.ExitCode == 0, resumed.Error);

        RunFolder run = RunFolder.Open(folder.File("run"));
        string file = Assert.Single(Directory.GetFiles(run.Path, "*tfevents*", SearchOption.AllDirectories));
        Record[] records = [.. Read(File.ReadAllBytes(file))];
        Assert.Equal("brain.Event:2", records[0].Version);
        Assert.Equal([1, 2, 3, 4], records[1..].Select(record => record.Step));
        Assert.All(records, record => Assert.InRange(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - record.Time, -1, 600));
        foreach ((Record record, string line) in records[1..].Zip(File.ReadLines(run.MetricsFile)))
        {
            Dictionary<string, float> numbers = JsonNode.Parse(line)!.AsObject()
                .Where(pair => pair.Key != "step" && pair.Value is JsonValue value && value.TryGetValue(out double _))
                .ToDictionary(pair => pair.Key, pair => (float)pair.Value!.GetValue<double>());
            Assert.Equal(numbers.OrderBy(pair => pair.Key), record.Scalars.OrderBy(pair => pair.Key));
        }
    }

    [Fact]
    public void It_can_be_switched_off()
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "tent", "run", "--steps", "1", "--set", "eval-samples=0", "--set", "tensorboard=false").ExitCode);
        Assert.Empty(Directory.GetFiles(folder.File("run"), "*tfevents*"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(13)]
    [InlineData(40)]
    [InlineData(-3)]
    public void A_record_that_was_cut_off_goes_and_what_was_whole_stays(int bytesOfLast)
    {
        using var folder = new TempFolder();
        string file = folder.File("events");
        long[] ends = [.. Enumerable.Range(1, 3).Select(step => Append(file, step))];
        using (FileStream stream = File.OpenWrite(file)) stream.SetLength(bytesOfLast >= 0 ? ends[1] + bytesOfLast : ends[2] + bytesOfLast);
        EventFile.CutAfter(file, 3);
        Assert.Equal(ends[1], new FileInfo(file).Length);
        Append(file, 3);
        Assert.Equal([0, 1, 2, 3], Read(File.ReadAllBytes(file)).Select(record => record.Step));
    }

    /// <summary>One bit of each byte: it is read as before up to the damage, never more, and never fails.</summary>
    [Fact]
    public void Behind_a_damaged_record_nothing_stays()
    {
        using var folder = new TempFolder();
        string file = folder.File("events");
        long[] ends = [.. Enumerable.Range(1, 3).Select(step => Append(file, step))];
        byte[] whole = File.ReadAllBytes(file);
        long version = ends[0] - (ends[1] - ends[0]);
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= (byte)(1 << (at % 8));
            File.WriteAllBytes(file, damaged);
            EventFile.CutAfter(file, 3);
            Assert.Equal(((long[])[0, version, .. ends]).Last(end => end <= at), new FileInfo(file).Length);
        }
    }

    private static long Append(string file, int step)
    {
        EventFile.Append(file, step, s_time, [("loss", 0.5 * step), ("entropy", double.NaN)]);
        return new FileInfo(file).Length;
    }

    /// <summary>length (8), masked crc of it (4), data, masked crc of them (4); data: protobuf fields 1 double, 2 varint, 3 text, 5 message.</summary>
    private static IEnumerable<Record> Read(byte[] bytes)
    {
        for (int at = 0; at < bytes.Length;)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at));
            Assert.Equal(MaskedCrc(bytes.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 8)));
            byte[] data = bytes[(at + 12)..(at + 12 + length)];
            Assert.Equal(MaskedCrc(data), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 12 + length)));
            at += 16 + length;
            var record = new Record();
            foreach ((int field, ulong number, byte[] text) in Fields(data))
            {
                if (field == 1) record.Time = BitConverter.UInt64BitsToDouble(number);
                if (field == 2) record.Step = (int)number;
                if (field == 3) record.Version = Encoding.UTF8.GetString(text);
                if (field != 5) continue;
                foreach ((_, _, byte[] value) in Fields(text))
                {
                    var parts = Fields(value).ToDictionary(part => part.Field);
                    record.Scalars.Add(Encoding.UTF8.GetString(parts[1].Text), BitConverter.UInt32BitsToSingle((uint)parts[2].Number));
                }
            }

            yield return record;
        }
    }

    private static IEnumerable<(int Field, ulong Number, byte[] Text)> Fields(byte[] data)
    {
        for (int at = 0; at < data.Length;)
        {
            ulong key = Varint(data, ref at);
            (ulong number, byte[] text) = (0UL, Array.Empty<byte>());
            switch (key & 7)
            {
                case 0: number = Varint(data, ref at); break;
                case 1: number = BinaryPrimitives.ReadUInt64LittleEndian(data.AsSpan(at)); at += 8; break;
                case 5: number = BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(at)); at += 4; break;
                default:
                    int length = (int)Varint(data, ref at);
                    text = data[at..(at + length)];
                    at += length;
                    break;
            }

            yield return ((int)(key >> 3), number, text);
        }
    }

    private static ulong Varint(byte[] data, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = data[at++];
            value |= (ulong)(part & 127) << shift;
            if (part < 128) return value;
        }
    }

    /// <summary>CRC-32C bit by bit, from its polynomial.</summary>
    private static uint MaskedCrc(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte part in bytes)
        {
            crc ^= part;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) == 1 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
        }

        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
    }

    private sealed class Record
    {
        public double Time { get; set; }

        public int Step { get; set; }

        public string? Version { get; set; }

        public Dictionary<string, float> Scalars { get; } = [];
    }
}
