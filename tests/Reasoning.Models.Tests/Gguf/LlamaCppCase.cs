using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.Gguf.Export;
using Reasoning.Models.Gguf.Format;
using Reasoning.Models.Gguf.Vocabulary;
using Reasoning.Models.Policies;

namespace Reasoning.Models.Tests.Gguf;

/// <summary>One model, its files, and what llama.cpp says about each.</summary>
internal sealed class LlamaCppCase
{
    public LlamaCppCase(string model, string file, params GgufTensorType[] types)
    {
        Reports = GgufExport.Write(model, file, types.Length > 0 ? types : [.. GgufTensorTypes.Writable]);
        Model = model;
        using Policy policy = Policy.Load(model);
        Stops = [.. policy.Stops.Select(stop => stop.Id)];
        using GgufReader reader = GgufReader.Open(Reports[0].File);
        Texts = [.. ProbeTexts.For(GgufVocabulary.Read(reader.Metadata))];
        Scored = [.. policy.Tokenizer.Encode("Natalia sold 48 clips to her friends. How many clips did she sell? The answer").Take(48)];
    }

    public IReadOnlyList<GgufReport> Reports { get; }

    public string Model { get; }

    public int[] Stops { get; }

    public string[] Texts { get; }

    /// <summary>Ids whose log-probabilities are compared.</summary>
    public int[] Scored { get; }

    public Dictionary<GgufTensorType, LlamaAnswer> Answers { get; } = [];
}
