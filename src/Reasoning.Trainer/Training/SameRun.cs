using System.Security.Cryptography;
using System.Text.Json;
using Reasoning.Models.Files;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Training;

/// <summary>Compares what two runs left behind.</summary>
internal static class SameRun
{
    /// <summary>Times, and what depends on them or on memory.</summary>
    private static readonly HashSet<string> s_unrepeatable =
        [.. Metrics.Common.Where(metric => metric.Unit is "s" or "tokens/s" or "tensors" or "MiB").Select(metric => metric.Name)];

    /// <summary>
    /// Names of what differs: files of the checkpoint after a step, samples, and metrics but for those of time and memory.
    /// </summary>
    public static List<string> Differences(RunFolder a, RunFolder b, int step)
    {
        var different = new List<string>();
        string first = a.CheckpointFolder(step), second = b.CheckpointFolder(step);
        if (!Directory.Exists(first) || !Directory.Exists(second)) return ["no checkpoint after the last step"];
        foreach (string name in Names(first).Union(Names(second)).Order(StringComparer.Ordinal))
        {
            if (!SameBytes(Path.Combine(first, name), Path.Combine(second, name))) different.Add(
                Path.Combine("checkpoints", Path.GetFileName(first), name));
        }

        if (!SameBytes(a.SamplesFile, b.SamplesFile)) different.Add(Path.GetFileName(a.SamplesFile));
        if (!Repeatable(a.MetricsFile).SequenceEqual(Repeatable(b.MetricsFile))) different.Add(Path.GetFileName(a.MetricsFile));
        return different;
    }

    private static IEnumerable<string> Names(string folder) => Directory.EnumerateFiles(folder).Select(file => Path.GetFileName(file)!);

    private static bool SameBytes(string a, string b) => File.Exists(a) == File.Exists(b) && (!File.Exists(a) || Hash(a).SequenceEqual(Hash(b)));

    private static byte[] Hash(string file)
    {
        using FileStream stream = RegularFile.Open(file);
        return SHA256.HashData(stream);
    }

    private static IEnumerable<string> Repeatable(string file)
    {
        foreach (string line in RegularFile.ReadLines(file))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            yield return string.Join(
                ",", document.RootElement.EnumerateObject().Where(p => !s_unrepeatable.Contains(p.Name)).Select(
                    p => $"{p.Name}={p.Value.GetRawText()}"));
        }
    }
}
