using System.Text.Json;
using Reasoning.Models.Config;

namespace Reasoning.Trainer.Starter.Training;

/// <summary>The file in the checkpoint that says how it was made.</summary>
internal static class PretrainRecord
{
    internal const string FileName = "pretrain.json";

    private static readonly JsonWriterOptions s_options = new() { Indented = true, NewLine = "\n" };

    internal static void Write(string file, PretrainOptions options, PretrainResult result)
    {
        using FileStream stream = File.Create(file);
        using (var writer = new Utf8JsonWriter(stream, s_options))
        {
            writer.WriteStartObject();
            WriteOptions(writer, options);
            WriteResult(writer, result);
            writer.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    private static void WriteOptions(Utf8JsonWriter writer, PretrainOptions options)
    {
        ModelConfig model = options.Model;
        writer.WriteNumber("seed", options.Seed);
        writer.WriteNumber("steps", options.Steps);
        writer.WriteNumber("problems_per_step", options.ProblemsPerStep);
        writer.WriteString("mix", options.Mix.Name);
        writer.WriteNumber("learning_rate", options.LearningRate);
        writer.WriteNumber("warmup_steps", options.WarmupSteps);
        writer.WriteNumber("weight_decay", options.WeightDecay);
        writer.WriteNumber("clip_norm", options.ClipNorm);
        writer.WriteString("compute", options.Bfloat16 ? "bfloat16" : "float32");
        writer.WriteNumber("tokenizer_problems", options.TokenizerProblems);
        writer.WriteNumber("hidden_size", model.HiddenSize);
        writer.WriteNumber("intermediate_size", model.IntermediateSize);
        writer.WriteNumber("layers", model.Layers);
        writer.WriteNumber("heads", model.Heads);
        writer.WriteNumber("key_value_heads", model.KeyValueHeads);
        writer.WriteNumber("head_dim", model.HeadDim);
        writer.WriteNumber("max_vocabulary", model.VocabSize);
    }

    private static void WriteResult(Utf8JsonWriter writer, PretrainResult result)
    {
        writer.WriteNumber("steps_made", result.Steps);
        writer.WriteNumber("problems_read", result.Problems);
        writer.WriteNumber("tokens_read", result.Tokens);
        writer.WriteNumber("parameters", result.Parameters);
        if (result.Steps > 0)
        {
            writer.WriteNumber("first_loss", Math.Round(result.FirstLoss, 4));
            writer.WriteNumber("final_loss", Math.Round(result.Loss, 4));
        }

        writer.WriteNumber("minutes", Math.Round(result.Elapsed.TotalMinutes, 1));
    }
}
