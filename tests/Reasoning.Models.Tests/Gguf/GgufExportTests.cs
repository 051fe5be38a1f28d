using System.Text.Json.Nodes;
using Reasoning.Models.Config;
using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.Gguf.Export;
using Reasoning.Models.Gguf.Format;
using Reasoning.Models.Gguf.Vocabulary;
using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Models.SafeTensors;
using Reasoning.Models.Tests.Formats;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Tests.Gguf;

public sealed class GgufExportTests
{
    private static readonly GgufTensorType[] s_single = [GgufTensorType.F32];

    [Fact]
    public void One_type_takes_the_name_as_given_and_several_put_theirs_into_it()
    {
        using var folder = new TemporaryFolder();
        string model = GgufModels.Write(folder, Small());
        Assert.Equal([folder.File("a.gguf")], Export(model, folder.File("a.gguf"), GgufTensorType.Q8_0).Select(report => report.File));
        Assert.Equal(
            [folder.File("b-f16.gguf"), folder.File("b-q4_K.gguf")],
            Export(model, folder.File("b.gguf"), GgufTensorType.F16, GgufTensorType.Q4_K).Select(report => report.File));
        Assert.All(Directory.EnumerateFiles(folder.Path), file => Assert.DoesNotContain(".tmp", file));
    }

    [Fact]
    public void The_same_checkpoint_gives_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        string model = GgufModels.Write(folder, Small());
        foreach (GgufTensorType type in GgufTensorTypes.Writable)
        {
            Export(model, folder.File("a.gguf"), type);
            Export(model, folder.File("b.gguf"), type);
            Assert.Equal(File.ReadAllBytes(folder.File("a.gguf")), File.ReadAllBytes(folder.File("b.gguf")));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_tied_head_is_left_out_and_an_untied_one_is_written(bool tied)
    {
        using var folder = new TemporaryFolder();
        string model = GgufModels.Write(folder, Small() with { TieWordEmbeddings = tied });
        GgufReport report = Assert.Single(Export(model, folder.File("a.gguf"), GgufTensorType.F32));
        using GgufReader reader = GgufReader.Open(report.File);
        Assert.Equal(tied, !reader.Tensors.ContainsKey("output.weight"));
        Assert.Contains(report.Checks, check => check.Name == "head" && check.Text.StartsWith(tied ? "tied" : "untied", StringComparison.Ordinal));
        using CausalLM read = ModelFiles.Model(report.File);
        Assert.Equal(tied, read.Config.TieWordEmbeddings);
    }

    [Fact]
    public void Flags_are_written_even_when_false_and_ids_even_where_nothing_asks_for_them()
    {
        using var folder = new TemporaryFolder();
        string model = GgufModels.Write(folder, Small());
        using GgufReader reader = Open(Export(model, folder.File("a.gguf"), GgufTensorType.F32));
        Assert.False(reader.Metadata.OptionalBool(GgufVocabulary.AddBosKey));
        Assert.False(reader.Metadata.OptionalBool(GgufVocabulary.AddEosKey));
        Assert.False(reader.Metadata.OptionalBool(GgufVocabulary.AddSpacePrefixKey));
        Assert.Equal(0, reader.Metadata.Int(GgufVocabulary.BosKey, 0, 10)); // llama.cpp would take token 11
        Assert.Equal("smollm", reader.Metadata.Text(GgufVocabulary.PreKey));
    }

    [Theory]
    [InlineData("""{"bos_token":"<s>","eos_token":"</s>"}""", true, false)]
    [InlineData("""{"bos_token":"<s>","eos_token":"</s>","add_bos_token":false}""", false, false)]
    [InlineData("""{"bos_token":"<s>","eos_token":"</s>","add_bos_token":false,"add_eos_token":true}""", false, true)]
    [InlineData("""{"bos_token":"<s>","eos_token":"</s>","add_bos_token":true,"add_eos_token":true}""", true, true)]
    public void Flags_of_the_tokenizer_reach_the_file_and_come_back(string configJson, bool begins, bool ends)
    {
        using var folder = new TemporaryFolder();
        string model = GgufModels.Write(folder, Small() with { VocabSize = 300 }, TinyTokenizers.SentencePiece(), configJson);
        string file = Assert.Single(Export(model, folder.File("a.gguf"), GgufTensorType.F32)).File;
        using GgufReader reader = GgufReader.Open(file);
        Assert.Equal(begins, reader.Metadata.OptionalBool(GgufVocabulary.AddBosKey));
        Assert.Equal(ends, reader.Metadata.OptionalBool(GgufVocabulary.AddEosKey));
        Assert.Equal(1, reader.Metadata.Int(GgufVocabulary.BosKey, 0, 9));
        int[] text = Tokenizer.Load(model).Encode("ab abc", addSpecialTokens: false);
        int[] expected = [.. begins ? [1] : (int[])[], .. text, .. ends ? [2] : (int[])[]];
        foreach (string place in (string[])[model, file]) Assert.Equal(expected, ModelFiles.Tokenizer(place).Encode("ab abc"));
        Assert.Equal(1, ModelFiles.Tokenizer(file).BosId);
    }

    [Fact]
    public void No_message_names_the_temporary_file()
    {
        using var folder = new TemporaryFolder();
        string model = GgufModels.Write(folder, Small()), target = folder.File("a.gguf");
        var said = new List<string>();
        // What was written is cut before it is read back.
        said.Add(UserError.Message(() => GgufExport.Write(model, target, s_single, progress: line =>
        {
            foreach (string file in Directory.EnumerateFiles(folder.Path, ".a.gguf.tmp-*")) File.WriteAllBytes(file, [1, 2, 3]);
        })));
        said.Add(UserError.Message(() => CheckpointFolder.Write(folder.File("out"), temporary => File.ReadAllBytes(Path.Combine(temporary, "gone")))));
        Assert.All(said, message => Assert.DoesNotContain("tmp", message.Replace(Path.GetTempPath(), "", StringComparison.Ordinal)));
        Assert.StartsWith($"{target}: ", said[0], StringComparison.Ordinal);
        Assert.Contains(folder.File("out/gone"), said[1]);
    }

    [Fact]
    public void Rows_beyond_the_tokenizer_get_named_unused_tokens()
    {
        using var folder = new TemporaryFolder();
        string model = GgufModels.Write(folder, Small() with { VocabSize = 420 }, TinyTokenizers.Trained(350));
        GgufReport report = Assert.Single(Export(model, folder.File("a.gguf"), GgufTensorType.F32));
        using GgufReader reader = GgufReader.Open(report.File);
        GgufVocabulary vocabulary = GgufVocabulary.Read(reader.Metadata);
        int tokens = Tokenizer.Load(model).VocabSize;
        Assert.Equal(420, vocabulary.Tokens.Length);
        Assert.Equal("[PAD419]", vocabulary.Tokens[^1]);
        Assert.All(vocabulary.Types.Skip(tokens), type => Assert.Equal(GgufTokenType.Unused, type));
        Assert.Contains(report.Checks, check => check.Name == "tokens" && check.Text.StartsWith($"{tokens} tokens for 420 rows", StringComparison.Ordinal));
        Assert.Equal(tokens, ModelFiles.Tokenizer(report.File).VocabSize);
    }

    [Fact]
    public void Several_stop_ids_are_spread_over_the_fields_and_the_runner_file_has_all()
    {
        using var folder = new TemporaryFolder();
        string[] special = ["<|end|>", "<|turn|>", "<|eom_id|>", "<|other|>"];
        ModelConfig config = Small() with { EosIds = [0, 1, 2, 3] };
        string model = GgufModels.Write(
            folder, config, BpeTrainer.Train([TinyTokenizers.Corpus], 400, special), """{"eos_token":"<|turn|>"}""");
        GgufReport report = Assert.Single(Export(model, folder.File("a.gguf"), GgufTensorType.F32));
        using GgufReader reader = GgufReader.Open(report.File);
        Assert.Equal(
            (1, 0, 2),
            (reader.Metadata.Int(GgufVocabulary.EosKey, 0, 9), reader.Metadata.Int(GgufVocabulary.EotKey, 0, 9), reader.Metadata.Int(GgufVocabulary.EomKey, 0, 9)));
        Assert.Contains(report.Checks, check => check.IsNote && check.Text.Contains("no field for <|other|>", StringComparison.Ordinal));
        string modelfile = File.ReadAllText(folder.File("a.Modelfile"));
        Assert.All(special, token => Assert.Contains($"PARAMETER stop \"{token}\"\n", modelfile));
        Assert.StartsWith("# ollama create a -f a.Modelfile\nFROM ./a.gguf\n", modelfile, StringComparison.Ordinal);
    }

    [Fact]
    public void The_chat_template_is_copied_character_for_character()
    {
        const string Template = "{% for m in messages %}<|im_start|>{{ m.role }}\r\n  é ▁ \\n \"{{ m.content }}\"{% endfor %}\n\n";
        using var folder = new TemporaryFolder();
        string configJson = new JsonObject { ["eos_token"] = "<|endoftext|>", ["chat_template"] = Template }.ToJsonString();
        string model = GgufModels.Write(folder, Small(), configJson: configJson);
        using (GgufReader reader = Open(Export(model, folder.File("a.gguf"), GgufTensorType.F32)))
            Assert.Equal(Template, reader.Metadata.Text("tokenizer.chat_template"));
        Assert.Contains("TEMPLATE \"\"\"{{- range .Messages }}<|im_start|>", File.ReadAllText(folder.File("a.Modelfile")));
        File.WriteAllText(Path.Combine(model, "chat_template.jinja"), "from the file\n");
        using (GgufReader reader = Open(Export(model, folder.File("a.gguf"), GgufTensorType.F32)))
            Assert.Equal("from the file\n", reader.Metadata.Text("tokenizer.chat_template"));
        File.Delete(Path.Combine(model, "chat_template.jinja"));
        File.WriteAllText(Path.Combine(model, "tokenizer_config.json"), """
            {"eos_token":"<|endoftext|>","chat_template":[{"name":"tool_use","template":"T"},{"name":"default","template":"D"}]}
            """);
        using (GgufReader reader = Open(Export(model, folder.File("a.gguf"), GgufTensorType.F32)))
        {
            Assert.Equal("D", reader.Metadata.Text("tokenizer.chat_template"));
            Assert.Equal("T", reader.Metadata.Text("tokenizer.chat_template.tool_use"));
            Assert.Equal(["tool_use"], reader.Metadata.OptionalTexts("tokenizer.chat_templates")!);
        }
    }

    [Fact]
    public void A_plain_prompt_template_goes_into_the_file_and_the_runner_file()
    {
        using var folder = new TemporaryFolder();
        string model = GgufModels.Write(folder, Small());
        File.WriteAllText(Path.Combine(model, "reasoning.json"), """{"prompt_template":"Q {{x}}: {prompt}\nA:"}""");
        GgufReport report = Assert.Single(Export(model, folder.File("a.gguf"), GgufTensorType.F32));
        Assert.Contains("TEMPLATE \"\"\"Q {{ \"{{\" }}x}}: {{ .Prompt }}\nA:\"\"\"", File.ReadAllText(folder.File("a.Modelfile")));
        using Policy policy = Policy.Load(report.File);
        Assert.Equal("Q {{x}}: {prompt}\nA:", policy.PromptTemplate);
    }

    [Fact]
    public void The_name_of_the_pre_tokenizer_follows_from_its_patterns()
    {
        (string Patterns, bool Ignore, string Expected)[] cases =
        [
            (WordScanners.Llama3, true, "llama-bpe"), (WordScanners.Llama3, false, "dbrx"),
            (WordScanners.Qwen2, false, "qwen2"), (WordScanners.Gpt2, false, "gpt-2"),
        ];
        using var folder = new TemporaryFolder();
        foreach ((string pattern, bool ignore, string expected) in cases)
        {
            string model = GgufModels.Write(folder, Small(), Split(pattern, ignore));
            GgufReport report = Assert.Single(Export(model, folder.File("a.gguf"), GgufTensorType.F32));
            Assert.Equal(expected, report.PreTokenizer);
            Assert.Contains("model type llama", report.PreTokenizerReason);
        }
    }

    [Fact]
    public void An_unknown_pre_tokenizer_stops_before_anything_is_written_and_can_be_named()
    {
        using var folder = new TemporaryFolder();
        string model = GgufModels.Write(folder, Small(), Split(@"\p{L}+|[^\p{L}]", false));
        string message = UserError.Message(() => Export(model, folder.File("a.gguf"), GgufTensorType.F32));
        Assert.Contains(@"cuts by \p{L}+|[^\p{L}]", message);
        Assert.Contains("--pre: llama-bpe, llama3", message);
        Assert.Contains("known names are", UserError.Message(() => GgufExport.Write(model, folder.File("a.gguf"), s_single, "nonsense")));

        // A name that cuts otherwise is found out when the file is read back.
        Assert.Contains("the ids of the probe text", UserError.Message(() => GgufExport.Write(model, folder.File("a.gguf"), s_single, "qwen2")));
        Assert.Equal([model], Directory.EnumerateFileSystemEntries(folder.Path));

        // Without merges all patterns give the same ids, so any name is right.
        string bytes = GgufModels.Write(folder, Small(), WithPattern(TinyTokenizers.Bytes("<|endoftext|>"), @"\p{L}+|[^\p{L}]", false), name: "bytes");
        GgufReport report = Assert.Single(GgufExport.Write(bytes, folder.File("a.gguf"), s_single, "deepseek-r1-qwen"));
        Assert.Equal("deepseek-r1-qwen", report.PreTokenizer);
        Assert.Contains("--pre", report.PreTokenizerReason);
    }

    [Fact]
    public void What_a_file_cannot_say_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        ModelConfig small = Small();
        (ModelConfig Config, string? Json, string Expected)[] cases =
        [
            (small with { Scaling = new RopeScaling(RopeScalingKind.Dynamic, 2) { OriginalMaxPositions = 64 } }, null, "'rope_scaling' is dynamic"),
            (
                small with { Scaling = new RopeScaling(RopeScalingKind.Yarn, 2) { OriginalMaxPositions = 64, Truncate = false } }, null,
                "yarn with truncate false"),
            (
                GgufModels.Config("qwen3") with { Scaling = new RopeScaling(RopeScalingKind.Llama3, 2) { OriginalMaxPositions = 64 } }, null,
                "architecture qwen3 cannot say"),
            (GgufModels.Config("mistral") with { SlidingWindow = 64 }, null, "see only the last 64 of 256 tokens"),
            (GgufModels.Config("gemma3_text") with { QueryScalar = 100 }, null, "'query_pre_attn_scalar' is 100"),
            (
                GgufModels.Config("gemma3_text") with { SlidingLayers = [true, false, true, false, true, false] }, null,
                "do not slide 5 of 6"),
            (small, TinyTokenizers.With(TinyTokenizers.Trained(400), "normalizer", """{"type":"Lowercase"}"""), "'normalizer' has Lowercase"),
            (
                small, TinyTokenizers.With(TinyTokenizers.Trained(400), "pre_tokenizer", """{"type":"Whitespace"}"""),
                "'pre_tokenizer' has Whitespace"),
        ];
        foreach ((ModelConfig config, string? json, string expected) in cases)
        {
            string model = GgufModels.Write(folder, config, json);
            Assert.Contains(expected, UserError.Message(() => Export(model, folder.File("a.gguf"), GgufTensorType.F32)));
            Assert.False(File.Exists(folder.File("a.gguf")));
        }
    }

    [Fact]
    public void Weights_that_are_not_floats_are_refused()
    {
        using var folder = new TemporaryFolder();
        string model = GgufModels.Write(folder, Small());
        string file = Path.Combine(model, "model.safetensors");
        List<SafeTensorSource> sources = [];
        using (SafeTensorsReader reader = SafeTensorsReader.Open(file))
        {
            foreach (SafeTensorEntry entry in reader.Entries.Values)
            {
                byte[] bytes = new byte[entry.ByteLength];
                reader.ReadRaw(entry.Name, bytes);
                bool quantized = entry.Name.EndsWith("q_proj.weight", StringComparison.Ordinal);
                sources.Add(quantized
                    ? SafeTensorSource.Raw(entry.Name, entry.Shape, SafeTensorsDType.I8, new byte[entry.Count])
                    : SafeTensorSource.Raw(entry.Name, entry.Shape, entry.DType, bytes));
            }
        }

        SafeTensorsWriter.Write(file, sources);
        Assert.Contains("has type I8; export needs the float weights", UserError.Message(() => Export(model, folder.File("a.gguf"), GgufTensorType.F32)));
        Assert.Contains("is a GGUF file", UserError.Message(() => Export(folder.File("x.gguf"), folder.File("a.gguf"), GgufTensorType.F32)));
        Assert.Contains("is a folder", UserError.Message(() => Export(model, model, GgufTensorType.F32)));
    }

    [Fact]
    public void A_value_beyond_half_precision_is_named_and_no_file_is_left()
    {
        using var folder = new TemporaryFolder();
        string model = GgufModels.Write(folder, Small());
        using (CausalLM large = CausalLM.Load(model))
        {
            using IDisposable noGradient = TorchSharp.torch.no_grad();
            using TorchSharp.Scalar million = 1e6;
            large.EmbedTokens.mul_(million);
            large.Save(model);
        }

        Assert.Contains("beyond the 65504 of f16; take bf16", UserError.Message(() => Export(model, folder.File("a.gguf"), GgufTensorType.F16)));
        Assert.Equal([model], Directory.EnumerateFileSystemEntries(folder.Path));
        Export(model, folder.File("a.gguf"), GgufTensorType.BF16);
    }

    [Fact]
    public void Rows_that_are_no_whole_blocks_fall_back_and_the_checklist_says_so()
    {
        using var folder = new TemporaryFolder();
        ModelConfig config = Small() with { HiddenSize = 96, Heads = 6, KeyValueHeads = 6, HeadDim = 16, IntermediateSize = 100 };
        string model = GgufModels.Write(folder, config);
        GgufReport report = Assert.Single(Export(model, folder.File("a.gguf"), GgufTensorType.Q4_K));
        using GgufReader reader = GgufReader.Open(report.File);
        Assert.Equal(GgufTensorType.Q8_0, reader.Find("blk.0.attn_q.weight").Type);
        Assert.Equal(GgufTensorType.F16, reader.Find("blk.0.ffn_down.weight").Type);
        Assert.Equal(GgufTensorType.F32, reader.Find("blk.0.attn_norm.weight").Type);
        Assert.Equal(2, report.Checks.Count(check => check is { Name: "fallback", IsNote: true }));
    }

    private static ModelConfig Small() => GgufModels.Config("llama") with
    {
        HiddenSize = 64,
        IntermediateSize = 64,
        Layers = 1,
        Heads = 4,
        KeyValueHeads = 2,
        HeadDim = 16,
    };

    private static IReadOnlyList<GgufReport> Export(string model, string file, params GgufTensorType[] types) => GgufExport.Write(model, file, types);

    private static GgufReader Open(IReadOnlyList<GgufReport> reports) => GgufReader.Open(Assert.Single(reports).File);

    private static string Split(string pattern, bool ignoresMerges) => WithPattern(TinyTokenizers.Trained(400), pattern, ignoresMerges);

    private static string WithPattern(string json, string pattern, bool ignoresMerges)
    {
        var steps = new JsonArray(
            new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = pattern }, ["behavior"] = "Isolated", ["invert"] = false },
            new JsonObject { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["use_regex"] = false });
        json = TinyTokenizers.With(json, "pre_tokenizer", new JsonObject { ["type"] = "Sequence", ["pretokenizers"] = steps }.ToJsonString());
        return TinyTokenizers.With(json, "model.ignore_merges", ignoresMerges ? "true" : "false");
    }
}
