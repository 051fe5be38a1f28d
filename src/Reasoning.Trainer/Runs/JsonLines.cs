using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Reasoning.Models;
using Reasoning.Models.Files;

namespace Reasoning.Trainer.Runs;

/// <summary>A file with one JSON object per line, each of which begins with the step it belongs to.</summary>
internal static class JsonLines
{
    private const int HeadBytes = 24; // enough for the step

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static ReadOnlySpan<byte> Start => "{\"step\":"u8;

    /// <summary>Appends the lines of a step and hands them to the system; a checkpoint waits until they are on the disk.</summary>
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
    /// Removes what was written after the last line of a step up to <paramref name="step"/>: a resumed run writes it again. The file is
    /// looked through from its end in blocks, so memory stays the same whatever the file holds.
    /// </summary>
    /// <param name="file">Need not exist.</param>
    /// <param name="step">The last step that stays.</param>
    /// <param name="block">Bytes that are read at once.</param>
    /// <returns>The step of the last line that is left; 0 for none.</returns>
    /// <exception cref="UserErrorException">It is not a regular file, or cannot be read or written.</exception>
    public static int CutAfter(string file, int step, int block = 1 << 20)
    {
        if (!File.Exists(file)) return 0;
        (long end, int last) = Find(file, step, block);
        if (end < new FileInfo(file).Length)
        {
            using FileStream stream = RegularFile.Open(file, FileMode.Open, FileAccess.Write);
            stream.SetLength(end);
        }

        return last;
    }

    /// <summary>Number of lines; 0 where there is no file.</summary>
    /// <exception cref="UserErrorException">It is not a regular file, cannot be read, or has a line without end.</exception>
    public static long Count(string file) => Path.Exists(file) ? RegularFile.ReadLines(file).LongCount() : 0;

    /// <summary>
    /// The lines, one after the other. The last line of a run that is still going may not be complete; it is left out.
    /// </summary>
    /// <exception cref="UserErrorException">The file cannot be read, or another line is not an object.</exception>
    public static IEnumerable<JsonElement> Objects(string file)
    {
        UserErrorException? failure = null;
        int number = 0;
        foreach (string line in RegularFile.ReadLines(file))
        {
            if (failure is not null) throw failure;
            number++;
            JsonElement row;
            try
            {
                using JsonDocument document = JsonDocument.Parse(line);
                row = document.RootElement.Clone();
                if (row.ValueKind != JsonValueKind.Object) throw new UserErrorException($"{file}:{number}: expected a JSON object");
            }
            catch (JsonException e)
            {
                failure = new UserErrorException($"{file}:{number}: malformed JSON", e);
                continue;
            }

            yield return row;
        }
    }

    /// <summary>The numbers of each line, by name; no lines where there is no file.</summary>
    /// <inheritdoc cref="Objects" path="/exception"/>
    public static IEnumerable<IReadOnlyDictionary<string, double>> Numbers(string file) => !Path.Exists(file) ? [] : Objects(file).Select(line =>
        line.EnumerateObject().Where(field => field.Value.ValueKind == JsonValueKind.Number).DistinctBy(field => field.Name)
            .ToDictionary(field => field.Name, field => field.Value.GetDouble()));

    /// <summary>Writes a number, or null where JSON has none.</summary>
    public static void Number(Utf8JsonWriter writer, string name, double value)
    {
        if (double.IsFinite(value)) writer.WriteNumber(name, value);
        else writer.WriteNull(name);
    }

    /// <summary>The end of the last complete line of a step up to <paramref name="step"/>, and its step; zeros for none.</summary>
    private static (long End, int Step) Find(string file, int step, int block)
    {
        using SafeFileHandle handle = RegularFile.OpenHandle(file);
        byte[] buffer = new byte[block], head = new byte[HeadBytes];
        long end = -1; // behind the line break that ends the line whose beginning is looked for; -1 before the last one is found
        for (long start = RandomAccess.GetLength(handle); start > 0;)
        {
            int count = (int)Math.Min(block, start);
            start -= count;
            count = RandomAccess.Read(handle, buffer.AsSpan(0, count), start);
            for (int at = count; (at = buffer.AsSpan(0, at).LastIndexOf((byte)'\n')) >= 0;)
            {
                if (end >= 0 && StepOf(buffer.AsSpan(at + 1, count - at - 1), start + at + 1) is var found && found <= step) return (end, found);
                end = start + at + 1;
            }
        }

        return end >= 0 && StepOf([], 0) is var first && first <= step ? (end, first) : (0, 0);

        // The step of a line from its first bytes, those of the block or, where its end cuts them off, those of the file.
        int StepOf(ReadOnlySpan<byte> line, long place)
        {
            if (line.Length < HeadBytes && place + line.Length < end)
                line = head.AsSpan(0, RandomAccess.Read(handle, head, place));
            if (!line.StartsWith(Start)) return int.MaxValue;
            bool isNumber = Utf8Parser.TryParse(line[Start.Length..Math.Min(line.Length, HeadBytes)], out int value, out int digits);
            return isNumber && value > 0 && line.Length > Start.Length + digits && line[Start.Length + digits] is (byte)',' or (byte)'}'
                ? value : int.MaxValue;
        }
    }
}
