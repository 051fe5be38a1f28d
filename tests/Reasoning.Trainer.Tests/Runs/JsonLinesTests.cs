using System.Text;
using System.Text.RegularExpressions;
using Reasoning.Models;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Tests.Runs;

public sealed class JsonLinesTests
{
    [Fact]
    public void Lines_after_a_step_and_a_torn_last_line_are_removed()
    {
        using var folder = new TempFolder();
        string file = folder.Write("a.jsonl", "{\"step\":1,\"x\":\"ä\"}\n{\"step\":2}\n{\"step\":2}\n{\"step\":3}\n{\"step\":10,\"to");

        JsonLines.CutAfter(file, 2);
        Assert.Equal("{\"step\":1,\"x\":\"ä\"}\n{\"step\":2}\n{\"step\":2}\n", File.ReadAllText(file));
        JsonLines.CutAfter(file, 0);
        Assert.Equal("", File.ReadAllText(file));
    }

    [Fact]
    public void Every_cut_of_a_file_is_resumed_as_its_simple_meaning_says()
    {
        using var folder = new TempFolder(inMemory: true);
        byte[] whole =
        [
            .. "{\"step\":1,\"x\":\"ä\"}\n\n{\"step\":2}\nforeign\n{\"step\":2,"u8, 0xff, 0xfe, .. "\"}\n{\"step\":99999999999}\n{\"step\":-1}\n{\"step\":1x\n"u8,
            .. "{\"step\":3,\"long\":\"0123456789012345678901234567890123456789\"}\n{\"step\":\n4}\n{\"step\":10,\"to\":1}\n"u8,
        ];
        foreach (int block in (int[])[1, 2, 7, 24, 1 << 20])
        {
            for (int length = 0; length <= whole.Length; length++)
            {
                foreach (int step in (int[])[0, 2, 3, 10])
                {
                    string file = folder.File("a.jsonl");
                    File.WriteAllBytes(file, whole[..length]);
                    (int end, int last) = Simple(whole.AsSpan(0, length), step);

                    Assert.Equal(last, JsonLines.CutAfter(file, step, block));
                    Assert.Equal(whole[..end], File.ReadAllBytes(file));
                }
            }
        }

        static (int End, int Last) Simple(ReadOnlySpan<byte> bytes, int step)
        {
            (int, int) found = (0, 0);
            int start = 0;
            for (int at = 0; at < bytes.Length; at++)
            {
                if (bytes[at] != (byte)'\n') continue;
                Match match = Regex.Match(Encoding.Latin1.GetString(bytes[start..at]), "^\\{\"step\":([0-9]{1,9})[,}]");
                if (match.Success && int.Parse(match.Groups[1].Value) is var value && value > 0 && value <= step) found = (at + 1, value);
                start = at + 1;
            }

            return found;
        }
    }

    [Fact]
    public void A_log_that_is_no_regular_file_is_refused()
    {
        using var folder = new TempFolder();
        string link = folder.File("a.jsonl");
        File.CreateSymbolicLink(link, "/dev/zero");
        Assert.Contains("a pipe or device", Assert.Throws<UserErrorException>(() => JsonLines.CutAfter(link, 1)).Message);
        Assert.Contains("a pipe or device", Assert.Throws<UserErrorException>(() => JsonLines.Count(link)).Message);
    }

    /// <summary>The file had 1.15 GB; this one 3 GB, a line of 1 GB and one without an end among it.</summary>
    [SlowFact]
    public void A_log_of_gigabytes_is_resumed_in_the_memory_of_a_block()
    {
        using var folder = new TempFolder();
        string file = folder.Write("a.jsonl", "{\"step\":1}\n{\"step\":2}\n");
        long good = new FileInfo(file).Length;
        using (FileStream stream = new(file, FileMode.Open))
        {
            stream.Position = good + (1L << 30); // zeros without a line break: nothing of it is on the disk
            stream.Write("\n{\"step\":3}\n"u8);
            stream.SetLength(3L << 30);
        }

        long before = GC.GetTotalAllocatedBytes();
        Assert.Equal(2, JsonLines.CutAfter(file, 2));
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 4 << 20);
        Assert.Equal(good, new FileInfo(file).Length);
    }

    [Fact]
    public void A_metric_that_is_not_registered_cannot_be_logged() =>
        Assert.Throws<ArgumentException>(() => new Meter().Set(new Metric("made_up", "", "none", ""), 1));

    [Fact]
    public void Every_metric_has_a_unit_a_meaning_and_a_direction()
    {
        Assert.All(Catalogue.Current.Metrics, metric =>
        {
            Assert.NotEmpty(metric.Unit);
            Assert.EndsWith(".", metric.Meaning);
            Assert.Contains(metric.Better, (string[])["up", "down", "none"]);
        });
    }
}
