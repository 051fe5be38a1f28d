using System.Globalization;
using System.Text.Json;
using Reasoning.Grading;
using Reasoning.Models;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Commands;

/// <summary>
/// <c>inspect RUN --prompt ID</c>: why each answer to a prompt got its reward, from what the run has logged of a step.
/// </summary>
internal static class InspectPrompt
{
    private const int LabelWidth = 11, MostClasses = 10;
    private const string None = "–";

    /// <summary>Prints it.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="run">The run.</param>
    /// <param name="prompt">Id of the prompt.</param>
    /// <param name="step">The step; null for the last that was logged of this prompt.</param>
    /// <exception cref="UserErrorException">Nothing was logged of this prompt, or not in this step; the message says what was.</exception>
    public static void Print(Terminal terminal, RunFolder run, string prompt, int? step)
    {
        RunRecord record = RunRecord.Read(run);
        JsonElement[] samples = Find(run, prompt, step, out int at);
        JsonElement first = samples[0];
        bool knowsVote = first.TryGetProperty("class", out _);

        Line(terminal, "prompt", $"{prompt}, step {at} of {run.Path}");
        Line(terminal, "problem", Text(first, "prompt") ?? "not logged by the version that wrote this run");
        if (Text(first, "gold") is { } gold) Line(terminal, "gold", $"{gold} (never trained on{(record.Settings.GetValueOrDefault("reward")?.Value == "gold" ? ", but by this recipe" : "")})");
        if (!knowsVote) Line(terminal, "vote", "not logged by the version that wrote this run");
        else PrintVote(terminal, samples);
        PrintReward(terminal, record);
        if (Skipped(run, prompt, at) is { } reason) Line(terminal, "skipped", $"this prompt did not train in this step: {reason}");

        bool hasNovelty = samples.Any(sample => sample.TryGetProperty("novelty", out _));
        TextTable.Write(
            terminal.Out, terminal.Width,
            [
                "sample", "answer", "read as", "votes", "agrees", .. first.TryGetProperty("correct", out _) ? ["correct"] : (string[])[],
                .. hasNovelty ? ["novelty"] : (string[])[], "reward", "advantage",
            ],
            samples.Select(sample => (string[])
            [
                Number(sample, "sample"), Text(sample, "answer") ?? None, ReadAs(sample), knowsVote ? Number(sample, "class_votes") : None, YesNo(sample, "agrees"),
                .. first.TryGetProperty("correct", out _) ? [YesNo(sample, "correct")] : (string[])[],
                .. hasNovelty ? [Number(sample, "novelty")] : (string[])[], Number(sample, "reward"),
                YesNo(sample, "learns") == "no" ? "not trained" : Number(sample, "advantage"),
            ]));
    }

    private static JsonElement[] Find(RunFolder run, string prompt, int? step, out int at)
    {
        if (!Path.Exists(run.SamplesFile))
            throw new UserErrorException($"{run.Path}: no rollouts were logged; the setting log-samples-every=1 logs those of every step");
        var samples = new List<JsonElement>();
        var steps = new List<int>(); // of this prompt, in the order of the log
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonElement sample in JsonLines.Objects(run.SamplesFile))
        {
            if (Text(sample, "prompt_id") is not { } id || !sample.TryGetProperty("step", out JsonElement number) || !number.TryGetInt32(out int own))
                throw new UserErrorException($"{run.SamplesFile}: not as a run writes it: a line without prompt_id and step");
            ids.Add(id);
            if (id != prompt) continue;
            if (steps.Count == 0 || steps[^1] != own)
            {
                steps.Add(own);
                if (step is null) samples.Clear(); // of the step before; only the last one is asked for
            }

            if (step is null || step == own) samples.Add(sample);
        }

        if (steps.Count == 0)
            throw new UserErrorException($"--prompt {prompt}: not among the prompts in {run.SamplesFile}{Nearest.Hint(prompt, ids)}; it has {Show.Names(ids, 5)}");
        at = step ?? steps[^1];
        return samples.Count > 0
            ? [.. samples]
            : throw new UserErrorException(
                $"--step {at}: no answer to {prompt} was logged in it, but in {Show.Names([.. steps.Select(one => one.ToString(CultureInfo.InvariantCulture))], 20)}");
    }

    private static void PrintVote(Terminal terminal, JsonElement[] samples)
    {
        string? winner = Text(samples[0], "winner");
        int abstained = samples.Count(sample => Number(sample, "class") == "-1");
        Line(terminal, "vote", winner is null
            ? $"no winner among {samples.Length} answers"
            : $"{winner}, with {Number(samples[0], "winner_votes")} of {samples.Length} votes");
        IGrouping<string, JsonElement>[] classes =
            [.. samples.Where(sample => Number(sample, "class") != "-1").GroupBy(sample => Number(sample, "class")).OrderByDescending(members => members.Count())];
        foreach (IGrouping<string, JsonElement> members in classes.Take(MostClasses))
        {
            string[] spellings = [.. members.Select(sample => Text(sample, "answer") ?? "").Distinct()];
            string weight = Number(members.First(), "class_weight");
            string weighed = weight == Number(members.First(), "class_votes") ? "" : $", which weigh {weight}";
            Line(terminal, "", $"{members.Count()} × {string.Join(" = ", spellings)}{weighed}{(spellings.Contains(winner) ? " (winner)" : "")}");
        }

        if (classes.Length > MostClasses)
            Line(terminal, "", $"{classes.Skip(MostClasses).Sum(members => members.Count())} votes for {classes.Length - MostClasses} other answers");
        if (abstained > 0) Line(terminal, "", $"{abstained} × no vote: truncated, without an answer, or not understood");
    }

    private static void PrintReward(Terminal terminal, RunRecord record)
    {
        string name = record.Settings.GetValueOrDefault("reward")?.Value ?? Reward.None.Name;
        if (name == Reward.None.Name)
        {
            Line(terminal, "reward", "none: the objective of this run does not use rewards; the vote is only logged");
            return;
        }

        string summary = Catalogue.Current.Rewards.FirstOrDefault(reward => reward.Name == name)?.Summary ?? "";
        Line(terminal, "reward", $"{name}: {summary}");
        Line(terminal, "advantage", $"{record.Settings.GetValueOrDefault("advantage")?.Value}, from the rewards of the answers that train");
        if (record.Settings.GetValueOrDefault("control") is { Value: not "none" } control)
            Line(terminal, "CONTROL", $"{control.Value}: rewards do not follow from the answers");
    }

    private static string? Skipped(RunFolder run, string prompt, int step)
    {
        if (!Path.Exists(run.MetricsFile)) return null;
        foreach (JsonElement line in JsonLines.Objects(run.MetricsFile))
        {
            if (Number(line, "step") != $"{step}") continue;
            return line.TryGetProperty("skipped", out JsonElement skipped) && skipped.ValueKind == JsonValueKind.Object ? Text(skipped, prompt) : null;
        }

        return null;
    }

    // Where the answer was found, and what the grader took it for.
    private static string ReadAs(JsonElement sample)
    {
        string where = Text(sample, "finish") == "length" ? "truncated" : Text(sample, "read") ?? "";
        if (Text(sample, "answer") is not { } answer) return where;
        var read = Answer.Parse(answer);
        return $"{Words.Of(read.Kind)} {(read.IsReadable && read.Canonical != answer ? read.Canonical : "")}".TrimEnd() + (where.Length > 0 ? $" ({where})" : "");
    }

    private static string? Text(JsonElement item, string name) =>
        item.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Number(JsonElement item, string name) =>
        !item.TryGetProperty(name, out JsonElement value) || value.ValueKind != JsonValueKind.Number ? None
        : value.TryGetInt64(out long whole) ? whole.ToString(CultureInfo.InvariantCulture)
        : Show.Number(value.GetDouble());

    private static string YesNo(JsonElement item, string name) =>
        item.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean() ? "yes" : "no" : None;

    private static void Line(Terminal terminal, string label, string text) => terminal.Out.WriteLine(Wrap.Labelled(label.PadRight(LabelWidth), text.ReplaceLineEndings(" "), terminal.Width));
}
