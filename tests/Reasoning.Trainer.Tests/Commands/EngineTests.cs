using System.Text.Json;
using Reasoning.Llama;
using Reasoning.Models;
using Reasoning.Models.Chat;
using Reasoning.Models.Config;
using Reasoning.Models.Devices;
using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Models.Tokenization;
using TorchSharp;

namespace Reasoning.Trainer.Tests.Commands;

/// <summary>llama.cpp beside our own engine: it has to give the same answers from the same weights.</summary>
public sealed class EngineTests(ITestOutputHelper log)
{
    [Fact]
    public void An_engine_that_nobody_knows_is_bad_usage() =>
        Assert.Equal(2, Cli.Run("sample", "--model", TinyModel.Folder, "--prompt", "Take 1 and 2", "--engine", "lama").ExitCode);

    [Fact]
    public void Our_own_engine_is_the_default()
    {
        string[] args = ["sample", "--model", TinyModel.Folder, "--prompt", "Take 1 and 2", "-n", "2", "--max-new-tokens", "8", "--json"];
        Assert.Equal(Cli.Run(args).Out, Cli.Run([.. args, "--engine", "own"]).Out);
    }

    [Fact]
    public void A_checkpoint_folder_is_sent_to_export()
    {
        string error = Cli.Run("sample", "--model", TinyModel.Folder, "--prompt", "Take 1 and 2", "--engine", "llama").BadInput();
        Assert.Contains($"reasoning export --model {TinyModel.Folder}", error);
    }

    [Fact]
    public void Greedy_answers_of_an_export_are_ours()
    {
        using var folder = new TempFolder();
        string file = Export(folder);
        for (int i = 0; i < 4; i++)
        {
            string[] args = ["sample", "--model", file, "--prompt", $"Take {i} and {i + 1}", "--temperature", "0", "--json"];
            Cli own = Cli.Run(args), llama = Cli.Run([.. args, "--engine", "llama"]);
            Assert.True(llama.ExitCode == 0, llama.Error);
            Assert.Contains("engine    llama.cpp through LLamaSharp on cpu; keys and values in float32", llama.Error);
            Equal(Parse(own.Out), Parse(llama.Out));
        }
    }

    [Theory]
    [InlineData(256)]
    [InlineData(3)] // places: groups start in parts, and their prompts are kept
    public void Answers_drawn_with_our_keys_are_ours_whatever_runs_together(int places)
    {
        using var folder = new TempFolder();
        Compare(Export(folder), places);
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("qwen2")]
    [InlineData("gemma3_text")] // layers that see a window of 8 tokens beside one that sees all
    public void Other_families_answer_alike(string family)
    {
        using var folder = new TempFolder();
        bool isGemma = family == "gemma3_text";
        Tokenizer tokenizer = Tokenizer.Load(TinyModel.Folder);
        CausalLM model = CausalLM.Create(
            new ModelConfig
            {
                ModelType = family,
                HiddenSize = 64,
                IntermediateSize = 96,
                Layers = isGemma ? 6 : 2,
                Heads = 4,
                KeyValueHeads = 2,
                HeadDim = 16,
                VocabSize = tokenizer.VocabSize,
                MaxPositions = 128,
                TieWordEmbeddings = isGemma,
                SlidingWindow = isGemma ? 8 : null,
                SlidingLayers = isGemma ? [true, true, true, true, true, false] : [],
                LocalRopeTheta = isGemma ? 10000 : null,
                QueryScalar = isGemma ? 16 : null,
                EosIds = [tokenizer.EosId!.Value],
            },
            seed: 3);
        using Scalar factor = 8;
        using (torch.no_grad())
        {
            // Far from uniform, so that every part of the model shows in the answers.
            foreach ((string name, TorchSharp.Modules.Parameter parameter) in model.named_parameters())
            {
                if (!name.EndsWith("norm.weight", StringComparison.Ordinal))
                    parameter.mul_(factor).AddInPlace(name.EndsWith("bias", StringComparison.Ordinal) ? 0.1 : 0);
            }
        }

        using (var policy = new Policy(model, tokenizer, [new StopToken(tokenizer.EosId.Value, tokenizer.IdToToken(tokenizer.EosId.Value), ["config.json"])]))
            policy.Save(folder.File("model"));
        // llama.cpp has the GELU of Gemma in a table of float16.
        Compare(Export(folder, folder.File("model")), places: 5, isRounded: isGemma);
    }

    [Fact]
    public void An_evaluation_names_the_engine()
    {
        using var folder = new TempFolder();
        string file = Export(folder);
        string[] args = ["eval", "--model", file, "--prompts", TinyModel.Prompts(folder), "--samples", "2", "--k", "1,2", "--max-new-tokens", "8", "--json"];
        JsonElement own = Parse(Cli.Run(args).Out);
        Cli run = Cli.Run([.. args, "--engine", "llama"]);
        Assert.True(run.ExitCode == 0, run.Error);
        JsonElement llama = Parse(run.Out);
        Assert.Equal(("own", "llama.cpp"), (own.GetProperty("engine").GetString(), llama.GetProperty("engine").GetString()));
        Assert.Equal(own.GetProperty("metrics").GetRawText(), llama.GetProperty("metrics").GetRawText());
    }

    [Fact]
    public void The_starter_answers_greedily_alike()
    {
        using var folder = new TempFolder();
        string file = Export(folder, Repository.Path("checkpoints/starter"));
        using Policy policy = Policy.Load(file);
        (_, IRolloutSource source) = LlamaEngine.Open(file, null, ComputeDevice.Cpu, log.WriteLine);
        using var owner = (IDisposable)source;
        PromptSet prompts = PromptSet.Load(Repository.Path("data/shifted.jsonl"));
        GenerationRequest[] requests = [.. prompts.Prompts.Take(32).Select(prompt => policy.Request(prompt, 1))];
        var options = new SamplingOptions { Temperature = 0, MaxNewTokens = 160 };
        Rollout[] ours = [.. policy.Generator.Generate(requests, options).Select(group => group[0])];
        Rollout[] theirs = [.. source.Generate(requests, options).Select(group => group[0])];
        float gap = ours.Zip(theirs).Where(pair => pair.First.Ids.SequenceEqual(pair.Second.Ids))
            .Max(pair => pair.First.LogProbs.Zip(pair.Second.LogProbs).Max(logProb => Math.Abs(logProb.First - logProb.Second)));
        log.WriteLine($"{ours.Sum(rollout => rollout.Ids.Length)} tokens; largest difference of log-probabilities {gap:G3}");

        Assert.All(ours.Zip(theirs), pair => Assert.Equal(pair.First.Ids, pair.Second.Ids));
        Assert.True(gap < 1e-3);
    }

    private void Compare(string file, int places, bool isRounded = false)
    {
        using Policy policy = Policy.Load(file);
        (_, IRolloutSource source) = LlamaEngine.Open(file, null, ComputeDevice.Cpu, log.WriteLine);
        using var owner = (IDisposable)source;
        GenerationRequest[] requests =
        [
            .. Enumerable.Range(0, 6).Select(i => policy.Request(new Prompt($"p{i}", $"Take {i} and {i + 1}", null), samples: i == 3 ? 0 : 2 + i)),
        ];
        var options = new SamplingOptions { MaxNewTokens = 16, Seed = 5, MaxBatch = places, TopP = 0.9 };
        IReadOnlyList<Rollout[]> ours = policy.Generator.Generate(requests, options), theirs = source.Generate(requests, options);

        Assert.Equal(requests.Select(request => request.Samples), theirs.Select(group => group.Length));
        (Rollout Ours, Rollout Theirs)[] pairs = [.. ours.SelectMany(group => group).Zip(theirs.SelectMany(group => group))];
        float gap = pairs.Max(pair => pair.Ours.Ids.Zip(pair.Theirs.Ids).TakeWhile(ids => ids.First == ids.Second)
            .Select((_, i) => Math.Abs(pair.Ours.LogProbs[i] - pair.Theirs.LogProbs[i])).DefaultIfEmpty().Max());
        log.WriteLine($"largest difference of log-probabilities up to where ids differ: {gap:G3}");
        int same = pairs.Count(pair => pair.Ours.Ids.SequenceEqual(pair.Theirs.Ids) && pair.Ours.Finish == pair.Theirs.Finish);
        log.WriteLine($"{same} of {pairs.Length} answers are the same");
        Assert.Equal(pairs.Select(pair => (pair.Ours.PromptId, pair.Ours.Sample)), pairs.Select(pair => (pair.Theirs.PromptId, pair.Theirs.Sample)));
        Assert.True(gap < (isRounded ? 1e-2 : 1e-3));
        Assert.InRange(same, isRounded ? pairs.Length * 9 / 10 : pairs.Length, pairs.Length);
        float[] all = [.. ours.SelectMany(group => group).SelectMany(rollout => rollout.LogProbs)];
        log.WriteLine($"{all.Length} tokens, mean log-probability {all.Average():F2}");
    }

    private static string Export(TempFolder folder, string? model = null)
    {
        string file = folder.File("model.gguf");
        Cli export = Cli.Run("export", "--model", model ?? TinyModel.Folder, "--out", file, "--type", "f32");
        Assert.True(export.ExitCode == 0, export.Error);
        return file;
    }

    private static JsonElement Parse(string text) => JsonDocument.Parse(text).RootElement;

    private static void Equal(JsonElement own, JsonElement llama)
    {
        foreach (string name in (string[])["prompt_ids", "ids", "finish", "text"])
            Assert.Equal(own.GetProperty(name).GetRawText(), llama.GetProperty(name).GetRawText());
        double[] Numbers(JsonElement of) => [.. of.GetProperty("logprobs").EnumerateArray().Select(number => number.GetDouble())];
        Assert.All(Numbers(own).Zip(Numbers(llama)), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }
}
