using System.Globalization;
using System.Text.Json;
using Reasoning.Models.Generation;
using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.Gguf.Export;
using Reasoning.Models.Gguf.Format;
using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;

namespace Reasoning.Models.Tests.Gguf;

/// <summary>Our files as other programs read them: llama.cpp's token ids, greedy continuation and log-probabilities.</summary>
[Trait("Category", "Oracle")]
public sealed class LlamaCppTests(LlamaCppRun run, ITestOutputHelper output) : IClassFixture<LlamaCppRun>
{
    // In nats, the mean over 48 places. Random weights lose more than trained ones: nothing in them is redundant, and their
    // distributions are sharp. Last column: the same file read by us, which decodes the same values but rounds no activations, as
    // llama.cpp does, to 8 bits for quantized matrices and to 16 for half-precision ones.
    private static readonly Dictionary<GgufTensorType, (double Trained, double Random, double SameFile)> s_divergence = new()
    {
        [GgufTensorType.F32] = (1e-9, 1e-6, 1e-6),
        [GgufTensorType.F16] = (1e-5, 1e-4, 1e-4),
        [GgufTensorType.BF16] = (1e-3, 2e-3, 2e-3),
        [GgufTensorType.Q8_0] = (5e-3, 0.02, 0.02),
        [GgufTensorType.Q4_0] = (0.4, 1.5, 0.05),
        [GgufTensorType.Q4_K] = (0.02, 1, 0.05),
    };

    public static TheoryData<string> Forms => [.. LlamaCppRun.Forms];

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_model_of_each_family_is_the_same_there(string form)
    {
        NodeOracle.Require("node-llama-cpp");
        Compare(form, run[form]);
    }

    [Fact]
    public void Stories260k_gives_the_reference_there()
    {
        NodeOracle.Require("node-llama-cpp");
        string model = SharedFolder.Require("models/stories260k");
        using var folder = new TemporaryFolder();
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(model, "expected.json")));
        int[] greedy = Ints(expected.RootElement.GetProperty("greedy_ids"));
        JsonElement[] cases = [.. expected.RootElement.GetProperty("cases").EnumerateArray()];
        var asked = new LlamaCppCase(model, folder.File("s.gguf"));
        List<LlamaAnswer> answers = LlamaCpp.Ask(
        [
            LlamaCpp.Request(
                asked.Reports[0].File, texts: cases.Select(known => known.GetProperty("text").GetString()!),
                scores: cases.Select(known => Ints(known.GetProperty("ids"))), greedy: greedy[..1], count: greedy.Length - 1, ends: [0, 1, 2]),
            .. asked.Reports.Select(report => LlamaCppRun.Request(report, asked)),
        ]);
        Assert.Equal(greedy[1..], answers[0].Greedy);
        Assert.Equal([false, false, true], answers[0].Ends);
        for (int i = 0; i < cases.Length; i++)
        {
            int[] ids = Ints(cases[i].GetProperty("ids"));
            Assert.Equal(ids, answers[0].Ids[i]);
            double[][] logProbs = answers[0].LogProbs(i);
            for (int at = 1; at < ids.Length; at++)
                Assert.Equal(cases[i].GetProperty("logprobs")[at - 1].GetDouble(), logProbs[at - 1][ids[at]], 1e-3);
        }

        foreach ((GgufReport report, LlamaAnswer answer) in asked.Reports.Zip(answers.Skip(1))) asked.Answers[report.Type] = answer;
        Compare("stories260k", asked);
    }

    [Fact]
    public void Another_parser_finds_the_same_tensors_and_metadata()
    {
        NodeOracle.Require("@huggingface/gguf");
        using var folder = new TemporaryFolder();
        string model = GgufModels.Write(folder, GgufModels.Config("qwen2"));
        IReadOnlyList<GgufReport> reports = GgufExport.Write(model, folder.File("m.gguf"), [.. GgufTensorTypes.Writable]);
        using JsonDocument parsed = JsonDocument.Parse(NodeOracle.Run("gguf-parse.mjs", [.. reports.Select(report => report.File)]));
        foreach ((GgufReport report, JsonElement found) in reports.Zip(parsed.RootElement.EnumerateArray()))
        {
            using GgufReader reader = GgufReader.Open(report.File);
            JsonElement[] tensors = [.. found.GetProperty("tensors").EnumerateArray()];
            Assert.Equal(reader.Tensors.Count, tensors.Length);
            foreach (JsonElement tensor in tensors)
            {
                GgufTensor known = reader.Find(tensor.GetProperty("name").GetString()!);
                Assert.Equal((int)known.Type, tensor.GetProperty("type").GetInt32());
                Assert.Equal(known.Shape.Reverse(), tensor.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()));
            }

            foreach (string key in reader.Metadata.Keys)
            {
                JsonElement value = found.GetProperty("metadata").GetProperty(key);
                GgufValue known = reader.Metadata.Find(key)!.Value;
                Assert.Equal(known.IsArray ? (int)GgufValueType.Array : (int)known.Type, value.GetProperty("type").GetInt32());
                if (known.IsArray) Assert.Equal(known.Count, value.GetProperty("value").GetProperty("length").GetInt32());
                if (known is { IsArray: false, Type: GgufValueType.String })
                    Assert.Equal(reader.Metadata.Text(key), value.GetProperty("value").GetString());
            }
        }
    }

    private void Compare(string name, LlamaCppCase asked)
    {
        using Policy policy = Policy.Load(asked.Model);
        double[][] expected = GgufModels.LogProbs(policy.Model, asked.Scored);
        foreach (GgufReport report in asked.Reports)
        {
            LlamaAnswer answer = asked.Answers[report.Type];
            Assert.Equal(policy.Tokenizer.Prefix.Count > 0, answer.AddsBos);
            Assert.False(answer.AddsEos);
            Assert.All(answer.Ends, Assert.True);
            double[][] found = answer.LogProbs(0);
            double largest = expected.Zip(found, (a, b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max()).Max();
            double[][] ours = Imported(report.File, asked.Scored);
            double divergence = GgufModels.Divergence(expected, found), sameFile = GgufModels.Divergence(ours, found);
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name} {report.Type.Name()}: log-probabilities differ by at most {largest:g3}, KL {divergence:g3} nats; of the two readers "
                + $"of the file {sameFile:g3}; of the file as we read it {GgufModels.Divergence(expected, ours):g3}"));
            (double trained, double random, double same) = s_divergence[report.Type];
            bool isTrained = name is "starter" or "stories260k";
            Assert.InRange(divergence, -1e-9, isTrained ? trained : random);
            Assert.InRange(sameFile, -1e-9, same);
            if (report.Type != GgufTensorType.F32) continue;

            // Over all tokens, the most improbable, too. llama.cpp takes Gemma's GELU from a table in half precision.
            Assert.InRange(largest, 0, name == "gemma3_text" ? 5e-3 : 1e-3);
            for (int at = 1; at < asked.Scored.Length; at++)
                Assert.Equal(expected[at - 1][asked.Scored[at]], found[at - 1][asked.Scored[at]], 1e-3);
            for (int t = 0; t < asked.Texts.Length; t++) Assert.Equal(policy.Tokenizer.Encode(asked.Texts[t]), answer.Ids[t]);
            Rollout rollout = new Generator(policy.Model, []).Generate(
                [new GenerationRequest("start", asked.Scored, 1)], new SamplingOptions { Temperature = 0, MaxNewTokens = LlamaCppRun.Greedy })[0][0];
            Assert.Equal(rollout.Ids, answer.Greedy);
        }
    }

    private static double[][] Imported(string file, int[] ids)
    {
        using CausalLM model = ModelFiles.Model(file);
        return GgufModels.LogProbs(model, ids);
    }

    private static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetInt32())];
}
