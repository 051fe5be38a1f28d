using System.Text;
using System.Text.Json;
using Reasoning.Models;
using Reasoning.Models.Files;

namespace Reasoning.Trainer.Reports;

/// <summary>A logged answer, as a page shows it.</summary>
internal sealed record LoggedSample
{
    public required string PromptId { get; init; }

    public int Sample { get; init; }

    /// <summary>Whether it ran into the token limit.</summary>
    public bool IsTruncated { get; init; }

    public string? Answer { get; init; }

    public bool Agrees { get; init; }

    /// <summary>Null without a gold answer.</summary>
    public bool? IsCorrect { get; init; }

    public double? Reward { get; init; }

    public double? Advantage { get; init; }

    public double? Novelty { get; init; }

    public string Text { get; init; } = "";

    public IReadOnlyList<int> Ids { get; init; } = [];

    /// <summary>About how many characters it takes on a page.</summary>
    public int Size => (int)Math.Min(int.MaxValue, 250L + Text.Length + Ids.Sum(id => id.ToString().Length + 1L));
}

/// <summary>The answers to one prompt in one step, counted.</summary>
internal sealed record LoggedGroup(int Step, string PromptId, long FirstLine)
{
    public int Answers { get; set; }

    public int Agreeing { get; set; }

    /// <summary>Null without a gold answer.</summary>
    public int? Correct { get; set; }

    public int Truncated { get; set; }

    public long LastLine => FirstLine + Answers - 1;

    public override string ToString() => FormattableString.Invariant(
        $"step {Step}: {Answers} answers, {Agreeing} agree{(Correct is { } correct ? $", {correct} right" : "")}{(Truncated > 0 ? $", {Truncated} truncated" : "")}; lines {FirstLine}–{LastLine}");
}

/// <summary>
/// The answers in samples.jsonl: those of the first, the middle and the last logged step in full, as many of each prompt as the page has room
/// for, the others counted by prompt and step. The file may be larger than memory: it is read once for the counts and once for the answers.
/// </summary>
internal sealed class SampleLog
{
    private readonly Dictionary<(int Step, string PromptId), LoggedGroup> _groups = [];

    /// <summary>Reads a log.</summary>
    /// <param name="file">Need not exist.</param>
    /// <param name="room">Characters that answers in full may take.</param>
    /// <exception cref="UserErrorException">A line is damaged.</exception>
    public SampleLog(string file, int room)
    {
        if (!Path.Exists(file)) return;
        long number = 0;
        foreach (string line in RegularFile.ReadLines(file)) Count(line, file, ++number);
        int[] steps = [.. _groups.Keys.Select(key => key.Step).Distinct().Order()];
        if (steps.Length == 0) return;
        FullSteps = [.. ((int[])[steps[0], steps[steps.Length / 2], steps[^1]]).Distinct()];
        foreach (int step in FullSteps) ReadFull(file, step, room / FullSteps.Count);
        IsWhole = FullSteps.All(step => Full(step).Count() == Groups.Where(group => group.Step == step).Sum(group => group.Answers));
    }

    /// <summary>The steps whose answers are there in full.</summary>
    public IReadOnlyList<int> FullSteps { get; } = [];

    /// <summary>Whether all answers of those steps had room.</summary>
    public bool IsWhole { get; } = true;

    /// <summary>Every prompt of every logged step, in the order of the file.</summary>
    public IEnumerable<LoggedGroup> Groups => _groups.Values;

    private Dictionary<int, List<LoggedSample>> Kept { get; } = [];

    /// <summary>The answers of a step that had room.</summary>
    public IEnumerable<LoggedSample> Full(int step) => Kept.GetValueOrDefault(step) ?? [];

    // A prompt's answers come in the order of their numbers: the first of each prompt have room before the second of any.
    private void ReadFull(string file, int step, int room)
    {
        LoggedGroup[] groups = [.. Groups.Where(group => group.Step == step)];
        (long first, long last) = (groups.Min(group => group.FirstLine), groups.Max(group => group.LastLine));
        var byPlace = new SortedDictionary<int, List<LoggedSample>>();
        var places = new Dictionary<string, int>();
        long size = 0;
        int limit = int.MaxValue;
        foreach (string line in RegularFile.ReadLines(file).Skip((int)first - 1).Take((int)(last - first + 1)))
        {
            if (Parse(line) is not { } sample) continue;
            int place = places[sample.PromptId] = places.GetValueOrDefault(sample.PromptId) + 1;
            if (place > limit) continue;
            if (!byPlace.TryGetValue(place, out List<LoggedSample>? same)) byPlace[place] = same = [];
            same.Add(sample);
            size += sample.Size;
            while (size > room && byPlace.Count > 1)
            {
                limit = byPlace.Count - 1;
                size -= byPlace[limit + 1].Sum(one => (long)one.Size);
                byPlace.Remove(limit + 1);
            }
        }

        // Where not even one answer of every prompt has room, there are those of the first so many prompts.
        long used = 0;
        Kept[step] = [.. byPlace.Values.SelectMany(same => same).TakeWhile(sample => (used += sample.Size) <= room)];
    }

    // What is before the text: that is most of a line and not needed here.
    private void Count(string line, string file, long number)
    {
        int step = 0;
        string? prompt = null;
        bool agrees = false, truncated = false;
        bool? correct = null;
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(line));
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName) continue;
                string name = reader.GetString()!;
                if (name == "text") break;
                reader.Read();
                if (name == "step" && reader.TokenType == JsonTokenType.Number) _ = reader.TryGetInt32(out step);
                else if (name == "prompt_id" && reader.TokenType == JsonTokenType.String) prompt = reader.GetString();
                else if (name == "finish" && reader.TokenType == JsonTokenType.String) truncated = reader.GetString() == "length";
                else if (name == "agrees") agrees = reader.TokenType == JsonTokenType.True;
                else if (name == "correct") correct = reader.TokenType == JsonTokenType.True;
                else if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject) reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            if (line.EndsWith('}')) throw new UserErrorException($"{file}:{number}: malformed JSON", e);
            return; // the last line of a run that goes on
        }

        if (prompt is null || step < 1) return;
        if (!_groups.TryGetValue((step, prompt), out LoggedGroup? group)) _groups[(step, prompt)] = group = new LoggedGroup(step, prompt, number);
        group.Answers++;
        if (agrees) group.Agreeing++;
        if (truncated) group.Truncated++;
        if (correct is { } right) group.Correct = (group.Correct ?? 0) + (right ? 1 : 0);
    }

    private static LoggedSample? Parse(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement row = document.RootElement;
            return Text("prompt_id") is not { } prompt ? null : new LoggedSample
            {
                PromptId = prompt,
                Sample = (int)(Number("sample") ?? 0),
                IsTruncated = Text("finish") == "length",
                Answer = Text("answer"),
                Agrees = Flag("agrees") ?? false,
                IsCorrect = Flag("correct"),
                Reward = Number("reward"),
                Advantage = Number("advantage"),
                Novelty = Number("novelty"),
                Text = Text("text") ?? "",
                Ids = row.TryGetProperty("ids", out JsonElement ids) && ids.ValueKind == JsonValueKind.Array ? [.. ids.EnumerateArray().Select(id => id.GetInt32())] : [],
            };

            JsonElement? Value(string name) => row.TryGetProperty(name, out JsonElement value) ? value : null;
            string? Text(string name) => Value(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;
            double? Number(string name) => Value(name) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : null;
            bool? Flag(string name) => Value(name) is { ValueKind: JsonValueKind.True or JsonValueKind.False } value ? value.GetBoolean() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null; // damaged behind what was counted
        }
    }
}
