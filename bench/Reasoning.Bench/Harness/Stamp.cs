using System.Globalization;
using Reasoning.Trainer.Runs;

namespace Reasoning.Bench.Harness;

/// <summary>When, on what and of which commit something was measured, in one line.</summary>
internal static class Stamp
{
    public static string Of(int threads)
    {
        var machine = new Machine { Threads = threads };
        string date = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        string commit = machine.Commit is { } hash ? hash[..Math.Min(10, hash.Length)] : "no commit";
        return $"{date} · {Processor()}, {threads} threads, {machine.VectorUnits} · {machine.Runtime}, {machine.Engine} · {commit}";
    }

    private static string Processor()
    {
        const string File = "/proc/cpuinfo";
        string? line = System.IO.File.Exists(File)
            ? System.IO.File.ReadLines(File).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line is null ? "unknown processor" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
