using System.Text.Json;
using Reasoning.Models.Config;
using Reasoning.Models.Modeling;
using Reasoning.Models.SafeTensors;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Tests;

/// <summary>A small checkpoint folder with a chat template; removed when disposed.</summary>
internal sealed class ChatFolder : IDisposable
{
    /// <summary>Turns between special tokens, as many chat models have them.</summary>
    internal const string ChatMl = """
        {{ bos_token }}{% for message in messages %}{{ '<|im_start|>' + message['role'] + '
        ' + message['content'] + '<|im_end|>' + '
        ' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant
        ' }}{% endif %}
        """;

    private static readonly string[] s_special = ["<s>", "</s>", "<|im_start|>", "<|im_end|>"];

    internal ChatFolder(string? template = ChatMl, bool addBos = true, string? reasoning = null, string eos = "</s>")
    {
        Directory.CreateDirectory(Root);
        string[] corpus = ["Question: 1+2=?\nAnswer: 3 user assistant system", "Think step by step, then give the final answer as \\boxed{answer}."];
        Write("tokenizer.json", BpeTrainer.Train(corpus, 300, s_special, addBos ? "<s>" : null));
        Write("tokenizer_config.json", JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["bos_token"] = "<s>",
            ["eos_token"] = new Dictionary<string, object> { ["content"] = eos, ["lstrip"] = false },
            ["chat_template"] = template,
        }));
        if (reasoning is not null) Write("reasoning.json", reasoning);
    }

    internal string Root { get; } = Path.Combine(Path.GetTempPath(), $"chat-tests-{Guid.NewGuid():n}");

    internal Tokenizer Tokenizer => Tokenizer.Load(Root);

    public void Dispose() => Directory.Delete(Root, recursive: true);

    internal void Write(string name, string text)
    {
        string file = Path.Combine(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }

    /// <summary>Weights for the tokenizer, so that the folder is a whole checkpoint.</summary>
    internal void AddModel()
    {
        var config = new ModelConfig
        {
            ModelType = "llama",
            HiddenSize = 8,
            IntermediateSize = 16,
            Layers = 1,
            Heads = 2,
            KeyValueHeads = 1,
            HeadDim = 4,
            VocabSize = Tokenizer.VocabSize,
            MaxPositions = 512,
        };
        using CausalLM model = CausalLM.Create(config, 1);
        model.Save(Root, SafeTensorsDType.F32);
    }
}
