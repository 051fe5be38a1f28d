using System.Numerics.Tensors;
using Reasoning.Models.Config;
using Reasoning.Models.SafeTensors;
using TorchSharp.Modules;

namespace Reasoning.Models.Modeling;

/// <summary>Fills a model from a Hugging Face checkpoint folder and refuses one that does not fit its config.json.</summary>
internal static class CheckpointReader
{
    internal static CausalLM Read(string folder, CancellationToken cancel)
    {
        ModelConfig config = ModelConfig.Load(folder);
        using CheckpointFiles files = CheckpointFiles.Open(folder);
        // Before anything is allocated: what the configuration asks for must be there, to the last shape.
        Check(folder, files, config);
        var model = new CausalLM(config)
        {
            StoredTypes = [.. files.Entries.Values.Select(entry => entry.DType).Distinct().Order()],
            Renamed = files.Renamed,
        };
        try
        {
            foreach ((string name, Parameter parameter) in model.named_parameters())
            {
                cancel.ThrowIfCancellationRequested();
                Fill(folder, files, name, parameter);
            }

            if (config.TieWordEmbeddings && files.Entries.ContainsKey(ModelTensor.HeadName))
                CheckTied(folder, files, model.EmbedTokens);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static void Check(string folder, CheckpointFiles files, ModelConfig config)
    {
        Dictionary<string, long[]> expected = ModelTensor.Of(config).ToDictionary(tensor => tensor.Name, tensor => tensor.Shape);
        string[] missing = [.. expected.Keys.Where(name => !files.Entries.ContainsKey(name))];
        if (missing.Length > 0) throw files.Lacks(missing);

        // Old checkpoints carry the rotary frequencies, which follow from the configuration; a tied head may be spelled out.
        string[] unexpected = [.. files.Entries.Keys.Where(name =>
            !expected.ContainsKey(name) && name != ModelTensor.HeadName && !name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal))];
        if (unexpected.Length > 0)
        {
            throw new UserErrorException(
                $"{folder}: the weights have {CheckpointFiles.Show(unexpected)}, which this kind of model does not use; config.json describes another model");
        }

        foreach ((string name, long[] shape) in expected)
            CheckShape(folder, files.Entries[name], shape);
        if (files.Entries.TryGetValue(ModelTensor.HeadName, out SafeTensorEntry? head))
            CheckShape(folder, head, expected[ModelTensor.EmbeddingName]);
    }

    private static void Fill(string folder, CheckpointFiles files, string name, Parameter parameter)
    {
        Parameters.ForParts(parameter, (start, part) =>
        {
            Span<float> values = Parameters.Values(part);
            files.Read(name, start, values);
            if (!TensorPrimitives.IsFiniteAll<float>(values))
            {
                int at = FirstNotFinite(values);
                throw new UserErrorException(
                    $"{folder}: tensor '{name}' has the value {values[at]} at element {start + at}; the checkpoint is damaged");
            }
        });
    }

    private static void CheckTied(string folder, CheckpointFiles files, Parameter embedding)
    {
        Parameters.ForParts(embedding, (start, part) =>
        {
            Span<float> values = Parameters.Values(part);
            var head = new float[values.Length];
            files.Read(ModelTensor.HeadName, start, head);
            if (!head.AsSpan().SequenceEqual(values))
            {
                throw new UserErrorException(
                    $"{folder}: config.json ties the output head to the embedding, but '{ModelTensor.HeadName}' has other values; "
                    + "set tie_word_embeddings to false");
            }
        });
    }

    private static void CheckShape(string folder, SafeTensorEntry entry, long[] expected)
    {
        if (!entry.Shape.AsSpan().SequenceEqual(expected))
        {
            throw new UserErrorException(
                $"{folder}: tensor '{entry.Name}' has shape [{string.Join(", ", entry.Shape)}], config.json asks for [{string.Join(", ", expected)}]");
        }
    }

    private static int FirstNotFinite(ReadOnlySpan<float> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                return i;
        }

        return -1;
    }
}
