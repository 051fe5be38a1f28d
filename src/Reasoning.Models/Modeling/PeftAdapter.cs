using System.Text.Json;
using Reasoning.Models.SafeTensors;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Modeling;

/// <summary>
/// Writes the low-rank adapters of a model as the folder that Hugging Face's PEFT loads onto the base model: adapter_config.json and
/// adapter_model.safetensors. Adapters that began as singular vectors become plain ones of twice the rank, what was learnt minus the start.
/// </summary>
public static class PeftAdapter
{
    private const string ConfigName = "adapter_config.json";
    private const string WeightsName = "adapter_model.safetensors";

    /// <summary>Writes the adapters in float32; the folder is complete or does not exist.</summary>
    /// <param name="model">Has adapters of one rank and scale.</param>
    /// <param name="folder">See <see cref="CheckpointFolder.Write"/>.</param>
    /// <param name="baseModel">Where the model without adapters is to be found, for the reader's information.</param>
    /// <exception cref="UserErrorException">The model has no adapters, or the place cannot be written.</exception>
    public static void Save(CausalLM model, string folder, string baseModel)
    {
        List<(string Name, Projection Projection)> adapted = [.. model.Projections().Where(p => p.Projection.LoraA is not null)];
        if (adapted.Count == 0)
            throw new UserErrorException($"{folder}: the model has no adapters to write there");
        CheckpointFolder.Write(folder, temporary =>
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable guard = no_grad();
            SafeTensorsWriter.Write(Path.Combine(temporary, WeightsName), adapted.SelectMany(p =>
            {
                (Tensor a, Tensor b) = p.Projection.PlainFactors();
                return (SafeTensorSource[])[Source($"{p.Name}.lora_A", a), Source($"{p.Name}.lora_B", b)];
            }));
            WriteConfig(Path.Combine(temporary, ConfigName), adapted, baseModel);
        });
    }

    private static SafeTensorSource Source(string name, Tensor values) => TensorFiles.Source($"base_model.model.{name}.weight", values);

    private static void WriteConfig(string file, List<(string Name, Projection Projection)> adapted, string baseModel)
    {
        long rank = adapted[0].Projection.PlainFactors().A.shape[0];
        using FileStream stream = File.Create(file);
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            writer.WriteStartObject();
            writer.WriteString("base_model_name_or_path", baseModel);
            writer.WriteString("bias", "none");
            writer.WriteBoolean("fan_in_fan_out", false);
            writer.WriteBoolean("inference_mode", true);
            writer.WriteBoolean("init_lora_weights", true);
            writer.WriteNumber("lora_alpha", adapted[0].Projection.LoraScale * rank);
            writer.WriteNumber("lora_dropout", 0.0);
            writer.WriteString("peft_type", "LORA");
            writer.WriteNumber("r", rank);
            writer.WriteStartArray("target_modules");
            foreach (string target in adapted.Select(p => p.Name[(p.Name.LastIndexOf('.') + 1)..]).Distinct().Order(StringComparer.Ordinal))
                writer.WriteStringValue(target);
            writer.WriteEndArray();
            writer.WriteString("task_type", "CAUSAL_LM");
            writer.WriteBoolean("use_dora", false);
            writer.WriteBoolean("use_rslora", false);
            writer.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }
}
