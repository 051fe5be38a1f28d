using System.Text.Json;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Training;

namespace Reasoning.Trainer.Commands;

/// <summary>What a dry run found, for people and for programs.</summary>
internal static class ForecastText
{
    private const int LabelWidth = 14;
    private const int MostNames = 10;

    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static void Json(TextWriter writer, Forecast forecast) => writer.WriteLine(JsonSerializer.Serialize(forecast, s_json));

    public static void Write(TextWriter writer, Forecast forecast)
    {
        (PromptForecast prompts, AnswerForecast answers) = (forecast.Prompts, forecast.Answers);
        (MemoryForecast memory, DiskForecast disk, TimeForecast time) = (forecast.Memory, forecast.Disk, forecast.Time);
        Line("dry run", $"{forecast.Recipe}, {forecast.Steps} steps; nothing of the probe stays");
        Line("prompts", $"{Show.Whole(prompts.Fit)} fit, {prompts.Refused.Count} refused{(prompts.Refused.Count > 0 ? $": {Show.Names(prompts.Refused, MostNames)}" : "")}");
        Line("", $"tokens {Tokens(prompts.Tokens)}");
        Line("answers", $"tokens {Tokens(answers.Tokens)}, of {Show.Whole(answers.Sampled)} answers");
        Line("", $"truncated {Show.Percent(answers.TruncatedShare)}, about {Show.Whole(answers.TruncatedInRun)} in the whole run");
        Line("memory", $"peak {Bytes(memory.Peak)}");
        foreach ((string name, long bytes) in ((string, long)[])
        [
            ("program", memory.Program), ("weights", memory.Weights), ("gradients", memory.Gradients), ("optimizer", memory.Optimizer),
            ("copies", memory.Copies), ("activations", memory.Activations), ("logits", memory.Logits), ("packed", memory.Packed),
            ("cache", memory.Cache), ("samples", memory.Samples),
        ])
        {
            if (bytes > 0) Line($"  {name}", Bytes(bytes));
        }

        Line("disk", $"{Bytes(disk.Total)} in the end, at most {Bytes(disk.Peak)}");
        Line("  checkpoints", $"{disk.Checkpoints} × {Bytes(disk.Checkpoint)}, {disk.WhileWriting} while one is written");
        Line("  model", Bytes(disk.Model));
        Line("  logs", Bytes(disk.Logs));
        Line("  evaluations", Bytes(disk.Evaluations));
        Line("time", $"{Show.Time(time.Total)}, checkpoints not counted");
        Line("  start", Show.Time(time.Start));
        Line("  sampling", Show.Time(time.Sampling));
        Line("  update", Show.Time(time.Update));
        if (time.Probe > 0) Line("  probe", Show.Time(time.Probe));
        Line("  logs", Show.Time(time.Writing));
        Line("  evaluation", Show.Time(time.Evaluation));
        foreach (string note in forecast.Notes) Line("note", note);

        void Line(string label, string text) => writer.WriteLine(label.PadRight(LabelWidth) + text);
    }

    private static string Tokens(Quantiles tokens) => $"5 % {tokens.P5}, half {tokens.P50}, 95 % {tokens.P95}, longest {tokens.Max}";

    private static string Bytes(long bytes) => bytes switch
    {
        >= 1 << 30 => $"{Show.Fixed(bytes / (double)(1 << 30), 2)} GiB",
        >= 1 << 20 => $"{Show.Fixed(bytes / (double)(1 << 20), 1)} MiB",
        _ => $"{Show.Fixed(bytes / 1024.0, 1)} KiB",
    };
}
