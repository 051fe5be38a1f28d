using System.Text.Json;
using Reasoning.Eval.Results;
using Reasoning.Eval.Statistics;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Loop;

namespace Reasoning.Trainer.Commands;

/// <summary>A comparison as JSON: every number with its interval, and the settings it depends on.</summary>
internal static class ComparisonJson
{
    public static void Write(Utf8JsonWriter json, EvalComparison comparison)
    {
        json.WriteStartObject(comparison.Name);
        json.WriteNumber("problems", comparison.Before.Problems);
        json.WriteNumber("with_gold", comparison.Before.WithGold);
        json.WriteString("settings", comparison.Before.Settings.Describe());
        json.WriteString("prompts_hash", comparison.Before.Settings.PromptsHash);
        Write(json, "base_model", comparison.Before.Model);
        Write(json, "adapted_model", comparison.After.Model);
        json.WriteNumber("truncated_base", comparison.Before.TruncationRate);
        json.WriteNumber("truncated_adapted", comparison.After.TruncationRate);
        Verdict verdict = Verdict.Of(comparison);
        json.WriteString("verdict", verdict.Kind.ToString());
        json.WriteString("verdict_text", verdict.Text);
        Write(json, "metrics", comparison.Changes.Append(comparison.VoteShare));
        json.WriteStartObject("measures");
        foreach ((Measure one, Measure two) in comparison.Before.Measures.Zip(comparison.After.Measures))
            JsonOutput.Array(json, one.Name, (double[])[one.Value, two.Value]);
        json.WriteEndObject();
        if (comparison.After.Overlap is { } overlap)
        {
            json.WriteNumber("target_prompts", overlap.Equal);
            json.WriteNumber("share_13_words", overlap.Shared);
        }

        if (comparison.Matched is { } matched)
        {
            json.WriteStartObject("temperature_matched");
            json.WriteNumber("temperature", matched.Settings.Temperature);
            if (matched.TokenEntropy is { } entropy) json.WriteNumber("token_entropy", entropy);
            Write(json, "metrics", comparison.OverMatched);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, IEnumerable<MetricChange> changes)
    {
        json.WriteStartObject(name);
        foreach (MetricChange change in changes)
        {
            json.WriteStartObject(change.Name);
            Write(json, "base", change.Before.Estimate);
            Write(json, "adapted", change.After.Estimate);
            JsonOutput.Array(json, "difference", (double[])[change.Difference.Mean, change.Difference.Low, change.Difference.High]);
            json.WriteNumber("p", change.Difference.PValue);
            json.WriteNumber("p_corrected", change.CorrectedP);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>A model and, as NAME_hash, the hash of its content; nulls where it is not known.</summary>
    public static void Write(Utf8JsonWriter json, string name, EvaluatedModel? model)
    {
        json.WriteString(name, model?.Path);
        json.WriteString($"{name}_hash", model is { IsKnown: true } ? model.Hash : null);
    }

    /// <summary>The steps at which a run collapsed; null where it did not.</summary>
    public static void Write(Utf8JsonWriter json, CollapseSteps collapse)
    {
        json.WriteStartObject("model_collapse_step");
        foreach ((string name, int? step) in ((string, int?)[])
            [("reward_accuracy", collapse.Accuracy), ("turn", collapse.Turn), ("alarm", collapse.Alarm)])
        {
            if (step is { } at) json.WriteNumber(name, at);
            else json.WriteNull(name);
        }

        json.WriteEndObject();
    }

    /// <summary>An estimate as [value, low, high].</summary>
    public static void Write(Utf8JsonWriter json, string name, Estimate estimate) =>
        JsonOutput.Array(json, name, (double[])[estimate.Value, estimate.Low, estimate.High]);
}
