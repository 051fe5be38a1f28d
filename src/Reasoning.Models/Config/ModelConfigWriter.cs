using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reasoning.Models.Config;

/// <summary>
/// From <see cref="ModelConfig"/> to config.json. A config that was read from a file keeps that file: its order, its other fields, its
/// spelling; only what differs from it is written anew.
/// </summary>
internal static class ModelConfigWriter
{
    private static readonly string[] s_ropeFields =
        ["rope_theta", "rope_local_base_freq", "rope_scaling", "rope_parameters", "original_max_position_embeddings"];

    private static readonly JsonSerializerOptions s_options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(ModelConfig config)
    {
        ModelConfig? before = config.OriginalJson is { } original ? ModelConfig.Parse(original) : null;
        if (before?.ModelType != config.ModelType) before = null;
        JsonObject json = before is null ? [] : JsonNode.Parse(config.OriginalJson!)!.AsObject();
        ModelFamily family = ModelFamily.Find(config.ModelType)!;
        if (!json.ContainsKey("architectures")) json["architectures"] = new JsonArray(family.Architecture);
        if (!json.ContainsKey("model_type")) json["model_type"] = config.ModelType;
        Set("hidden_size", c => c.HiddenSize);
        Set("intermediate_size", c => c.IntermediateSize);
        Set("num_hidden_layers", c => c.Layers);
        Set("num_attention_heads", c => c.Heads);
        Set("num_key_value_heads", c => c.KeyValueHeads);
        Set("head_dim", c => c.HeadDim);
        Set("vocab_size", c => c.VocabSize);
        Set("max_position_embeddings", c => c.MaxPositions);
        if (before?.RmsNormEps != config.RmsNormEps) json["rms_norm_eps"] = Real(config.RmsNormEps);
        if (before is null) json[family.ActivationField] = family.Activations[0];
        if (before?.TieWordEmbeddings != config.TieWordEmbeddings) json["tie_word_embeddings"] = config.TieWordEmbeddings;
        foreach (string field in before is null ? family.WrittenFalse : []) json[field] = false;
        bool slidesAlike = before is not null && before.SlidingWindow == config.SlidingWindow && before.Layers == config.Layers
            && before.SlidingLayers.SequenceEqual(config.SlidingLayers);
        if (!slidesAlike) family.WriteSliding(config, json);
        WriteRope(config, before, json);
        if (before is null || before.BosId != config.BosId) json["bos_token_id"] = config.BosId;
        if (before?.EosIds.SequenceEqual(config.EosIds) != true)
        {
            json["eos_token_id"] = config.EosIds.Length switch
            {
                0 => null,
                1 => config.EosIds[0],
                _ => new JsonArray([.. config.EosIds.Select(id => (JsonNode)id)]),
            };
        }

        string dtype = json.ContainsKey("dtype") ? "dtype" : "torch_dtype";
        if (before?.Dtype != config.Dtype || !json.ContainsKey(dtype)) json[dtype] = config.Dtype;
        return json.ToJsonString(s_options) + "\n";

        void Set(string field, Func<ModelConfig, int> value)
        {
            if (before is null || value(before) != value(config)) json[field] = value(config);
        }
    }

    private static void WriteRope(ModelConfig config, ModelConfig? before, JsonObject json)
    {
        if (before?.QueryScalar != config.QueryScalar && config.QueryScalar is { } scalar) json["query_pre_attn_scalar"] = Real(scalar);
        bool same = before is not null && before.Scaling == config.Scaling && before.RopeTheta == config.RopeTheta
            && before.LocalRopeTheta == config.LocalRopeTheta;
        if (same) return;
        bool isNewer = json["rope_parameters"] is JsonObject;
        foreach (string field in s_ropeFields) json.Remove(field);
        JsonObject? scaling = ScalingNode(config.Scaling);
        if (!isNewer)
        {
            json["rope_theta"] = Real(config.RopeTheta);
            if (config.LocalRopeTheta is { } theta) json["rope_local_base_freq"] = Real(theta);
            json["rope_scaling"] = scaling;
            return;
        }

        JsonObject full = scaling ?? new JsonObject { ["rope_type"] = "default" };
        full["rope_theta"] = Real(config.RopeTheta);
        json["rope_parameters"] = config.LocalRopeTheta is not { } local ? full : new JsonObject
        {
            ["full_attention"] = full,
            ["sliding_attention"] = new JsonObject { ["rope_type"] = "default", ["rope_theta"] = Real(local) },
        };
    }

    private static JsonObject? ScalingNode(RopeScaling? scaling)
    {
        if (scaling is null) return null;
        var json = new JsonObject { ["rope_type"] = KindName(scaling.Kind), ["factor"] = Real(scaling.Factor) };
        if (scaling.Kind is RopeScalingKind.Llama3 or RopeScalingKind.Yarn) json["original_max_position_embeddings"] = scaling.OriginalMaxPositions;
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
