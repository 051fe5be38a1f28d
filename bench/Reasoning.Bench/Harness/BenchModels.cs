using System.Runtime.CompilerServices;
using Reasoning.Models.Config;
using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.Gguf.Export;
using Reasoning.Models.Modeling;

namespace Reasoning.Bench.Harness;

/// <summary>Models that both sides of a comparison read from the same files.</summary>
internal sealed class BenchModels : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("reasoning-bench-");

    /// <summary>A form like Qwen3's with 25 million parameters: 7 layers of width 512.</summary>
    public static ModelConfig Medium { get; } = new()
    {
        ModelType = "qwen3",
        HiddenSize = 512,
        IntermediateSize = 1408,
        Layers = 7,
        Heads = 8,
        KeyValueHeads = 8,
        HeadDim = 64,
        VocabSize = 4096,
        MaxPositions = 1024,
        TieWordEmbeddings = true,
        EosIds = [0],
    };

    /// <summary>The shape of Qwen2.5-0.5B.</summary>
    public static ModelConfig QwenHalfBillion { get; } = new()
    {
        ModelType = "qwen2",
        HiddenSize = 896,
        IntermediateSize = 4864,
        Layers = 24,
        Heads = 14,
        KeyValueHeads = 2,
        HeadDim = 64,
        VocabSize = 151_936,
        MaxPositions = 2048,
        RopeTheta = 1_000_000,
        TieWordEmbeddings = true,
        EosIds = [151_645],
    };

    /// <summary>Root of the repository.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The starter that comes with the program.</summary>
    public static string Starter => Path.Combine(Root, "checkpoints", "starter");

    /// <summary>Its form.</summary>
    public static ModelConfig StarterConfig => ModelConfig.Load(Starter);

    /// <summary>A temporary checkpoint folder of a model with random weights, with the tokenizer of the starter.</summary>
    public string Random(ModelConfig config, string name)
    {
        string folder = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(folder);
        using CausalLM model = CausalLM.Create(config, seed: 1);
        model.Save(folder);
        foreach (string file in (string[])["tokenizer.json", "tokenizer_config.json", "generation_config.json", "reasoning.json"])
            File.Copy(Path.Combine(Starter, file), Path.Combine(folder, file));
        return folder;
    }

    /// <summary>The model of a checkpoint folder as a GGUF file with float32 weights.</summary>
    public string Gguf(string model)
    {
        string file = Path.Combine(_folder.FullName, Path.GetFileName(model) + ".gguf");
        GgufExport.Write(model, file, [GgufTensorType.F32], null, _ => { });
        return file;
    }

    /// <summary>A path for a temporary file.</summary>
    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);

    private static string FindRoot([CallerFilePath] string source = "")
        => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", "..", ".."));
}
