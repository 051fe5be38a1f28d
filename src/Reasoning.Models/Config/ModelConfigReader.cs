using System.Text;
using System.Text.Json;
using Reasoning.Models.Files;

namespace Reasoning.Models.Config;

/// <summary>
/// From config.json to <see cref="ModelConfig"/>; defaults are those of each family's configuration class in transformers.
/// </summary>
internal static class ModelConfigReader
{
    private const int MaxWidth = 1 << 20;
    private const int MaxIds = 1 << 24;
    private const int MaxPositions = 1 << 28;
    private const int MaxLayers = 10_000;
    private static readonly string[] s_dtypes = ["float32", "bfloat16", "float16"];

    public static ModelConfig Read(byte[] bytes, string file)
    {
        using JsonDocument document = JsonFile.ParseObject(bytes, file);
        var fields = new JsonFields(file, document.RootElement);
        ModelFamily family = Family(fields);
        ConfigFields.Refuse(fields, family);

        int heads = fields.Int("num_attention_heads", 1, MaxWidth);
        int hidden = fields.Int("hidden_size", 1, MaxWidth);
        int layers = fields.Int("num_hidden_layers", 1, MaxLayers);
        int maxPositions = fields.Int("max_position_embeddings", 1, MaxPositions, family.MaxPositions);
        int? headDim = fields.OptionalInt("head_dim", 1, MaxWidth) ?? family.HeadDim;
        if (headDim is null && hidden % heads != 0)
            throw fields.Error("hidden_size", $"is {hidden}, not a multiple of 'num_attention_heads' {heads}, and 'head_dim' is absent");
        RopeSettings rope = RopeReader.Read(fields, family, maxPositions);
        (int? window, bool[] sliding) = family.ReadSliding(fields, layers);
        var config = new ModelConfig
        {
            ModelType = family.Name,
            HiddenSize = hidden,
            IntermediateSize = fields.Int("intermediate_size", 1, MaxWidth * 4),
            Layers = layers,
            Heads = heads,
            KeyValueHeads = KeyValueHeads(fields, family, heads),
            HeadDim = headDim ?? hidden / heads,
            VocabSize = fields.Int("vocab_size", 1, MaxIds),
            MaxPositions = maxPositions,
            RmsNormEps = fields.Double("rms_norm_eps", 0, 1, 1e-6),
            RopeTheta = rope.Theta,
            Scaling = rope.Scaling,
            TieWordEmbeddings = fields.Bool("tie_word_embeddings", family.TieWordEmbeddings),
            SlidingWindow = window,
            SlidingLayers = sliding,
            LocalRopeTheta = rope.LocalTheta,
            QueryScalar = family.QueryScalar is { } usual ? fields.Double("query_pre_attn_scalar", 1e-3, 1e9, usual) : null,
            BosId = fields.OptionalInt("bos_token_id", 0, MaxIds),
            EosIds = fields.IntOrInts("eos_token_id", 0, MaxIds),
            Dtype = Dtype(fields),
            UnknownFields = [.. ConfigFields.Unknown(fields, family).Concat(rope.Unknown)],
            OriginalJson = Encoding.UTF8.GetString(bytes),
        };
        Check(config, file);
        return config;
    }

    public static void Check(ModelConfig config, string file)
    {
        ModelFamily? family = ModelFamily.Find(config.ModelType);
        Require(family is not null, "model_type", config.ModelType, OneOf(ModelFamily.Names));
        Range("hidden_size", config.HiddenSize, MaxWidth);
        Range("intermediate_size", config.IntermediateSize, MaxWidth * 4);
        Range("num_hidden_layers", config.Layers, MaxLayers);
        Range("num_attention_heads", config.Heads, MaxWidth);
        Range("head_dim", config.HeadDim, MaxWidth);
        Range("vocab_size", config.VocabSize, MaxIds);
        Range("max_position_embeddings", config.MaxPositions, MaxPositions);
        Require(config.HeadDim % 2 == 0, "head_dim", config.HeadDim, "even, for the rotation works on pairs");
        Require((long)config.Heads * config.HeadDim <= 1 << 24, "head_dim", config.HeadDim, $"smaller, for there are {config.Heads} heads");
        Require(
            config.KeyValueHeads >= 1 && config.Heads % config.KeyValueHeads == 0,
            "num_key_value_heads", config.KeyValueHeads, $"a divisor of 'num_attention_heads' {config.Heads}");
        Require(
            config.SlidingWindow is null or >= 1 && (config.SlidingWindow is null || family!.SlidingWindow is not null),
            "sliding_window", config.SlidingWindow, family!.SlidingWindow is null ? $"absent for {family.Name}" : "at least 1");
        Require(
            config.SlidingLayers.Length == 0 || (config.SlidingLayers.Length == config.Layers && config.SlidingWindow is not null),
            "layer_types", $"{config.SlidingLayers.Length} entries", $"{config.Layers} entries, and only with a sliding window");
        Require(
            family.LocalRopeTheta.HasValue == config.LocalRopeTheta.HasValue && config.LocalRopeTheta is null or (> 0 and <= 1e12),
            "rope_local_base_freq", config.LocalRopeTheta,
            family.LocalRopeTheta is null ? $"absent for {family.Name}" : "above 0 and at most 1e12");
        Require(
            family.QueryScalar is not null || config.QueryScalar is null,
            "query_pre_attn_scalar", config.QueryScalar, $"absent for {family.Name}");
        Require(config.RmsNormEps is >= 0 and <= 1, "rms_norm_eps", config.RmsNormEps, "from 0 to 1");
        Require(config.RopeTheta is > 0 and <= 1e12, "rope_theta", config.RopeTheta, "above 0 and at most 1e12");
        Require(config.BosId is not { } bos || (bos >= 0 && bos < config.VocabSize), "bos_token_id", config.BosId, Below(config));
        foreach (int id in config.EosIds) Require(id >= 0 && id < config.VocabSize, "eos_token_id", id, Below(config));
        Require(Array.IndexOf(s_dtypes, config.Dtype) >= 0, "torch_dtype", config.Dtype, OneOf(s_dtypes));

        void Range(string field, int value, int max) => Require(value >= 1 && value <= max, field, value, $"from 1 to {max}");

        void Require(bool holds, string field, object? value, string expected)
        {
            if (!holds) throw new UserErrorException($"{file}: field '{field}' is {value ?? "absent"}; it must be {expected}");
        }
    }

    // An absent field stands for the family's default, null for the number of query heads.
    private static int KeyValueHeads(JsonFields fields, ModelFamily family, int heads)
    {
        int fallback = fields.Element.TryGetProperty("num_key_value_heads", out _) ? heads : family.KeyValueHeads ?? heads;
        return fields.Int("num_key_value_heads", 1, MaxWidth, fallback);
    }

    private static string OneOf(IEnumerable<string> names) => $"one of {string.Join(", ", names)}";

    private static string Below(ModelConfig config) => $"below 'vocab_size' {config.VocabSize}";

    private static ModelFamily Family(JsonFields fields)
    {
        string name = fields.String("model_type");
        return ModelFamily.Find(name)
            ?? throw fields.Error("model_type", $"is '{name}', which is not supported; supported are {string.Join(", ", ModelFamily.Names)}");
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
