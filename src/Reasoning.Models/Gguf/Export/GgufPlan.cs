using System.Numerics.Tensors;
using Reasoning.Models.Chat;
using Reasoning.Models.Config;
using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.Gguf.Format;
using Reasoning.Models.Gguf.Import;
using Reasoning.Models.Gguf.Vocabulary;
using Reasoning.Models.Policies;
using Reasoning.Models.SafeTensors;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Gguf.Export;

/// <summary>
/// Everything about an export that can be known before a byte is written: what the model is, which tokenizer names it gets, which tensors
/// come from where. Whatever makes an export impossible is found here.
/// </summary>
internal sealed class GgufPlan : IDisposable
{
    internal const string PromptTemplateKey = "reasoning.prompt_template";

    private readonly CheckpointFiles _files;

    private GgufPlan(string folder, CheckpointFiles files, string? pre)
    {
        Folder = folder;
        _files = files;
        Config = ModelConfig.Load(folder);
        Architecture = Config.Family.Gguf;
        Tokenizer = Tokenizer.Load(folder);
        if (Tokenizer.VocabSize > Config.VocabSize)
        {
            throw new UserErrorException(
                $"{folder}: the tokenizer has ids up to {Tokenizer.VocabSize - 1}, the model's embedding only {Config.VocabSize} rows; "
                + "they do not belong together");
        }

        Stops = GenerationDefaults.Load(folder).StopTokens(Tokenizer);
        Source = TokenizerSource.Of(Tokenizer, Path.Combine(folder, "tokenizer.json"));
        (PreTokenizer, PreTokenizerReason) = ChoosePre(pre);
        Vocabulary = VocabularyBuilder.Build(Tokenizer, Source, Config.VocabSize, Stops, PreTokenizer, Config.BosId);
        Templates = ChatTemplates.Load(folder);
        PromptTemplate = PromptSettings.ExistIn(folder) ? PromptSettings.Load(folder).Template : null;
        Rules = ModelTensor.Of(Config);
        CheckTensors();
        _ = Metadata(GgufTensorType.F32); // refuses what the architecture's keys cannot say
    }

    public string Folder { get; }

    /// <inheritdoc cref="CheckpointFiles.Renamed"/>
    public string? Renamed => _files.Renamed;

    public ModelConfig Config { get; }

    public GgufArchitecture Architecture { get; }

    public Tokenizer Tokenizer { get; }

    public TokenizerSource Source { get; }

    public IReadOnlyList<StopToken> Stops { get; }

    public string PreTokenizer { get; }

    public string PreTokenizerReason { get; }

    public GgufVocabulary Vocabulary { get; }

    public ChatTemplates Templates { get; }

    /// <summary>The template around a problem, where the checkpoint names one.</summary>
    public string? PromptTemplate { get; }

    public List<ModelTensor> Rules { get; }

    /// <summary>The name of the model in the file: that of the folder.</summary>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Folder)));

    /// <exception cref="UserErrorException">The checkpoint cannot be exported; the message says why.</exception>
    public static GgufPlan Make(string folder, string? pre)
    {
        if (GgufReader.IsGguf(folder))
            throw new UserErrorException($"{folder}: is a GGUF file; export takes the checkpoint folder with the weights it was made from");
        CheckpointFiles files = CheckpointFiles.Open(folder);
        try
        {
            return new GgufPlan(folder, files, pre);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>The metadata of a file of a type.</summary>
    public GgufMetadataWriter Metadata(GgufTensorType type)
    {
        var writer = new GgufMetadataWriter();
        writer.Add(ArchitectureMetadata.ArchitectureKey, Architecture.Name);
        writer.Add("general.type", "model");
        writer.Add("general.name", Name);
        writer.Add("general.file_type", FileType(type));
        writer.Add("general.quantization_version", 2);
        ArchitectureMetadata.Write(writer, Architecture, Config, Folder);
        Vocabulary.WriteTo(writer);
        Templates.WriteTo(writer);
        if (PromptTemplate is not null) writer.Add(PromptTemplateKey, PromptTemplate);
        return writer;
    }

    /// <summary>The tensors of a file of a type, in its order.</summary>
    public List<GgufTensorSource> Tensors(GgufTensorType type)
    {
        List<GgufTensorSource> tensors = [.. Rules.Select(rule => new GgufTensorSource(
            rule.GgufName, TensorTypes.Choose(rule, type), rule.Shape, Values(rule)))];
        if (Config.Scaling is { Kind: RopeScalingKind.Llama3 })
        {
            float[] factors = FrequencyFactors.Of(Config);
            tensors.Add(new GgufTensorSource(
                FrequencyFactors.TensorName, GgufTensorType.F32, [factors.Length],
                (start, destination) => factors.AsSpan((int)start, destination.Length).CopyTo(destination)));
        }

        return tensors;
    }

    /// <summary>The values of a tensor as the file has them, before they are coded.</summary>
    public CopyFloats Values(ModelTensor rule)
    {
        CopyFloats copy = (start, destination) => _files.Read(rule.Name, start, destination);
        bool isTurned = Architecture.RotatesNeighbours && rule.Role is TensorRole.Query or TensorRole.Key;
        if (isTurned) return RotaryRows.Reorder(copy, rule.Shape[1], row => RotaryRows.Source(row, Config.HeadDim));
        if (!Config.Family.ZeroCenteredNorms || rule.Role != TensorRole.Norm) return copy;
        return (start, destination) =>
        {
            copy(start, destination);
            TensorPrimitives.Add(destination, 1f, destination);
        };
    }

    public void Dispose() => _files.Dispose();

    private (string Name, string Reason) ChoosePre(string? given)
    {
        if (!Source.IsByteLevel)
        {
            return given is null
                ? ("default", "a tokenizer of SentencePiece's kind has no pre-tokenizer")
                : throw new UserErrorException($"--pre {given}: the tokenizer is of SentencePiece's kind, which has no pre-tokenizer");
        }

        (_, string name, string reason) = PreTokenizerNames.Choose(Source, Config.ModelType, given);
        return (name, reason);
    }

    private void CheckTensors()
    {
        var wanted = Rules.ToDictionary(rule => rule.Name, StringComparer.Ordinal);
        foreach (ModelTensor rule in Rules)
        {
            SafeTensorEntry entry = _files.Find(rule.Name);
            if (entry.DType is not (SafeTensorsDType.F32 or SafeTensorsDType.F16 or SafeTensorsDType.BF16))
            {
                throw new UserErrorException(
                    $"{Folder}: tensor '{rule.Name}' has type {DTypes.Name(entry.DType)}; export needs the float weights (F32, F16 or "
                    + "BF16), not quantized ones");
            }

            if (!entry.Shape.AsSpan().SequenceEqual(rule.Shape))
            {
                throw new UserErrorException(
                    $"{Folder}: tensor '{rule.Name}' has shape [{string.Join(", ", entry.Shape)}], config.json asks for "
                    + $"[{string.Join(", ", rule.Shape)}]");
            }
        }

        string? unused = _files.Entries.Keys.FirstOrDefault(name =>
            !wanted.ContainsKey(name) && name != "lm_head.weight" && !name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal));
        if (unused is not null)
            throw new UserErrorException($"{Folder}: the weights have '{unused}', which this kind of model does not use");
    }

    // llama.cpp's number for the mix of types in a file.
    private static int FileType(GgufTensorType type) => type switch
    {
        GgufTensorType.F32 => 0,
        GgufTensorType.F16 => 1,
        GgufTensorType.Q4_0 => 2,
        GgufTensorType.Q8_0 => 7,
        GgufTensorType.Q4_K => 14,
        _ => 32,
    };
}
