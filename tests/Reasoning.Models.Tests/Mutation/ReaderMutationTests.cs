using System.Text;
using Reasoning.Models.Chat;
using Reasoning.Models.Config;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Models.Random;
using Reasoning.Models.SafeTensors;
using Reasoning.Models.Tests.Formats;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Tests.Mutation;

/// <summary>What readers of files owe to damaged input: see <see cref="HostileInputs"/>.</summary>
public sealed class ReaderMutationTests(ITestOutputHelper output)
{
    private const long Megabyte = 1 << 20;

    private const string Generation = """
        {"bos_token_id":1,"eos_token_id":[2,3],"temperature":0.6,"top_p":0.95,"top_k":20,"do_sample":true,"transformers_version":"4.51.0"}
        """;

    private const string PromptArray = """
        [{"prompt":"How many?","answer":"4","id":"a"},
         {"problem":"What is \\(x\\)?","answer":4, "solution":["a",{"b":[1,2]}]},
         {"question":"Why é \u00e9 \ud83d\ude00?"}]
        """;

    private const string PromptLines = """
        {"prompt":"How many?","answer":"4","id":"a"}
        {"problem":"What is \\(x\\)?","answer":4, "solution":["a",{"b":[1,2]}]}

        {"question":"Why é \u00e9 \ud83d\ude00?"}
        """;

    public static TheoryData<string> Readers => new(s_readers.Keys);

    private static readonly Dictionary<string, Action<int, ITestOutputHelper>> s_readers = new()
    {
        ["safetensors"] = SafeTensors,
        ["safetensors index"] = Index,
        ["config.json"] = (count, output) => HostileInputs.Check(
            [Bytes(ModelConfigTests.Llama3), Bytes(ModelConfigTests.Qwen2), Bytes(ModelConfigTests.Qwen3)], count, 103, Megabyte, output,
            bytes => ModelConfig.Parse(ModelConfigReader.Read(bytes, "config.json").ToJson())),
        ["generation_config.json"] = (count, output) => InFolder(
            [Bytes(Generation)], "generation_config.json", count, 104, output, folder => GenerationDefaults.Load(folder)),
        ["tokenizer.json"] = (count, output) => HostileInputs.Check(
            [.. SmallTokenizers.All.Select(Bytes)], count, 105, 2 * Megabyte, output, ReadTokenizer),
        ["tokenizer_config.json"] = TokenizerSettings,
        ["prompts, JSON"] = (count, output) => HostileInputs.Check(
            [Bytes(PromptArray)], count, 107, Megabyte, output,
            bytes => _ = new PromptSet("p", PromptReader.Read(bytes, "p.json").Prompts)),
        ["prompts, JSON lines"] = (count, output) => HostileInputs.Check(
            [Bytes(PromptLines)], count, 108, Megabyte, output,
            bytes => _ = new PromptSet("p", PromptReader.Read(bytes, "p.jsonl").Prompts)),
    };

    [Theory]
    [MemberData(nameof(Readers))]
    public void Damaged_files_are_read_or_refused_in_one_line(string reader) => s_readers[reader](HostileInputs.Few, output);

    [SlowTheory]
    [MemberData(nameof(Readers))]
    public void Many_damaged_files_are_read_or_refused_in_one_line(string reader) => s_readers[reader](HostileInputs.Many, output);

    public static TheoryData<string> JsonReaders => new(s_jsonReaders.Keys);

    // Each gets the path of a file, in a folder of its own, whose text it reads as JSON.
    private static readonly Dictionary<string, Action<string>> s_jsonReaders = new()
    {
        ["config.json"] = file => ModelConfig.Load(Path.GetDirectoryName(file)!),
        ["generation_config.json"] = file => GenerationDefaults.Load(Path.GetDirectoryName(file)!),
        ["tokenizer.json"] = file => Tokenizer.Load(file),
        ["tokenizer_config.json"] = file => TokenizerConfig.Load(Path.GetDirectoryName(file)!),
        ["special_tokens_map.json"] = file => TokenizerConfig.Load(Path.GetDirectoryName(file)!),
        ["chat_template.json"] = file => ChatFormat.Load(Path.GetDirectoryName(file)!),
        ["reasoning.json"] = file => PromptSettings.Load(Path.GetDirectoryName(file)!),
        ["model.safetensors.index.json"] = file => CheckpointFiles.Open(Path.GetDirectoryName(file)!),
        ["manifest.json"] = file => CheckpointFolder.Verify(Path.GetDirectoryName(file)!),
        ["adapter_config.json"] = file => ModelConfig.Load(Path.GetDirectoryName(file)!),
        ["messages.json"] = file => ChatConversation.Load(file),
        ["prompts.json"] = file => PromptSet.Load(file),
        ["prompts.jsonl"] = file => PromptSet.Load(file),
        ["model.safetensors"] = file => SafeTensorsReader.Open(file),
    };

    [Theory]
    [MemberData(nameof(JsonReaders))]
    public void A_hundred_thousand_brackets_are_refused_in_one_line(string name)
    {
        foreach ((string open, string value, string close) in ((string, string, string)[])[("[", "", "]"), ("{\"model\":", "1", "}")])
        {
            foreach (bool isClosed in (bool[])[true, false])
            {
                using var folder = new TemporaryFolder();
                string nested = string.Concat(Enumerable.Repeat(open, 100_000)) + value
                    + (isClosed ? string.Concat(Enumerable.Repeat(close, 100_000)) : "");
                byte[] bytes = Bytes($"{{\"model\":{{\"vocab\":{nested}}}}}");
                if (name == "model.safetensors") bytes = [.. BitConverter.GetBytes((long)bytes.Length), .. bytes];
                string message = UserError.Message(() => s_jsonReaders[name](folder.Write(name, bytes)));
                Assert.StartsWith(folder.File(name), message, StringComparison.Ordinal);
                Assert.Contains("depth", message);
                Assert.DoesNotContain('\n', message);
            }
        }
    }

    [Fact]
    public void A_variant_is_the_same_in_every_run()
    {
        byte[] valid = Bytes(ModelConfigTests.Llama3);
        Assert.Equal(Mutator.Mutate(valid, 1, 7), Mutator.Mutate(valid, 1, 7));
        string pinned = Encoding.UTF8.GetString(Mutator.Mutate(Bytes("{\"a\": [1, 2, 3]}"), 1, 7));
        Assert.Equal("{\"a\": [ [ [ [ [ [ [ [ [-100000000, 2, 3]}", pinned);
        int distinct = Enumerable.Range(0, 500).Select(n => KeyedRandom.Key(Mutator.Mutate(valid, 1, (ulong)n))).Distinct().Count();
        Assert.InRange(distinct, 450, 500);
        Assert.All(Enumerable.Range(0, 500), n => Mutator.Mutate([], 1, (ulong)n));
    }

    private static void SafeTensors(int count, ITestOutputHelper output)
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("model.safetensors");
        SafeTensorSource[] tensors =
        [
            new SafeTensorSource("a.weight", [2, 3], SafeTensorsDType.F32, new float[6]),
            new SafeTensorSource("b.weight", [4], SafeTensorsDType.BF16, new float[4]),
            new SafeTensorSource("c.weight", [2, 2], SafeTensorsDType.F16, new float[4]),
        ];
        SafeTensorsWriter.Write(file, tensors);
        InFolder([File.ReadAllBytes(file)], "model.safetensors", count, 101, output, path =>
        {
            using CheckpointFiles files = CheckpointFiles.Open(path);
            foreach (SafeTensorEntry entry in files.Entries.Values)
            {
                bool isFloat = entry.DType is SafeTensorsDType.F32 or SafeTensorsDType.F16 or SafeTensorsDType.BF16;
                if (isFloat) files.Read(entry.Name, new float[entry.Count]);
            }
        });
    }

    private static void Index(int count, ITestOutputHelper output)
    {
        using var folder = new TemporaryFolder();
        SafeTensorsWriter.Write(folder.File("m-1.safetensors"), [new SafeTensorSource("a", [2], SafeTensorsDType.F32, new float[2])]);
        SafeTensorsWriter.Write(folder.File("m-2.safetensors"), [new SafeTensorSource("b", [2], SafeTensorsDType.F32, new float[2])]);
        const string Text = """{"metadata":{"total_size":16},"weight_map":{"a":"m-1.safetensors","b":"m-2.safetensors"}}""";
        HostileInputs.Check([Bytes(Text)], count, 102, Megabyte, output, bytes =>
        {
            folder.Write("model.safetensors.index.json", bytes);
            CheckpointFiles.Open(folder.Path).Dispose();
        });
    }

    private static void TokenizerSettings(int count, ITestOutputHelper output)
    {
        const string Text = """
            {"bos_token":{"content":"<s>","lstrip":false},"eos_token":"</s>","pad_token":null,"add_bos_token":true,
             "added_tokens_decoder":{"0":{"content":"<unk>","special":true}},"model_max_length":1e30}
            """;
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer.json", SmallTokenizers.SentencePiece);
        HostileInputs.Check([Bytes(Text)], count, 106, 2 * Megabyte, output, bytes =>
        {
            folder.Write("tokenizer_config.json", bytes);
            Tokenizer.Load(folder.Path).Encode("ab");
        });
    }

    private static void ReadTokenizer(byte[] bytes)
    {
        Tokenizer tokenizer = Tokenizer.Parse(bytes, "tokenizer.json");
        int[] ids = tokenizer.Encode("ab  abc12 é, 'LL 😀<s>\n\n");
        tokenizer.Decode(ids, skipSpecialTokens: false);
    }

    private static void InFolder(byte[][] valid, string name, int count, ulong seed, ITestOutputHelper output, Action<string> read)
    {
        using var folder = new TemporaryFolder();
        HostileInputs.Check(valid, count, seed, Megabyte, output, bytes =>
        {
            folder.Write(name, bytes);
            read(folder.Path);
        });
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
