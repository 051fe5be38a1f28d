using System.Numerics.Tensors;
using TorchSharp.Modules;

namespace Reasoning.Models;

/// <summary>Fills a model from a Hugging Face checkpoint folder and refuses one that does not fit its config.json.</summary>
internal static class CheckpointReader
{
    private const string HeadName = "lm_head.weight";
    private const string EmbeddingName = "model.embed_tokens.weight";

    internal static CausalLM Read(string folder)
    {
        ModelConfig config = ModelConfig.Load(folder);
        using CheckpointFiles files = CheckpointFiles.Open(folder);
        var model = new CausalLM(config);
        try
        {
            Dictionary<string, Parameter> parameters = model.named_parameters().ToDictionary(p => p.name, p => p.parameter);
            CheckNames(folder, files, parameters);
            foreach ((string name, Parameter parameter) in parameters)
                Fill(folder, files, name, parameter);
            if (config.TieWordEmbeddings && files.Entries.ContainsKey(HeadName))
                CheckTied(folder, files, parameters[EmbeddingName]);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private static void CheckNames(string folder, CheckpointFiles files, Dictionary<string, Parameter> parameters)
    {
        string[] missing = [.. parameters.Keys.Where(name => !files.Entries.ContainsKey(name))];
        if (missing.Length > 0)
        {
            throw new UserErrorException(
                $"{folder}: the weights lack {List(missing)}; config.json describes another model, or the checkpoint is incomplete");
        }

        // Old checkpoints carry the rotary frequencies, which follow from the configuration; a tied head may be spelled out.
        string[] unexpected = [.. files.Entries.Keys.Where(name =>
            !parameters.ContainsKey(name) && name != HeadName && !name.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal))];
        if (unexpected.Length > 0)
        {
            throw new UserErrorException(
                $"{folder}: the weights have {List(unexpected)}, which this kind of model does not use; config.json describes another model");
        }
    }

    private static void Fill(string folder, CheckpointFiles files, string name, Parameter parameter)
    {
        CheckShape(folder, files.Entries[name], parameter);
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
        CheckShape(folder, files.Entries[HeadName], embedding);
        Parameters.ForParts(embedding, (start, part) =>
        {
            Span<float> values = Parameters.Values(part);
            var head = new float[values.Length];
            files.Read(HeadName, start, head);
            if (!head.AsSpan().SequenceEqual(values))
            {
                throw new UserErrorException(
                    $"{folder}: config.json ties the output head to the embedding, but '{HeadName}' has other values; "
                    + "set tie_word_embeddings to false");
            }
        });
    }

    private static void CheckShape(string folder, SafeTensorEntry entry, Parameter parameter)
    {
        if (!entry.Shape.AsSpan().SequenceEqual(parameter.shape))
        {
            throw new UserErrorException(
                $"{folder}: tensor '{entry.Name}' has shape [{string.Join(", ", entry.Shape)}], "
                + $"config.json asks for [{string.Join(", ", parameter.shape)}]");
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

    private static string List(string[] names)
    {
        const int Shown = 3;
        string start = string.Join(", ", names.Take(Shown).Select(name => $"'{name}'"));
        return names.Length <= Shown ? start : $"{start} and {names.Length - Shown} more";
    }
}
