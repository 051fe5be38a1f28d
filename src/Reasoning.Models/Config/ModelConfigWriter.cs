using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reasoning.Models;

/// <summary>
/// From <see cref="ModelConfig"/> to config.json. A config that was read from a file keeps that file's other fields and its spelling
/// of the rotary settings and of the weight type.
/// </summary>
internal static class ModelConfigWriter
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(ModelConfig config)
    {
        JsonObject json = config.OriginalJson is { } original ? JsonNode.Parse(original)!.AsObject() : [];
        ModelConfig? before = config.OriginalJson is { } text ? ModelConfig.Parse(text) : null;
        if (before?.ModelType != config.ModelType || !json.ContainsKey("architectures"))
            json["architectures"] = new JsonArray(Architecture(config.ModelType));
        json["model_type"] = config.ModelType;
        json["hidden_size"] = config.HiddenSize;
        json["intermediate_size"] = config.IntermediateSize;
        json["num_hidden_layers"] = config.Layers;
        json["num_attention_heads"] = config.Heads;
        json["num_key_value_heads"] = config.KeyValueHeads;
        json["head_dim"] = config.HeadDim;
        json["vocab_size"] = config.VocabSize;
        json["max_position_embeddings"] = config.MaxPositions;
        json["rms_norm_eps"] = Real(config.RmsNormEps);
        json["hidden_act"] = "silu";
        json["tie_word_embeddings"] = config.TieWordEmbeddings;
        if (config.ModelType != "qwen2") json["attention_bias"] = false;
        if (config.ModelType == "llama") json["mlp_bias"] = false;
        WriteRope(config, before, json);
        json["bos_token_id"] = config.BosId;
        json["eos_token_id"] = config.EosIds.Length switch
        {
            0 => null,
            1 => config.EosIds[0],
            _ => new JsonArray([.. config.EosIds.Select(id => (JsonNode)id)]),
        };
        json[json.ContainsKey("dtype") ? "dtype" : "torch_dtype"] = config.Dtype;
        return json.ToJsonString(s_options) + "\n";
    }

    private static string Architecture(string family) => family switch
    {
        "qwen2" => "Qwen2ForCausalLM",
        "qwen3" => "Qwen3ForCausalLM",
        _ => "LlamaForCausalLM",
    };

    private static void WriteRope(ModelConfig config, ModelConfig? before, JsonObject json)
    {
        bool scalingChanged = before is null || before.Scaling != config.Scaling;
        if (json["rope_parameters"] is JsonObject parameters)
        {
            if (scalingChanged)
                json["rope_parameters"] = parameters = ScalingNode(config.Scaling) ?? new JsonObject { ["rope_type"] = "default" };
            parameters["rope_theta"] = Real(config.RopeTheta);
            if (json.ContainsKey("rope_theta")) json["rope_theta"] = Real(config.RopeTheta);
            if (scalingChanged) json.Remove("rope_scaling");
            return;
        }
        json["rope_theta"] = Real(config.RopeTheta);
        if (scalingChanged) json["rope_scaling"] = ScalingNode(config.Scaling);
    }

    private static JsonObject? ScalingNode(RopeScaling? scaling)
    {
        if (scaling is null) return null;
        var json = new JsonObject { ["rope_type"] = KindName(scaling.Kind), ["factor"] = Real(scaling.Factor) };
        if (scaling.Kind != RopeScalingKind.Linear) json["original_max_position_embeddings"] = scaling.OriginalMaxPositions;
        if (scaling.Kind == RopeScalingKind.Llama3)
        {
            json["low_freq_factor"] = Real(scaling.LowFreqFactor);
            json["high_freq_factor"] = Real(scaling.HighFreqFactor);
        }
        if (scaling.Kind == RopeScalingKind.Yarn)
        {
            json["beta_fast"] = Real(scaling.BetaFast);
            json["beta_slow"] = Real(scaling.BetaSlow);
            if (scaling.AttentionFactor is { } attention) json["attention_factor"] = Real(attention);
            if (scaling.MScale is { } mscale) json["mscale"] = Real(mscale);
            if (scaling.MScaleAllDim is { } allDim) json["mscale_all_dim"] = Real(allDim);
            json["truncate"] = scaling.Truncate;
        }
        return json;
    }

    // Always with a decimal point: some readers insist on a float where the value is whole.
    private static JsonNode Real(double value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        return JsonNode.Parse(text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0")!;
    }

    private static string KindName(RopeScalingKind kind) => kind switch
    {
        RopeScalingKind.Linear => "linear",
        RopeScalingKind.Dynamic => "dynamic",
        RopeScalingKind.Llama3 => "llama3",
        _ => "yarn",
    };
}
