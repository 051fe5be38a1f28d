using System.Text.Json;
using Reasoning.Models.Generation;
using Reasoning.Models.Prompts;
using Reasoning.Rewards.Vote;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Loop;

/// <summary>Writes what happened in a step: numbers to metrics.jsonl and for TensorBoard, every rollout of a logged step to samples.jsonl.</summary>
internal static class LogStep
{
    public static void To(RunFolder run, Recipe recipe, int step, IReadOnlyList<PromptGroup> groups, Meter meter)
    {
        JsonLines.Append(run.MetricsFile, step, [meter], (writer, values) => WriteMetrics(writer, groups, values));
        if (recipe.Tensorboard)
            EventFile.Append(run.EventsFile, step, TimeProvider.System.GetUtcNow(), meter.Values.Select(pair => (pair.Metric.Name, pair.Value)));
        if (recipe.LogSamplesEvery > 0 && step % recipe.LogSamplesEvery == 0)
        {
            IEnumerable<(PromptGroup, int)> samples = groups.SelectMany(group => group.Samples.Select((_, i) => (group, i)));
            JsonLines.Append(run.SamplesFile, step, samples, WriteSample);
        }
    }

    private static void WriteMetrics(Utf8JsonWriter writer, IReadOnlyList<PromptGroup> groups, Meter meter)
    {
        writer.WriteStartArray("prompts");
        foreach (PromptGroup group in groups) writer.WriteStringValue(group.Prompt.Id);
        writer.WriteEndArray();
        foreach ((Metric metric, double value) in meter.Values) JsonLines.Number(writer, metric.Name, value);
        PromptGroup[] skipped = [.. groups.Where(group => group.Skipped is not null)];
        if (skipped.Length == 0) return;
        writer.WriteStartObject("skipped");
        foreach (PromptGroup group in skipped) writer.WriteString(group.Prompt.Id, group.Skipped);
        writer.WriteEndObject();
    }

    private static void WriteSample(Utf8JsonWriter writer, (PromptGroup Group, int Index) item)
    {
        (PromptGroup group, int index) = item;
        (Prompt prompt, Sample sample, VoteResult vote) = (group.Prompt, group.Samples[index], group.Vote!);
        Rollout rollout = sample.Rollout;
        int own = vote.Class[index];
        writer.WriteString("prompt_id", rollout.PromptId);
        writer.WriteNumber("sample", rollout.Sample);
        writer.WriteString("prompt", prompt.Text);
        if (prompt.Answer is not null) writer.WriteString("gold", prompt.Answer);
        writer.WriteString("winner", vote.Winner);
        writer.WriteNumber("winner_votes", vote.WinnerVotes);
        writer.WriteString("finish", rollout.Finish == FinishReason.Stop ? "stop" : "length");
        writer.WriteString("answer", sample.Extraction.Answer);
        writer.WriteString("read", Words.Of(sample.Extraction.Source));
        writer.WriteNumber("class", own);
        writer.WriteNumber("class_votes", own < 0 ? 0 : vote.Votes[own]);
        JsonLines.Number(writer, "class_weight", own < 0 ? 0 : vote.Weights[own]);
        writer.WriteBoolean("agrees", sample.Agrees);
        if (prompt.Answer is not null) writer.WriteBoolean("correct", sample.IsCorrect(prompt));
        writer.WriteBoolean("learns", sample.Learns);
        if (sample.Novelty is { } novelty) JsonLines.Number(writer, "novelty", novelty);
        JsonLines.Number(writer, "reward", sample.Reward);
        JsonLines.Number(writer, "advantage", sample.Advantage);
        writer.WriteString("text", sample.Text);
        writer.WriteStartArray("ids");
        foreach (int id in rollout.Ids) writer.WriteNumberValue(id);
        writer.WriteEndArray();
        writer.WriteStartArray("logprobs");
        foreach (float logProb in rollout.LogProbs) writer.WriteNumberValue(logProb);
        writer.WriteEndArray();
        if (sample.Served is not { } served) return;
        writer.WriteString("served_weights", served.Hash);
        writer.WriteNumber("served_staleness", served.Staleness);
        writer.WriteStartArray("served_logprobs");
        foreach (float logProb in served.LogProbs) writer.WriteNumberValue(logProb);
        writer.WriteEndArray();
    }
}
