using System.Text;
using LLama.Native;

namespace Reasoning.Llama;

/// <summary>What llama.cpp and its loader say: kept for error messages instead of printed, for results go to the console.</summary>
internal static class NativeLog
{
    private const int Kept = 3;

    private static readonly Lock s_lock = new();
    private static readonly Queue<string> s_lines = new();
    private static readonly StringBuilder s_unfinished = new();

    /// <summary>Takes a piece of the log; a line may come in several.</summary>
    public static void Keep(LLamaLogLevel level, string message)
    {
        lock (s_lock)
        {
            bool goesOn = level == LLamaLogLevel.Continue && s_unfinished.Length > 0;
            if (!goesOn && level is not (LLamaLogLevel.Error or LLamaLogLevel.Warning) && !message.StartsWith("Failed", StringComparison.Ordinal))
                return;
            s_unfinished.Append(message);
            if (!message.EndsWith('\n')) return;
            s_lines.Enqueue(s_unfinished.ToString().Trim().ReplaceLineEndings(" "));
            s_unfinished.Clear();
            if (s_lines.Count > Kept) s_lines.Dequeue();
        }
    }

    /// <summary>The last complaints, to be put behind a message; empty if there are none.</summary>
    public static string Tail()
    {
        lock (s_lock) return s_lines.Count == 0 ? "" : $" ({string.Join("; ", s_lines)})";
    }
}
