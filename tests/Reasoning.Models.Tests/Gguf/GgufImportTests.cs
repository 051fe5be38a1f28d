using Reasoning.Models.Chat;
using Reasoning.Models.Config;
using Reasoning.Models.Generation;
using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.Gguf.Export;
using Reasoning.Models.Gguf.Format;
using Reasoning.Models.Gguf.Import;
using Reasoning.Models.Gguf.Vocabulary;
using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Models.Random;
using Reasoning.Models.Tests.Formats;

namespace Reasoning.Models.Tests.Gguf;

public sealed class GgufImportTests
{
    public static TheoryData<string> Families => ["llama", "mistral", "qwen2", "qwen3", "gemma3_text"];

    [Theory]
    [MemberData(nameof(Families))]
    public void A_policy_comes_back_from_f32_with_every_value(string family)
    {
        using var folder = new TemporaryFolder();
        string model = GgufModels.Write(folder, GgufModels.Config(family));
        string file = GgufExport.Write(model, folder.File("m.gguf"), [GgufTensorType.F32])[0].File;
        using Policy before = Policy.Load(model);
        using Policy after = Policy.Load(file);
        foreach (((string name, TorchSharp.Modules.Parameter expected), (string other, TorchSharp.Modules.Parameter found)) in
            before.Model.named_parameters().Zip(after.Model.named_parameters()))
        {
            Assert.Equal(name, other);
            // Gemma's norms are stored with one added, which costs the last bits.
            double tolerance = after.Model.Config.Family.ZeroCenteredNorms && expected.ndim == 1 ? 1.2e-7 : 0;
            Assert.All(
                Parameters.Values(expected).ToArray().Zip(Parameters.Values(found).ToArray()), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, tolerance));
        }

        foreach (string text in (string[])["48 clips in May", "naïve 漢字 🙂\n\n x", "a<|endoftext|>b"])
            Assert.Equal(before.Tokenizer.Encode(text), after.Tokenizer.Encode(text));
        StopToken stop = Assert.Single(after.Stops);
        Assert.Equal((0, "<|endoftext|>", "m.gguf"), (stop.Id, stop.Text, Assert.Single(stop.Sources)));
        Assert.Equal(before.Text(Greedy(before)), after.Text(Greedy(after)));
    }

    [Fact]
    public void A_policy_from_a_file_is_saved_as_a_checkpoint_folder_that_loads_alike()
    {
        using var folder = new TemporaryFolder();
        string model = GgufModels.Write(
            folder, GgufModels.Config("llama") with { BosId = 1, EosIds = [0] }, TinyTokenizers.Trained(GgufModels.Vocabulary, "<|user|>"),
            """{"bos_token":"<|user|>","eos_token":"<|endoftext|>","chat_template":"{{ bos_token }}\n"}""");
        string file = GgufExport.Write(model, folder.File("m.gguf"), [GgufTensorType.Q8_0])[0].File;
        using (Policy policy = Policy.Load(file)) policy.Save(folder.File("saved"));
        using Policy fromFile = Policy.Load(file);
        using Policy fromFolder = Policy.Load(folder.File("saved"));
        Assert.Equal(fromFile.Tokenizer.SourceJson, fromFolder.Tokenizer.SourceJson);
        Assert.Equal((1, 0), (fromFolder.Tokenizer.BosId, fromFolder.Tokenizer.EosId));
        Assert.Equal([1], fromFolder.Tokenizer.Prefix);
        Assert.Equal(fromFile.Stops.Select(stop => stop.Id), fromFolder.Stops.Select(stop => stop.Id));
        foreach (((_, TorchSharp.Modules.Parameter a), (_, TorchSharp.Modules.Parameter b)) in
            fromFile.Model.named_parameters().Zip(fromFolder.Model.named_parameters()))
        {
            Assert.Equal(Parameters.Values(a).ToArray(), Parameters.Values(b).ToArray());
        }

        // The round trip ends where it began: exported again in single precision, the folder gives a file with the same tokenizer.
        GgufReport again = GgufExport.Write(folder.File("saved"), folder.File("again.gguf"), [GgufTensorType.F32])[0];
        using GgufReader first = GgufReader.Open(file), second = GgufReader.Open(again.File);
        Assert.Equal("{{ bos_token }}\n", second.Metadata.Text("tokenizer.chat_template"));
        foreach (string key in first.Metadata.Keys.Where(key => key.StartsWith("tokenizer.", StringComparison.Ordinal)))
            Assert.Equal(first.Metadata.Describe(key), second.Metadata.Describe(key));
    }

    [Fact]
    public void Llama_3_scaling_is_recognized_in_the_factors()
    {
        RopeScaling[] scalings =
        [
            new(RopeScalingKind.Llama3, 8) { OriginalMaxPositions = 8192, LowFreqFactor = 1, HighFreqFactor = 4 },
            new(RopeScalingKind.Llama3, 32) { OriginalMaxPositions = 8192, LowFreqFactor = 1, HighFreqFactor = 4 },
            new(RopeScalingKind.Llama3, 4) { OriginalMaxPositions = 2048, LowFreqFactor = 2, HighFreqFactor = 8 },
        ];
        foreach (RopeScaling scaling in scalings)
        {
            ModelConfig config = GgufModels.Config("llama") with { HeadDim = 128, RopeTheta = 500_000, Scaling = scaling };
            RopeScaling found = FrequencyFactors.Scaling(FrequencyFactors.Of(config), config with { Scaling = null }, "x.gguf")!;
            double[] expected = RotaryFrequencies.Compute(config, 1), read = RotaryFrequencies.Compute(config with { Scaling = found }, 1);
            Assert.All(expected.Zip(read), pair => Assert.Equal(1, pair.Second / pair.First, 1e-3));
        }

        ModelConfig plain = GgufModels.Config("llama");
        Assert.Null(FrequencyFactors.Scaling([1, 1, 1], plain, "x.gguf"));
        Assert.Contains("not those of Llama 3", UserError.Message(() => FrequencyFactors.Scaling([.. Enumerable.Range(0, 32).Select(i => i % 2 + 1f)], plain, "x")));
    }

    [Fact]
    public void Any_Llama_3_scaling_is_found_again_however_few_pairs_there_are()
    {
        var random = new KeyedStream(31, 4);
        for (int i = 0; i < 2_000; i++)
        {
            double low = Math.Exp((random.NextDouble() * 4) - 2);
            ModelConfig config = GgufModels.Config("llama") with
            {
                HeadDim = 2 * (1 + random.NextInt(i % 4 == 0 ? 64 : 5)),
                RopeTheta = Math.Exp(random.NextDouble() * 14),
                Scaling = new RopeScaling(RopeScalingKind.Llama3, 1 + (31 * random.NextDouble()))
                {
                    OriginalMaxPositions = 1 << random.NextInt(15),
                    LowFreqFactor = low,
                    HighFreqFactor = low + Math.Exp((random.NextDouble() * 6) - 3),
                },
            };
            RopeScaling? found = FrequencyFactors.Scaling(FrequencyFactors.Of(config), config with { Scaling = null }, $"{i}.gguf");
            double[] expected = RotaryFrequencies.Compute(config, 1), read = RotaryFrequencies.Compute(config with { Scaling = found }, 1);
            Assert.All(expected.Zip(read), pair => Assert.Equal(1, pair.Second / pair.First, 2e-4));
        }
    }

    [Theory]
    [InlineData(4, 10_000, 8, 64)]
    [InlineData(4, 10, 8, 64)]
    [InlineData(2, 10_000, 8, 2)]
    [InlineData(8, 10_000, 8, 1_000_000)] // no pair is touched
    public void A_model_with_few_pairs_and_Llama_3_scaling_is_exported_and_scores_the_same(int headDim, double theta, double factor, int original)
    {
        using var folder = new TemporaryFolder();
        ModelConfig config = GgufModels.Config("llama") with
        {
            HeadDim = headDim,
            RopeTheta = theta,
            Scaling = new RopeScaling(RopeScalingKind.Llama3, factor) { OriginalMaxPositions = original },
        };
        string model = GgufModels.Write(folder, config);
        string file = GgufExport.Write(model, folder.File("m.gguf"), [GgufTensorType.F32])[0].File;
        int[] ids = [.. Enumerable.Range(0, 40).Select(i => i * 7 % 300)];
        using CausalLM one = CausalLM.Load(model), two = ModelFiles.Model(file);
        Assert.All(Scorer.Score(one, ids).logprobs.Zip(Scorer.Score(two, ids).logprobs), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }

    [Fact]
    public void Scalings_come_back()
    {
        RopeScaling[] scalings =
        [
            new(RopeScalingKind.Linear, 2.5) { OriginalMaxPositions = 256 },
            new(RopeScalingKind.Yarn, 4) { OriginalMaxPositions = 64 },
            new(RopeScalingKind.Yarn, 4) { OriginalMaxPositions = 64, BetaFast = 16, BetaSlow = 2 },
        ];
        using var folder = new TemporaryFolder();
        foreach (RopeScaling scaling in scalings)
        {
            string model = GgufModels.Write(folder, GgufModels.Config("qwen3") with { Scaling = scaling, Layers = 1 });
            string file = GgufExport.Write(model, folder.File("m.gguf"), [GgufTensorType.BF16])[0].File;
            using GgufReader reader = GgufReader.Open(file);
            Assert.Equal(scaling, GgufImport.Config(reader).Scaling);
        }
    }

    [Theory]
    [InlineData("llama", RopeScalingKind.Yarn)]
    [InlineData("qwen2", RopeScalingKind.Linear)]
    [InlineData("gemma3_text", null)]
    public void Every_key_that_an_export_writes_is_used_or_refused_or_harmless_for_a_reason(string family, RopeScalingKind? kind)
    {
        using var folder = new TemporaryFolder();
        RopeScaling? scaling = kind is { } k ? new RopeScaling(k, 4) { OriginalMaxPositions = 64, BetaFast = 2, BetaSlow = 0.2, AttentionFactor = 1.2 } : null;
        bool isByteLevel = family != "llama";
        string model = GgufModels.Write(
            folder, GgufModels.Config(family, isByteLevel ? GgufModels.Vocabulary : 270) with { Scaling = scaling, EosIds = [2, 3, 4], BosId = 1 },
            isByteLevel ? TinyTokenizers.Bytes("<unk>", "<s>", "</s>", "<turn>", "<eom>") : TinyTokenizers.SentencePiece(),
            """{"bos_token":"<s>","eos_token":"</s>","pad_token":"<unk>","add_bos_token":true}""");
        byte[] bytes = File.ReadAllBytes(GgufExport.Write(model, folder.File("m.gguf"), [GgufTensorType.F32])[0].File);
        string untouched = Outcome(bytes);
        Assert.DoesNotContain("error", untouched);
        using GgufReader reader = GgufReader.Open(folder.File("m.gguf"));
        var without = new List<string>();
        foreach (string key in reader.Metadata.Keys)
        {
            GgufValue value = reader.Metadata.Find(key)!.Value;
            byte[] changed = [.. bytes];
            Span<byte> place = changed.AsSpan((int)value.Offset);
            if (value.Type == GgufValueType.Float32 && value.IsArray)
            {
                for (int i = 0; i < value.Count; i++) place[(4 * i) + 3] ^= 128; // scores in the other order
            }
            else if (value.Type == GgufValueType.Float32) BitConverter.TryWriteBytes(place, (BitConverter.ToSingle(place) * 3) + 0.5f);
            else if (value.Type == GgufValueType.String) place[8] ^= 3;
            else place[0] ^= (byte)(value.Type == GgufValueType.Bool ? 1 : 32);
            if (Outcome(changed) == untouched) without.Add(key);
        }

        string other = isByteLevel ? GgufVocabulary.PreKey : GgufVocabulary.AddSpacePrefixKey;
        Assert.Equal("", string.Join(' ', without.Except(ArchitectureMetadata.Harmless.Keys.Where(key => key != other))));

        string Outcome(byte[] file)
        {
            try
            {
                using Policy policy = Policy.Load(folder.Write("changed.gguf", file));
                int[] ids = policy.Tokenizer.Encode("ab abc ab, abc 12" + new string('x', 60));
                return $"{string.Join(' ', ids)} {policy.Tokenizer.PadId} {policy.Tokenizer.BosId} {policy.Model.Config.BosId} "
                    + $"{policy.Model.Config.MaxPositions} {policy.Tokenizer.Decode(ids)} {policy.Tokenizer.SourceJson.GetHashCode(StringComparison.Ordinal)} "
                    + $"{string.Join(' ', policy.Stops.Select(stop => stop.Id))} {string.Join(' ', Scorer.Score(policy.Model, ids).logprobs)}";
            }
            catch (UserErrorException e)
            {
                return $"error: {e.Message}";
            }
        }
    }

    [Fact]
    public void What_is_not_supported_is_refused_with_the_key()
    {
        using var folder = new TemporaryFolder();
        (Action<GgufMetadataWriter> Write, string Expected)[] cases =
        [
            (writer => writer.Add("general.architecture", "mamba"), "architecture 'mamba' is not supported"),
            (_ => { }, "'general.architecture' is missing"),
            (writer =>
            {
                writer.Add("general.architecture", "llama");
                writer.Add("llama.embedding_length", 64);
                writer.Add("llama.attention.head_count", 4);
                writer.Add("llama.expert_count", 8);
            }, "mixtures of experts"),
            (writer =>
            {
                writer.Add("general.architecture", "llama");
                writer.Add("llama.embedding_length", 64);
                writer.Add("llama.attention.head_count", 4);
                writer.Add("llama.rope.dimension_count", 8);
            }, "is 8; only 16"),
        ];
        foreach ((Action<GgufMetadataWriter> write, string expected) in cases)
        {
            var metadata = new GgufMetadataWriter();
            metadata.Add(GgufVocabulary.ModelKey, "llama");
            metadata.Add(GgufVocabulary.TokensKey, ["a", "b"]);
            metadata.Add(GgufVocabulary.ScoresKey, [0f, 0f]);
            write(metadata);
            GgufWriter.Write(folder.File("m.gguf"), metadata, []);
            Assert.Contains(expected, UserError.Message(() => Policy.Load(folder.File("m.gguf"))));
        }

        var other = new GgufMetadataWriter();
        other.Add(GgufVocabulary.ModelKey, "t5");
        GgufWriter.Write(folder.File("m.gguf"), other, []);
        Assert.Contains("is 't5', which is not supported", UserError.Message(() => ModelFiles.Tokenizer(folder.File("m.gguf"))));
        other = new GgufMetadataWriter();
        other.Add(GgufVocabulary.ModelKey, "gpt2");
        GgufWriter.Write(folder.File("m.gguf"), other, []);
        Assert.Contains("is 'default', which is not known; known are llama-bpe", UserError.Message(() => ModelFiles.Tokenizer(folder.File("m.gguf"))));
        Assert.Contains("no such file", UserError.Message(() => Policy.Load(folder.File("none.gguf"))));
    }

    [Fact]
    public void Stories260k_goes_through_a_file_and_a_folder_with_the_same_ids()
    {
        string model = SharedFolder.Require("models/stories260k");
        using var folder = new TemporaryFolder();
        string file = GgufExport.Write(model, folder.File("s.gguf"), [GgufTensorType.F16])[0].File;
        Tokenizer before = Tokenizer.Load(model), after = ModelFiles.Tokenizer(file);
        var random = new KeyedStream(51, 0);
        for (int i = 0; i < 500; i++)
        {
            string text = string.Concat(Enumerable.Range(0, 1 + random.NextInt(30)).Select(_ => Piece(ref random)));
            int[] ids = before.Encode(text);
            Assert.Equal(ids, after.Encode(text));
            Assert.Equal(before.Decode(ids), after.Decode(ids));
        }

        static string Piece(ref KeyedStream random)
        {
            string[] pieces = ["once", " upon", " a", "time", "Lily", "  ", "\n", "é", "漢", "🙂", "<s>", "12", "!", " the", "aaa", "ss", "'s"];
            return pieces[random.NextInt(pieces.Length)];
        }
    }

    private static Rollout Greedy(Policy policy) => policy.Generator.Generate(
        [policy.Request(new Prompt("p", "How many clips?", null), 1)], new SamplingOptions { Temperature = 0, MaxNewTokens = 8 })[0][0];
}
