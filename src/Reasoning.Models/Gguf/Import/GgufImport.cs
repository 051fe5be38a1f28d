using System.Numerics.Tensors;
using Reasoning.Models.Chat;
using Reasoning.Models.Config;
using Reasoning.Models.Devices;
using Reasoning.Models.Gguf.Format;
using Reasoning.Models.Gguf.Vocabulary;
using Reasoning.Models.Modeling;
using Reasoning.Models.SafeTensors;
using Reasoning.Models.Tokenization;
using TorchSharp.Modules;

namespace Reasoning.Models.Gguf.Import;

/// <summary>Makes models and tokenizers from GGUF files; weights of every readable type become float32.</summary>
internal static class GgufImport
{
    /// <summary>The tokenizer that a file describes.</summary>
    /// <exception cref="UserErrorException">It is of a kind that is not supported, or damaged.</exception>
    public static Tokenizer Tokenizer(string file)
    {
        using GgufReader reader = GgufReader.Open(file);
        GgufVocabulary vocabulary = GgufVocabulary.Read(reader.Metadata);
        return Tokenizer(reader, vocabulary, ArchitectureMetadata.Read(reader, vocabulary).MaxPositions);
    }

    /// <summary>The tokenizer of a vocabulary, with the chat template of the file.</summary>
    public static Tokenizer Tokenizer(GgufReader reader, GgufVocabulary vocabulary, int maxLength)
    {
        string? template = reader.Metadata.OptionalText(ChatTemplates.Key);
        return Tokenization.Tokenizer.Of(
            VocabularyTokenizer.TokenizerJson(vocabulary), VocabularyTokenizer.ConfigJson(vocabulary, template, maxLength), reader.File);
    }

    /// <summary>The shape of the model of a file.</summary>
    /// <exception cref="UserErrorException">It is not supported, or damaged.</exception>
    public static ModelConfig Config(GgufReader reader) => ArchitectureMetadata.Read(reader, GgufVocabulary.Read(reader.Metadata));

    /// <summary>The model of a file; <paramref name="cancel"/> is looked at before each tensor.</summary>
    /// <exception cref="UserErrorException">
    /// A tensor is missing, unexpected, of another shape, or has values that are not finite.
    /// </exception>
    public static CausalLM Model(string file, CancellationToken cancel = default)
    {
        using GgufReader reader = GgufReader.Open(file);
        return Model(reader, Config(reader), cancel);
    }

    /// <inheritdoc cref="Model(string, CancellationToken)"/>
    public static CausalLM Model(GgufReader reader, ModelConfig config, CancellationToken cancel = default)
    {
        NativeLibraries.Load();
        Dictionary<string, ModelTensor> rules = ModelTensor.Of(config).ToDictionary(rule => rule.Name, StringComparer.Ordinal);
        CheckTensors(reader, rules.Values);
        GgufArchitecture architecture = config.Family.Gguf;
        var model = new CausalLM(config);
        try
        {
            foreach ((string name, Parameter parameter) in model.named_parameters())
            {
                cancel.ThrowIfCancellationRequested();
                Fill(reader, architecture, config, rules[name], parameter);
            }

            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>The tokens that a file names as ends of an answer.</summary>
    public static IReadOnlyList<StopToken> Stops(GgufReader reader, GgufVocabulary vocabulary)
    {
        string source = Path.GetFileName(reader.File);
        return
        [
            .. ((int?[])[vocabulary.Eos, vocabulary.Eot, vocabulary.Eom]).OfType<int>().Distinct().Order()
                .Select(id => new StopToken(id, vocabulary.Tokens[id], [source])),
        ];
    }

    private static void CheckTensors(GgufReader reader, IEnumerable<ModelTensor> rules)
    {
        var left = new HashSet<string>(reader.Tensors.Keys, StringComparer.Ordinal);
        left.Remove(FrequencyFactors.TensorName);
        foreach (ModelTensor rule in rules)
        {
            GgufTensor tensor = reader.Find(rule.GgufName);
            left.Remove(rule.GgufName);
            if (!tensor.Shape.AsSpan().SequenceEqual(rule.Shape))
            {
                throw new UserErrorException(
                    $"{reader.File}: tensor '{tensor.Name}' has shape [{string.Join(", ", tensor.Shape)}], the metadata ask for "
                    + $"[{string.Join(", ", rule.Shape)}]");
            }
        }

        if (left.Count > 0)
        {
            string first = left.Order(StringComparer.Ordinal).First();
            throw new UserErrorException(
                UserErrorException.OneLine($"{reader.File}: has the tensor '{first}', which this kind of model does not use"));
        }
    }

    private static void Fill(GgufReader reader, GgufArchitecture architecture, ModelConfig config, ModelTensor rule, Parameter parameter)
    {
        GgufTensor tensor = reader.Find(rule.GgufName);
        CopyFloats copy = (start, destination) => reader.Read(tensor, start, destination);
        bool isTurned = architecture.RotatesNeighbours && rule.Role is TensorRole.Query or TensorRole.Key;
        if (isTurned) copy = RotaryRows.Reorder(copy, rule.Shape[1], row => RotaryRows.Target(row, config.HeadDim));
        Parameters.ForParts(parameter, (start, part) =>
        {
            Span<float> values = Parameters.Values(part);
            copy(start, values);
            if (config.Family.ZeroCenteredNorms && rule.Role == TensorRole.Norm) TensorPrimitives.Add(values, -1f, values);
            if (!TensorPrimitives.IsFiniteAll<float>(values))
                throw new UserErrorException($"{reader.File}: tensor '{rule.GgufName}' has values that are not finite; the file is damaged");
        });
    }
}
