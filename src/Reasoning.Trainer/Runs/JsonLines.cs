using System.Text.Encodings.Web;
using System.Text.Json;
using Reasoning.Models.Files;

namespace Reasoning.Trainer.Runs;

/// <summary>A file with one JSON object per line, each of which begins with the step it belongs to.</summary>
internal static class JsonLines
{
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Appends the lines of a step and flushes them to the disk.</summary>
    public static void Append<T>(string file, int step, IEnumerable<T> items, Action<Utf8JsonWriter, T> fields)
    {
        using FileStream stream = RegularFile.Open(file, FileMode.Append, FileAccess.Write);
        foreach (T item in items)
        {
            using (var writer = new Utf8JsonWriter(stream, s_options))
            {
                writer.WriteStartObject();
                writer.WriteNumber("step", step);
                fields(writer, item);
                writer.WriteEndObject();
            }

            stream.WriteByte((byte)'\n');
        }
    }

    /// <summary>
    /// Removes what steps after <paramref name="step"/> wrote, and a last line that was cut off: a resumed run writes them again.
    /// </summary>
    public static void CutAfter(string file, int step)
    {
        if (!File.Exists(file)) return;
        string text = RegularFile.ReadAllText(file, FileLimits.Document);
        int end = 0;
        for (int start = 0; start < text.Length;)
        {
            int next = text.IndexOf('\n', start) + 1;
            if (next == 0 || StepOf(text.AsSpan(start, next - start)) > step) break;
            start = end = next;
        }

        if (end == text.Length) return;
        using FileStream stream = RegularFile.Open(file, FileMode.Open, FileAccess.Write);
        stream.SetLength(System.Text.Encoding.UTF8.GetByteCount(text.AsSpan(0, end)));
    }

    /// <summary>Writes a number, or null where JSON has none.</summary>
    public static void Number(Utf8JsonWriter writer, string name, double value)
    {
        if (double.IsFinite(value)) writer.WriteNumber(name, value);
        else writer.WriteNull(name);
    }

    private static int StepOf(ReadOnlySpan<char> line)
    {
        const string Start = "{\"step\":";
        if (!line.StartsWith(Start)) return int.MaxValue;
        ReadOnlySpan<char> rest = line[Start.Length..];
        int digits = rest.IndexOfAnyExceptInRange('0', '9');
        return digits > 0 && int.TryParse(rest[..digits], out int step) ? step : int.MaxValue;
    }
}
