using System.Text.Json;
using Reasoning.Models;
using Reasoning.Models.Chat;
using Reasoning.Models.Devices;
using Reasoning.Models.Policies;
using Reasoning.Models.Tokenization;
using Reasoning.Trainer.Starter.Data;
using Reasoning.Trainer.Starter.Training;

namespace Reasoning.Trainer.Tests.Starter;

public sealed class PretrainerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reasoning-pretrain-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private PretrainOptions Tiny(string name, int steps) => new()
    {
        Out = Path.Combine(_folder, name),
        Steps = steps,
        ProblemsPerStep = 4,
        TokenizerProblems = 200,
        WarmupSteps = 2,
        LearningRate = 0.01,
        LogEvery = 1,
        Model = new PretrainOptions { Out = "" }.Model with { HiddenSize = 32, IntermediateSize = 48, Layers = 2, Heads = 2, KeyValueHeads = 1, HeadDim = 16, VocabSize = 400 },
    };

    [Fact]
    public void A_tiny_run_learns_and_leaves_a_policy_that_loads()
    {
        var log = new StringWriter();
        PretrainResult result = Pretrainer.Run(Tiny("a", 30), log);
        Assert.Equal(30, result.Steps);
        Assert.Equal(120, result.Problems);
        Assert.InRange(result.FirstLoss, 5, 7);
        Assert.True(result.Loss < result.FirstLoss - 0.5, $"{result.FirstLoss} -> {result.Loss}");
        Assert.Contains("step    30/30", log.ToString(), StringComparison.Ordinal);

        using Policy policy = Policy.Load(Path.Combine(_folder, "a"));
        Assert.Equal("bfloat16", policy.Model.Config.Dtype);
        StopToken stop = Assert.Single(policy.Stops);
        Assert.Equal("<|endoftext|>", stop.Text);
        Assert.Equal(stop.Id, policy.Tokenizer.EosId);
        using JsonDocument record = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "a", "pretrain.json")));
        Assert.Equal(30, record.RootElement.GetProperty("steps_made").GetInt32());
    }

    [Fact]
    public void The_same_options_give_the_same_weights()
    {
        Pretrainer.Run(Tiny("a", 2), TextWriter.Null);
        Pretrainer.Run(Tiny("b", 2), TextWriter.Null);
        Pretrainer.Run(Tiny("c", 2) with { Seed = 2 }, TextWriter.Null);
        byte[] Weights(string name) => File.ReadAllBytes(Path.Combine(_folder, name, "model.safetensors"));
        Assert.Equal(Weights("a"), Weights("b"));
        Assert.NotEqual(Weights("a"), Weights("c"));
    }

    [Fact]
    public void Products_in_bfloat16_learn_alike_and_are_recorded()
    {
        Assert.SkipWhen(Bfloat16Units.Name is null, "this processor has neither AVX512-BF16 nor AMX");
        double exact = Pretrainer.Run(Tiny("a", 20), TextWriter.Null).Loss;
        double narrow = Pretrainer.Run(Tiny("b", 20) with { Bfloat16 = true }, TextWriter.Null).Loss;
        Assert.InRange(Math.Abs(narrow - exact), 1e-9, 0.1);
        Assert.Contains("\"compute\": \"bfloat16\"", File.ReadAllText(Path.Combine(_folder, "b", "pretrain.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cancelled_run_writes_what_it_has()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        PretrainResult result = Pretrainer.Run(Tiny("a", 5), TextWriter.Null, cancel: source.Token);
        Assert.Equal(0, result.Steps);
        Policy.Load(Path.Combine(_folder, "a")).Dispose();
    }

    [Fact]
    public void Prompt_tokens_are_read_and_not_learned()
    {
        var batch = TrainingBatch.Of([new TrainingExample([5, 6, 7, 8, 0], 2), new TrainingExample([9, 3, 0], 1)]);
        Assert.Equal([5, 6, 7, 8, 9, 3], batch.Inputs.Ids);
        Assert.Equal([1L, 2, 3, 4, 5], batch.Rows);
        Assert.Equal([7L, 8, 0, 3, 0], batch.Targets);
    }

    [Fact]
    public void Digits_are_single_tokens_and_words_are_few()
    {
        var problems = new TrainingStream(1, TrainingMix.Shifted(partial: 0.15, shifted: 0.2));
        Tokenizer tokenizer = StarterTokenizer.Train(problems, 2000, 640, 1024);
        Assert.Equal(["1", "2", "+", "7", "="], tokenizer.Encode("12+7=").Select(tokenizer.IdToToken));
        Assert.True(tokenizer.Encode("Question: A library owns 12 books. It receives 7 new books.\nAnswer:").Length < 22);
    }

    [Fact]
    public void The_learning_rate_rises_and_falls_as_a_function_of_the_step()
    {
        Assert.Equal(0.1, WarmupCosine.At(0, 1000, 10, 1), 3);
        Assert.Equal(1, WarmupCosine.At(9, 1000, 10, 1), 3);
        Assert.Equal(0.525, WarmupCosine.At(500, 1000, 10, 1), 3);
        Assert.Equal(0.05, WarmupCosine.At(1000, 1000, 10, 1), 6);
    }

    [Theory]
    [InlineData(0, 4, "steps 0")]
    [InlineData(2, 0, "problems per step 0")]
    public void Options_out_of_range_are_named(int steps, int problems, string expected)
    {
        var error = Assert.Throws<UserErrorException>(() => Pretrainer.Run(Tiny("a", steps) with { ProblemsPerStep = problems }, TextWriter.Null));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }
}
