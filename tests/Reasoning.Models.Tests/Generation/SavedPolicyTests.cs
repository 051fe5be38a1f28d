using System.Text;
using Reasoning.Models.Config;
using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Models.SafeTensors;
using Reasoning.Models.Tests.Formats;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Tests.Generation;

/// <summary>What a saved folder contains.</summary>
public sealed class SavedPolicyTests
{
    private static readonly string[] s_passing =
    [
        "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "tokenizer.model", "chat_template.jinja",
        "additional_chat_templates/tools.jinja", "generation_config.json", "LICENSE", "NOTICE.txt",
    ];

    [Fact]
    public void Files_around_the_weights_pass_through_byte_for_byte()
    {
        using TemporaryFolder source = Source(), target = new();
        byte[] withMark = [.. "\uFEFF"u8, .. File.ReadAllBytes(source.File("tokenizer.json"))];
        File.WriteAllBytes(source.File("tokenizer.json"), withMark);
        File.WriteAllText(source.File("pytorch_model.bin"), "not for us");
        using (Policy policy = Policy.Load(source.Path)) policy.Save(target.Path, SafeTensorsDType.BF16);
        foreach (string name in s_passing.Append("tokenizer.json").Append("tokenizer_config.json"))
            Assert.Equal(File.ReadAllBytes(source.File(name)), File.ReadAllBytes(target.File(name)));
        Assert.False(File.Exists(target.File("pytorch_model.bin")));
        Assert.Contains("additional_chat_templates/tools.jinja", CheckpointFolder.Verify(target.Path));
    }

    [Fact]
    public void Config_keeps_its_fields_and_names_the_new_type()
    {
        using TemporaryFolder source = Source(), target = new();
        string config = File.ReadAllText(source.File("config.json")).Replace("{\n", "{\n  \"my_note\": \"kept\",\n", StringComparison.Ordinal);
        File.WriteAllText(source.File("config.json"), config);
        using (Policy policy = Policy.Load(source.Path)) policy.Save(target.Path, SafeTensorsDType.F16);
        Assert.Equal(config.Replace("\"float32\"", "\"float16\"", StringComparison.Ordinal), File.ReadAllText(target.File("config.json")));
    }

    [Fact]
    public void A_saved_and_loaded_folder_is_saved_the_same()
    {
        using TemporaryFolder source = Source(), first = new(), second = new();
        using (Policy policy = Policy.Load(source.Path)) policy.Save(first.Path);
        using (Policy policy = Policy.Load(first.Path)) policy.Save(second.Path);
        string[] names = [.. Directory.GetFiles(first.Path).Select(file => Path.GetFileName(file)!).Order()];
        Assert.Equal(names, Directory.GetFiles(second.Path).Select(file => Path.GetFileName(file)!).Order());
        Assert.All(names, name => Assert.Equal(File.ReadAllBytes(first.File(name)), File.ReadAllBytes(second.File(name))));
    }

    [Fact]
    public void The_card_tells_where_the_model_comes_from()
    {
        using TemporaryFolder source = Source(), target = new();
        source.Write("README.md", "---\nlanguage: en\nlicense: apache-2.0\nlicense_name: x\n---\n# The base\nlicense: not this line\n");
        var card = new ModelCard
        {
            BaseModel = "models/tiny",
            Summary = "Adapted to 3 prompts",
            Facts = [("steps", "30"), ("odd", "a|b\nc")],
            License = ModelCard.LicenseOf(source.Path),
        };
        using (Policy policy = Policy.Load(source.Path)) policy.Save(target.Path, card: card);
        string text = File.ReadAllText(target.File("README.md"));
        Assert.StartsWith("---\nlibrary_name: transformers\npipeline_tag: text-generation\nlicense: apache-2.0\nlicense_name: x\n---\n\n# tiny, adapted\n", text);
        Assert.Contains("\nAdapted to 3 prompts.\n", text, StringComparison.Ordinal);
        Assert.Contains("| base model | `models/tiny` |\n| model | qwen3, ", text, StringComparison.Ordinal);
        Assert.Contains("| steps | 30 |\n| odd | a\\|b c |\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Before and after", text, StringComparison.Ordinal);
        Assert.Contains("AutoModelForCausalLM.from_pretrained", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_can_be_written_again_and_edited_without_touching_the_manifest()
    {
        using TemporaryFolder source = Source(), target = new();
        var card = new ModelCard { BaseModel = "b", Summary = "s" };
        using (Policy policy = Policy.Load(source.Path)) policy.Save(target.Path, card: card);
        (card with { Results = "pass@1  10.0 → 20.0\n" }).Write(target.Path);
        Assert.Contains("## Before and after\n\n```text\npass@1  10.0 → 20.0\n```\n", File.ReadAllText(target.File("README.md")), StringComparison.Ordinal);
        File.AppendAllText(target.File("README.md"), "mine");
        Assert.DoesNotContain(ModelCard.FileName, CheckpointFolder.Verify(target.Path));
        Assert.True(CheckpointFolder.IsComplete(target.Path));
    }

    [Fact]
    public void An_adapter_needs_adapters()
    {
        using TemporaryFolder source = Source(), target = new();
        using Policy policy = Policy.Load(source.Path);
        Assert.Contains("no adapters", UserError.Message(() => PeftAdapter.Save(policy.Model, target.Path, "b")));
    }

    private static TemporaryFolder Source()
    {
        var folder = new TemporaryFolder();
        string json = BpeTrainer.Train(["Question: 1+2=?\nAnswer: 3", "Q: 12*3\nA: 36"], 280, ["<|end|>"]);
        Tokenizer tokenizer = Tokenizer.Parse(json);
        ModelConfig config = TinyModels.Config("qwen3") with { VocabSize = tokenizer.VocabSize, EosIds = [tokenizer.TokenToId("<|end|>")!.Value] };
        using (CausalLM model = CausalLM.Create(config, 1)) model.Save(folder.Path);
        folder.Write("tokenizer.json", json);
        folder.Write("tokenizer_config.json", """{ "eos_token":   "<|end|>" }""");
        Directory.CreateDirectory(folder.File("additional_chat_templates"));
        foreach (string name in s_passing)
        {
            bool isJson = name.EndsWith(".json", StringComparison.Ordinal);
            folder.Write(name, isJson ? Encoding.UTF8.GetBytes("{  }\r\n") : [.. Encoding.UTF8.GetBytes(name), 0xEF, 0xBB, 0xBF, 0]);
        }

        return folder;
    }
}
