using System.Runtime.CompilerServices;

namespace Reasoning.Tests;

/// <summary>Compares text with the file of that name in the folder Snapshots beside the tests.</summary>
internal static class Snapshot
{
    /// <summary>Where they differ, the text is left beside the stored one as NAME.received.</summary>
    internal static void Match(string name, string text, [CallerFilePath] string caller = "")
    {
        string stored = Path.Combine(Path.GetDirectoryName(caller)!, "Snapshots", name), received = stored + ".received";
        Directory.CreateDirectory(Path.GetDirectoryName(stored)!);
        File.Delete(received);
        if (File.Exists(stored) && File.ReadAllText(stored).ReplaceLineEndings("\n") == text) return;
        File.WriteAllText(Environment.GetEnvironmentVariable("REASONING_ACCEPT_SNAPSHOTS") == "1" ? stored : received, text);
        Assert.False(
            File.Exists(received),
            $"{stored} is not what is stored there: compare it with {received}. To accept it, run the test with REASONING_ACCEPT_SNAPSHOTS=1 "
            + "and commit the file.");
    }
}
