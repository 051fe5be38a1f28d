using System.Globalization;
using Reasoning.Models.Config;
using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.Gguf.Format;
using Reasoning.Models.Gguf.Vocabulary;
using Reasoning.Models.Modeling;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Gguf.Import;

/// <summary>The shape of a model under the keys of its architecture, in both directions.</summary>
internal static class ArchitectureMetadata
{
    internal const string ArchitectureKey = "general.architecture";

    /// <summary>Keys of a file that are written and not read, and why that does no harm.</summary>
    internal static readonly Dictionary<string, string> Harmless = new()
    {
        ["general.type"] = "other types have another architecture",
        ["general.name"] = "for people",
        ["general.file_type"] = "each tensor has its type",
        [GgufVocabulary.PreKey] = "of SentencePiece's kind only, which is not cut into words",
        [GgufVocabulary.AddSpacePrefixKey] = "of the byte-level kind only, whose readers put no space before a text",
        ["general.quantization_version"] = "the layouts of blocks that are read have not changed since they have a version",
    };

    private const int MaxWidth = 1 << 20;

    /// <summary>Writes the shape.</summary>
    /// <exception cref="UserErrorException">The model has something that readers of the architecture do not compute.</exception>
    public static void Write(GgufMetadataWriter writer, GgufArchitecture architecture, ModelConfig config, string folder)
    {
        string prefix = architecture.Name + ".";
        writer.Add(prefix + "block_count", config.Layers);
        writer.Add(prefix + "context_length", config.MaxPositions);
        writer.Add(prefix + "embedding_length", config.HiddenSize);
        writer.Add(prefix + "feed_forward_length", config.IntermediateSize);
        writer.Add(prefix + "attention.head_count", config.Heads);
        writer.Add(prefix + "attention.head_count_kv", config.KeyValueHeads);
        writer.Add(prefix + "attention.key_length", config.HeadDim);
        writer.Add(prefix + "attention.value_length", config.HeadDim);
        writer.Add(prefix + "attention.layer_norm_rms_epsilon", (float)config.RmsNormEps);
        writer.Add(prefix + "rope.dimension_count", config.HeadDim);
        writer.Add(prefix + "rope.freq_base", (float)config.RopeTheta);
        writer.Add(prefix + "vocab_size", config.VocabSize);
        WriteSliding(writer, prefix, architecture, config, folder);
        WriteScaling(writer, prefix + "rope.scaling.", architecture, config, folder);
    }

    /// <summary>Reads the shape of a model with a vocabulary.</summary>
    /// <exception cref="UserErrorException">A key is missing or out of range, or has an effect that is not supported.</exception>
    public static ModelConfig Read(GgufReader reader, GgufVocabulary vocabulary)
    {
        GgufMetadata metadata = reader.Metadata;
        ModelFamily family = ModelFamily.OfGguf(metadata.Text(ArchitectureKey), reader.File);
        GgufArchitecture architecture = family.Gguf;
        string prefix = architecture.Name + ".";
        int width = Int("embedding_length", MaxWidth), heads = Int("attention.head_count", MaxWidth);
        int headDim = metadata.OptionalInt(prefix + "attention.key_length", 1, MaxWidth) ?? width / heads;
        int values = metadata.OptionalInt(prefix + "attention.value_length", 1, MaxWidth) ?? headDim;
        if (values != headDim) throw metadata.Error(prefix + "attention.value_length", $"is {values}, but keys have {headDim}");
        int rotated = metadata.OptionalInt(prefix + "rope.dimension_count", 0, MaxWidth) ?? headDim;
        if (rotated != headDim)
            throw metadata.Error(prefix + "rope.dimension_count", $"is {rotated}; only {headDim}, all of a head, is supported");
        if (metadata.OptionalInt(prefix + "expert_count", 0, MaxWidth) is > 0)
            throw metadata.Error(prefix + "expert_count", "is above 0: mixtures of experts are not supported");
        GgufTensor embedding = reader.Find("token_embd.weight");
        if (embedding.Shape.Length != 2 || embedding.Shape[0] < 1 || embedding.Shape[0] > BpeModel.MaxId)
            throw new UserErrorException($"{reader.File}: tensor 'token_embd.weight' has shape [{string.Join(", ", embedding.Shape)}]");
        if (metadata.OptionalInt(prefix + "vocab_size", 1, BpeModel.MaxId) is { } rows && rows != embedding.Shape[0])
            throw metadata.Error(prefix + "vocab_size", $"is {rows}, but the embedding has {embedding.Shape[0]} rows");
        int layers = Int("block_count", 10_000);
        if (layers > reader.Tensors.Count)
            throw metadata.Error(prefix + "block_count", $"is {layers}, but the file has only {reader.Tensors.Count} tensors");
        if (vocabulary.Tokens.Length > embedding.Shape[0])
        {
            throw metadata.Error(
                GgufVocabulary.TokensKey, $"has {vocabulary.Tokens.Length} items, but the embedding only {embedding.Shape[0]} rows");
        }

        var config = new ModelConfig
        {
            ModelType = family.Name,
            HiddenSize = width,
            IntermediateSize = Int("feed_forward_length", MaxWidth * 4),
            Layers = layers,
            Heads = heads,
            KeyValueHeads = metadata.OptionalInt(prefix + "attention.head_count_kv", 1, MaxWidth) ?? heads,
            HeadDim = headDim,
            VocabSize = (int)embedding.Shape[0],
            MaxPositions = Int("context_length", 1 << 28),
            RmsNormEps = Exact(metadata.OptionalReal(prefix + "attention.layer_norm_rms_epsilon", 0, 1) ?? 1e-6),
            RopeTheta = Exact(metadata.OptionalReal(prefix + "rope.freq_base", 1e-6, 1e12) ?? 10000),
            TieWordEmbeddings = !reader.Tensors.ContainsKey("output.weight"),
            BosId = vocabulary.AddBos || vocabulary.Bos != vocabulary.Eos ? vocabulary.Bos : null,
            EosIds = [.. ((int?[])[vocabulary.Eos, vocabulary.Eot, vocabulary.Eom]).OfType<int>().Distinct().Order()],
            Dtype = Dtype(embedding.Type),
        };
        config = ReadSliding(metadata, prefix, architecture, config);
        config.Validate(reader.File);
        config = config with { Scaling = ReadScaling(reader, prefix + "rope.scaling.", architecture, config) };
        config.Validate(reader.File);
        return config;

        int Int(string key, int max) => metadata.Int(prefix + key, 1, max);
    }

    private static void WriteSliding(
        GgufMetadataWriter writer, string prefix, GgufArchitecture architecture, ModelConfig config, string folder)
    {
        string file = Path.Combine(folder, "config.json");
        if (architecture.SlidingPeriod is not { } usual)
        {
            if (Enumerable.Range(0, config.Layers).Any(layer => config.Window(layer) is not null))
            {
                throw new UserErrorException(
                    $"{file}: layers see only the last {config.SlidingWindow} of {config.MaxPositions} tokens, which readers of "
                    + $"architecture {architecture.Name} do not compute; with max_position_embeddings {config.SlidingWindow} both are the "
                    + "same");
            }

            return;
        }

        if (config.SlidingWindow is not { } window) throw new UserErrorException($"{file}: field 'sliding_window' is absent");
        if (!config.SlidingLayers.SequenceEqual(Pattern(config.Layers, usual)))
        {
            throw new UserErrorException(
                $"{file}: layers do not slide {usual - 1} of {usual}, which is what readers of {architecture.Name} compute");
        }

        if (architecture.QueryScalar?.Invoke(config) is { } scale && config.QueryScalar is { } scalar && scalar != scale)
        {
            throw new UserErrorException(FormattableString.Invariant(
                $"{file}: field 'query_pre_attn_scalar' is {scalar}; readers of {architecture.Name} take {scale} for this shape"));
        }

        writer.Add(prefix + "attention.sliding_window", window);
        writer.Add(prefix + "rope.freq_base_swa", (float)(config.LocalRopeTheta ?? config.Family.LocalRopeTheta!));
    }

    private static ModelConfig ReadSliding(GgufMetadata metadata, string prefix, GgufArchitecture architecture, ModelConfig config)
    {
        if (architecture.SlidingPeriod is not { } usual) return config;
        int period = metadata.OptionalInt(prefix + "attention.sliding_window_pattern", 1, 10_000) ?? usual;
        if (period != usual) throw metadata.Error(prefix + "attention.sliding_window_pattern", $"is {period}; only {usual} is supported");
        return config with
        {
            SlidingWindow = metadata.Int(prefix + "attention.sliding_window", 1, int.MaxValue),
            SlidingLayers = Pattern(config.Layers, usual),
            LocalRopeTheta = Exact(metadata.OptionalReal(prefix + "rope.freq_base_swa", 1e-6, 1e12) ?? config.Family.LocalRopeTheta!.Value),
            QueryScalar = architecture.QueryScalar?.Invoke(config),
        };
    }

    private static bool[] Pattern(int layers, int period) => [.. Enumerable.Range(1, layers).Select(layer => layer % period != 0)];

    private static void WriteScaling(
        GgufMetadataWriter writer, string prefix, GgufArchitecture architecture, ModelConfig config, string folder)
    {
        if (config.Scaling is not { } scaling) return;
        switch (scaling.Kind)
        {
            case RopeScalingKind.Llama3 when architecture.TakesFrequencyFactors:
                return; // a tensor of its own
            case RopeScalingKind.Linear:
                writer.Add(prefix + "type", "linear");
                writer.Add(prefix + "factor", (float)scaling.Factor);
                return;
            case RopeScalingKind.Yarn when scaling.Truncate:
                writer.Add(prefix + "type", "yarn");
                writer.Add(prefix + "factor", (float)scaling.Factor);
                writer.Add(prefix + "original_context_length", scaling.OriginalMaxPositions);
                if (scaling.BetaFast != 32) writer.Add(prefix + "yarn_beta_fast", (float)scaling.BetaFast);
                if (scaling.BetaSlow != 1) writer.Add(prefix + "yarn_beta_slow", (float)scaling.BetaSlow);
                if (AttentionRatio(scaling) is var ratio && Math.Abs(ratio - 1) > 1e-9) writer.Add(prefix + "attn_factor", (float)ratio);
                return;
            default:
                string kind = scaling.Kind.ToString().ToLowerInvariant();
                string detail = scaling.Kind == RopeScalingKind.Yarn ? " with truncate false" : "";
                throw new UserErrorException(
                    $"{Path.Combine(folder, "config.json")}: field 'rope_scaling' is {kind}{detail}, which "
                    + $"GGUF files of architecture {architecture.Name} cannot say");
        }
    }

    // Readers multiply by YaRN's usual factor themselves; what the file holds comes on top.
    private static double AttentionRatio(RopeScaling scaling)
        => RotaryFrequencies.AttentionFactor(scaling) / RotaryFrequencies.AttentionFactor(new(RopeScalingKind.Yarn, scaling.Factor)
        {
            OriginalMaxPositions = scaling.OriginalMaxPositions,
        });

    private static RopeScaling? ReadScaling(GgufReader reader, string prefix, GgufArchitecture architecture, ModelConfig config)
    {
        GgufMetadata metadata = reader.Metadata;
        if (architecture.TakesFrequencyFactors && reader.Tensors.TryGetValue(FrequencyFactors.TensorName, out GgufTensor? tensor))
        {
            if (tensor.Type != GgufTensorType.F32 || tensor.Count != config.HeadDim / 2)
                throw new UserErrorException($"{reader.File}: tensor '{tensor.Name}' must have {config.HeadDim / 2} values of f32");
            float[] factors = new float[tensor.Count];
            reader.Read(tensor, 0, factors);
            return FrequencyFactors.Scaling(factors, config, reader.File);
        }

        if (metadata.OptionalReal(prefix + "factor", 0, 1e6) is not { } factor || factor is 0 or 1) return null;
        factor = Exact(factor);
        int original = metadata.OptionalInt(prefix + "original_context_length", 1, 1 << 28) ?? config.MaxPositions;
        string type = metadata.OptionalText(prefix + "type") ?? "linear";
        if (type == "none") return null;
        if (type == "linear") return new RopeScaling(RopeScalingKind.Linear, factor) { OriginalMaxPositions = original };
        if (type != "yarn")
            throw metadata.Error(prefix + "type", $"is '{type}', which is not supported; supported are none, linear and yarn");
        var yarn = new RopeScaling(RopeScalingKind.Yarn, factor)
        {
            OriginalMaxPositions = original,
            BetaFast = Exact(metadata.OptionalReal(prefix + "yarn_beta_fast", 1e-6, 1e6) ?? 32),
            BetaSlow = Exact(metadata.OptionalReal(prefix + "yarn_beta_slow", 1e-6, 1e6) ?? 1),
        };
        return metadata.OptionalReal(prefix + "attn_factor", 1e-6, 1e6) is { } ratio
            ? yarn with { AttentionFactor = ratio * RotaryFrequencies.AttentionFactor(yarn) }
            : yarn;
    }

    // The file holds single precision; the decimal that prints the same is what config.json said.
    private static double Exact(double value)
        => double.Parse(((float)value).ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static string Dtype(GgufTensorType type) => type switch
    {
        GgufTensorType.F16 => "float16",
        GgufTensorType.BF16 => "bfloat16",
        _ => "float32",
    };
}
