using System.Text;
using System.Text.Json;

namespace Reasoning.Models;

/// <summary>
/// From config.json to <see cref="ModelConfig"/>; defaults are those of each family's configuration class in transformers.
/// </summary>
internal static class ModelConfigReader
{
    private const int MaxWidth = 1 << 20;
    private const int MaxIds = 1 << 24;
    private const int MaxPositions = 1 << 28;
    private static readonly string[] s_families = ["llama", "qwen2", "qwen3"];
    private static readonly string[] s_dtypes = ["float32", "bfloat16", "float16"];

    public static ModelConfig Read(byte[] bytes, string file)
    {
        using JsonDocument document = JsonFile.ParseObject(bytes, file);
        var fields = new JsonFields(file, document.RootElement);
        string family = Family(fields);
        Refuse(fields, family);

        int heads = fields.Int("num_attention_heads", 1, MaxWidth);
        int hidden = fields.Int("hidden_size", 1, MaxWidth);
        int maxPositions = fields.Int("max_position_embeddings", 1, MaxPositions, family == "llama" ? 2048 : 32768);
        int? headDim = fields.OptionalInt("head_dim", 1, MaxWidth) ?? (family == "qwen3" ? 128 : null);
        if (headDim is null && hidden % heads != 0)
            throw fields.Error("hidden_size", $"is {hidden}, not a multiple of 'num_attention_heads' {heads}, and 'head_dim' is absent");
        var config = new ModelConfig
        {
            ModelType = family,
            HiddenSize = hidden,
            IntermediateSize = fields.Int("intermediate_size", 1, MaxWidth * 4),
            Layers = fields.Int("num_hidden_layers", 1, 10_000),
            Heads = heads,
            KeyValueHeads = fields.Int("num_key_value_heads", 1, MaxWidth, heads),
            HeadDim = headDim ?? hidden / heads,
            VocabSize = fields.Int("vocab_size", 1, MaxIds),
            MaxPositions = maxPositions,
            RmsNormEps = fields.Double("rms_norm_eps", 0, 1, 1e-6),
            RopeTheta = RopeReader.Theta(fields),
            Scaling = RopeReader.Scaling(fields, maxPositions),
            TieWordEmbeddings = fields.Bool("tie_word_embeddings", false),
            AttentionBias = family == "qwen2",
            QkNorm = family == "qwen3",
            BosId = fields.OptionalInt("bos_token_id", 0, MaxIds),
            EosIds = fields.IntOrInts("eos_token_id", 0, MaxIds),
            Dtype = Dtype(fields),
            OriginalJson = Encoding.UTF8.GetString(bytes),
        };
        Check(config, file);
        return config;
    }

    public static void Check(ModelConfig config, string file)
    {
        Require(Array.IndexOf(s_families, config.ModelType) >= 0, "model_type", config.ModelType, OneOf(s_families));
        Range("hidden_size", config.HiddenSize, MaxWidth);
        Range("intermediate_size", config.IntermediateSize, MaxWidth * 4);
        Range("num_hidden_layers", config.Layers, 10_000);
        Range("num_attention_heads", config.Heads, MaxWidth);
        Range("head_dim", config.HeadDim, MaxWidth);
        Range("vocab_size", config.VocabSize, MaxIds);
        Range("max_position_embeddings", config.MaxPositions, MaxPositions);
        Require(config.HeadDim % 2 == 0, "head_dim", config.HeadDim, "even, for the rotation works on pairs");
        Require((long)config.Heads * config.HeadDim <= 1 << 24, "head_dim", config.HeadDim, $"smaller, for there are {config.Heads} heads");
        Require(
            config.KeyValueHeads >= 1 && config.Heads % config.KeyValueHeads == 0,
            "num_key_value_heads", config.KeyValueHeads, $"a divisor of 'num_attention_heads' {config.Heads}");
        Require(config.AttentionBias == (config.ModelType == "qwen2"), "AttentionBias", config.AttentionBias, "true for qwen2 and only for it");
        Require(config.QkNorm == (config.ModelType == "qwen3"), "QkNorm", config.QkNorm, "true for qwen3 and only for it");
        Require(config.RmsNormEps is >= 0 and <= 1, "rms_norm_eps", config.RmsNormEps, "from 0 to 1");
        Require(config.RopeTheta is > 0 and <= 1e12, "rope_theta", config.RopeTheta, "above 0 and at most 1e12");
        Require(config.BosId is not { } bos || (bos >= 0 && bos < config.VocabSize), "bos_token_id", config.BosId, Below(config));
        foreach (int id in config.EosIds) Require(id >= 0 && id < config.VocabSize, "eos_token_id", id, Below(config));
        Require(Array.IndexOf(s_dtypes, config.Dtype) >= 0, "torch_dtype", config.Dtype, OneOf(s_dtypes));

        void Range(string field, int value, int max) => Require(value >= 1 && value <= max, field, value, $"from 1 to {max}");

        void Require(bool holds, string field, object? value, string expected)
        {
            if (!holds) throw new UserErrorException($"{file}: field '{field}' is {value}; it must be {expected}");
        }
    }

    private static string OneOf(string[] names) => $"one of {string.Join(", ", names)}";

    private static string Below(ModelConfig config) => $"below 'vocab_size' {config.VocabSize}";

    private static string Family(JsonFields fields)
    {
        string family = fields.String("model_type");
        if (Array.IndexOf(s_families, family) >= 0) return family;
        throw fields.Error("model_type", $"is '{family}', which is not supported; supported are {string.Join(", ", s_families)}");
    }

    // Features that change the result and are not implemented: to ignore one would be wrong without a message.
    private static void Refuse(JsonFields fields, string family)
    {
        string activation = fields.OptionalString("hidden_act") ?? "silu";
        if (activation is not ("silu" or "swish"))
            throw fields.Error("hidden_act", $"is '{activation}'; only silu is supported");
        if (family != "qwen2" && fields.Bool("attention_bias", false))
            throw fields.Error("attention_bias", $"is true, which is not supported for {family} (a bias on the output projection, too)");
        if (fields.Bool("mlp_bias", false)) throw fields.Error("mlp_bias", "is true, which is not supported");
        if (fields.Has("quantization_config"))
            throw fields.Error("quantization_config", "is present: quantized weights are not supported, take the unquantized checkpoint");
        if (fields.Double("partial_rotary_factor", 0, 1, 1) != 1)
            throw fields.Error("partial_rotary_factor", "is not 1, which is not supported");
        if (family != "llama") RefuseSlidingWindow(fields);
    }

    // A window acts on layers from max_window_layers on, or on those that layer_types names, and only when shorter than the context.
    private static void RefuseSlidingWindow(JsonFields fields)
    {
        int layers = fields.Int("num_hidden_layers", 1, 10_000);
        int? window = fields.OptionalInt("sliding_window", 0, int.MaxValue);
        bool switchedOn = fields.Bool("use_sliding_window", false);
        bool named = false;
        if (fields.Find("layer_types") is { ValueKind: JsonValueKind.Array } types)
        {
            foreach (JsonElement type in types.EnumerateArray())
                named |= type.ValueKind != JsonValueKind.String || type.GetString() != "full_attention";
        }
        else
        {
            named = fields.Int("max_window_layers", 0, int.MaxValue, 28) < layers;
        }
        int context = fields.Int("max_position_embeddings", 1, MaxPositions, 32768);
        if (switchedOn && named && (window ?? 4096) < context)
            throw fields.Error("use_sliding_window", $"is true with a window of {window ?? 4096} tokens, which is not supported");
        if (!switchedOn && named && fields.Has("layer_types"))
            throw fields.Error("layer_types", "names layers other than full_attention, which is not supported");
    }

    private static string Dtype(JsonFields fields)
    {
        string field = fields.Has("dtype") ? "dtype" : "torch_dtype";
        string name = fields.OptionalString(field) ?? "float32";
        name = name.StartsWith("torch.", StringComparison.Ordinal) ? name[6..] : name;
        if (Array.IndexOf(s_dtypes, name) >= 0) return name;
        throw fields.Error(field, $"is '{name}'; supported are {string.Join(", ", s_dtypes)}");
    }
}
