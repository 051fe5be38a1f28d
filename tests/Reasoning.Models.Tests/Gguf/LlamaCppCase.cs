namespace Reasoning.Models.Tests.Gguf;

/// <summary>One model, its files, and what llama.cpp says about each.</summary>
internal sealed class LlamaCppCase
{
    public LlamaCppCase(string model, string file, params GgufTensorType[] types)
    {
        Reports = GgufExport.Write(model, file, types.Length > 0 ? types : [.. GgufTensorTypes.Writable]);
        Policy = Policy.Load(model);
        using GgufReader reader = GgufReader.Open(Reports[0].File);
        Texts = [.. ProbeTexts.For(GgufVocabulary.Read(reader.Metadata))];
        Scored = [.. Policy.Tokenizer.Encode("Natalia sold 48 clips to her friends. How many clips did she sell? The answer").Take(48)];
    }

    public IReadOnlyList<GgufReport> Reports { get; }

    public Policy Policy { get; }

    public string[] Texts { get; }

    /// <summary>Ids whose log-probabilities are compared.</summary>
    public int[] Scored { get; }

    public Dictionary<GgufTensorType, LlamaAnswer> Answers { get; } = [];
}
