using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Generation;

public sealed class GeneratorTests
{
    private static readonly int[] s_stops = [0, 1, 2];

    public static TheoryData<string> Types => new(TinyModels.Types);

    [Theory]
    [MemberData(nameof(Types))]
    public void Greedy_ids_are_those_of_the_model_without_cache(string type)
    {
        using CausalLM model = TinyModels.Model(type);
        GenerationRequest[] requests = TinyModels.Requests(1, 1, 7, 16, 30);
        var options = new SamplingOptions { Temperature = 0, MaxNewTokens = 25 };
        foreach (Rollout[] group in new Generator(model, []).Generate(requests, options))
        {
            int[] all = [.. group[0].PromptIds, .. group[0].Ids];
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradient = no_grad();
            Tensor logits = nn.functional.linear(model.Hidden(new PackedSequences([all])), model.HeadWeight); // [tokens, vocab]
            long[] best = logits.argmax(1).data<long>().ToArray();
            for (int i = 0; i < group[0].Ids.Length; i++)
                Assert.Equal(best[group[0].PromptIds.Length - 1 + i], group[0].Ids[i]);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Log_probs_are_those_that_training_computes(string type)
    {
        using CausalLM model = TinyModels.Model(type);
        AssertGap(model, temperature: 1, limit: 2e-5);
        AssertGap(model, temperature: 0.6, limit: 2e-5);
        AssertGap(model, temperature: 0, limit: 2e-5);
    }

    [Fact]
    public void Adapters_count_in_sampling_as_in_training()
    {
        using CausalLM model = TinyModels.Model("qwen2");
        IReadOnlyList<Rollout[]> before = new Generator(model, s_stops).Generate(TinyModels.Requests(2, 9), new SamplingOptions());
        model.AddLora(rank: 3, alpha: 6, ["q_proj", "v_proj", "down_proj"], seed: 5);
        using Scalar value = 0.1;
        using (no_grad())
        {
            foreach ((string name, TorchSharp.Modules.Parameter parameter) in model.Select(TrainableSet.Lora))
            {
                if (name.EndsWith("lora_B", StringComparison.Ordinal))
                    parameter.fill_(value);
            }
        }

        AssertGap(model, temperature: 1, limit: 2e-5);
        IReadOnlyList<Rollout[]> after = new Generator(model, s_stops).Generate(TinyModels.Requests(2, 9), new SamplingOptions());
        Assert.NotEqual(before[0][0].LogProbs, after[0][0].LogProbs);
    }

    [Fact]
    public void Every_call_sees_the_weights_of_the_moment()
    {
        using CausalLM model = TinyModels.Model("llama");
        var generator = new Generator(model, []);
        GenerationRequest[] requests = TinyModels.Requests(1, 6);
        var options = new SamplingOptions { Temperature = 0, MaxNewTokens = 3 };
        float before = generator.Generate(requests, options)[0][0].LogProbs[0];
        using Scalar factor = 1.5;
        using (no_grad())
            model.Layers[1].FeedForward.Down.Weight.mul_(factor);
        Assert.NotEqual(before, generator.Generate(requests, options)[0][0].LogProbs[0]);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void The_composite_path_equals_the_fused_one(string type)
    {
        using CausalLM model = TinyModels.Model(type);
        GenerationRequest[] requests = TinyModels.Requests(5, 1, 4, 16, 23, 40);
        var options = new SamplingOptions { Temperature = 0.8, TopP = 0.95, MaxNewTokens = 30, Seed = 9, MaxBatch = 8 };
        var generator = new Generator(model, s_stops);
        Rollout[] fused = [.. generator.Generate(requests, options).SelectMany(group => group)];
        Rollout[] composite = [.. new Generator(model, s_stops) { Composite = true }.Generate(requests, options).SelectMany(group => group)];
        Assert.Equal(25, fused.Length);
        for (int i = 0; i < fused.Length; i++)
        {
            Assert.Equal(fused[i].Ids, composite[i].Ids);
            for (int t = 0; t < fused[i].Ids.Length; t++)
                Assert.Equal(fused[i].LogProbs[t], composite[i].LogProbs[t], 2e-5f); // libtorch sums products in an order of its own
        }
    }

    [Fact]
    public void The_composite_path_runs_in_bfloat16()
    {
        using CausalLM model = TinyModels.Model("qwen3");
        GenerationRequest[] requests = TinyModels.Requests(2, 5, 20);
        var options = new SamplingOptions { Temperature = 0, MaxNewTokens = 1 };
        float exact = new Generator(model, []).Generate(requests, options)[0][0].LogProbs[0];
        model.to(ScalarType.BFloat16);
        float rounded = new Generator(model, []).Generate(requests, options)[0][0].LogProbs[0];
        Assert.Equal(exact, rounded, 0.2f);
    }

    [Fact]
    public void Rollouts_end_at_a_stop_id_or_at_the_limit()
    {
        using CausalLM model = TinyModels.Model("llama");
        GenerationRequest[] requests = TinyModels.Requests(20, 3, 8);
        Rollout[] rollouts = [.. new Generator(model, s_stops)
            .Generate(requests, new SamplingOptions { MaxNewTokens = 18, MaxBatch = 6 }).SelectMany(group => group)];
        Assert.Contains(rollouts, rollout => rollout.Finish == FinishReason.Stop);
        Assert.Contains(rollouts, rollout => rollout.Finish == FinishReason.Length);
        foreach (Rollout rollout in rollouts)
        {
            Assert.Equal(rollout.Ids.Length, rollout.LogProbs.Length);
            Assert.DoesNotContain(rollout.Ids[..^1], id => s_stops.Contains(id));
            Assert.Equal(rollout.Finish == FinishReason.Stop, s_stops.Contains(rollout.Ids[^1]));
            Assert.True(rollout.Finish == FinishReason.Stop ? rollout.Ids.Length <= 18 : rollout.Ids.Length == 18);
        }
    }

    [Fact]
    public void Results_come_in_the_order_of_requests_and_samples()
    {
        using CausalLM model = TinyModels.Model("llama");
        GenerationRequest[] requests =
        [
            new("x", TinyModels.Ids(4, 0), 3), new("none", TinyModels.Ids(4, 1), 0), new("y", TinyModels.Ids(9, 2), 2, FirstSample: 10),
        ];
        IReadOnlyList<Rollout[]> rollouts = new Generator(model, s_stops).Generate(requests, new SamplingOptions { MaxBatch = 2 });
        Assert.Equal([3, 0, 2], rollouts.Select(group => group.Length));
        Assert.Equal([("x", 0), ("x", 1), ("x", 2), ("y", 10), ("y", 11)],
            rollouts.SelectMany(group => group).Select(rollout => (rollout.PromptId, rollout.Sample)));
        Assert.Empty(new Generator(model, s_stops).Generate([], new SamplingOptions()));
    }

    [Fact]
    public void The_models_last_position_ends_a_rollout_as_truncated()
    {
        using CausalLM model = TinyModels.Model("llama", maxPositions: 20);
        Rollout rollout = new Generator(model, []).Generate(TinyModels.Requests(1, 12), new SamplingOptions { MaxNewTokens = 50 })[0][0];
        Assert.Equal(8, rollout.Ids.Length);
        Assert.Equal(FinishReason.Length, rollout.Finish);
    }

    [Fact]
    public void Prompts_without_room_for_an_answer_are_refused_by_name()
    {
        using CausalLM model = TinyModels.Model("llama", maxPositions: 20);
        string message = Assert.Throws<UserErrorException>(() =>
            new Generator(model, []).Generate([new("aime-7", TinyModels.Ids(20, 0), 1)], new SamplingOptions())).Message;
        Assert.Contains("aime-7", message, StringComparison.Ordinal);
        Assert.Contains("20 tokens", message, StringComparison.Ordinal);
        Assert.Contains("20 positions", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_prompts_and_unknown_ids_are_refused_by_name()
    {
        using CausalLM model = TinyModels.Model("llama");
        var generator = new Generator(model, []);
        Assert.Contains("p1", Assert.Throws<UserErrorException>(() => generator.Generate([new("p1", [], 1)], new SamplingOptions())).Message,
            StringComparison.Ordinal);
        Assert.Contains("p2", Assert.Throws<UserErrorException>(
            () => generator.Generate([new("p2", [5, TinyModels.Vocabulary], 1)], new SamplingOptions())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelling_ends_the_call_between_steps()
    {
        using CausalLM model = TinyModels.Model("llama");
        using var cancel = new CancellationTokenSource();
        int calls = 0;
        Assert.Throws<OperationCanceledException>(() => new Generator(model, []).Generate(
            TinyModels.Requests(2, 5), new SamplingOptions { MaxNewTokens = 100 }, _ =>
            {
                if (++calls == 3)
                    cancel.Cancel();
            }, cancel.Token));
        Assert.Equal(3, calls);
    }

    [Fact]
    public void Progress_counts_every_rollout_and_token()
    {
        using CausalLM model = TinyModels.Model("llama");
        var seen = new List<GenerationProgress>();
        IReadOnlyList<Rollout[]> rollouts = new Generator(model, s_stops)
            .Generate(TinyModels.Requests(9, 5, 6), new SamplingOptions { MaxNewTokens = 12, MaxBatch = 4 }, seen.Add);
        Assert.Equal(18, seen[^1].Finished);
        Assert.All(seen, progress => Assert.Equal(18, progress.Total));
        Assert.Equal(rollouts.Sum(group => group.Sum(rollout => (long)rollout.Ids.Length)), seen[^1].Tokens);
        Assert.True(seen.Zip(seen.Skip(1)).All(pair => pair.First.Tokens < pair.Second.Tokens));
        Assert.All(seen, progress => Assert.InRange(progress.Active, 0, 4));
    }

    [Fact]
    public void Weights_that_are_not_finite_end_the_call_with_the_prompts_name()
    {
        using CausalLM model = TinyModels.Model("llama");
        using Scalar none = float.NaN;
        using (no_grad())
            model.FinalNorm.Weight.fill_(none);
        string message = Assert.Throws<UserErrorException>(
            () => new Generator(model, []).Generate(TinyModels.Requests(1, 5), new SamplingOptions())).Message;
        Assert.Contains("prompt-0", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cache_blocks_all_come_back_and_work_in_slices_changes_nothing()
    {
        using CausalLM model = TinyModels.Model("llama");
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        var options = new SamplingOptions { MaxBatch = 5, MaxNewTokens = 30, Seed = 2 };
        GenerationRequest[] requests = TinyModels.Requests(8, 1, 16, 20, 40);
        SequenceGroup[] groups = [.. requests.Select(request => new SequenceGroup(request, 30))];
        var weights = new DecoderWeights(model, 80);
        using var decoder = new FusedDecoder(weights, 512, logitsLimit: 2 * TinyModels.Vocabulary);
        var session = new GenerationSession(decoder, groups, new HashSet<int>(s_stops), options, 512);

        session.Run(null, default);

        Assert.Equal(0, session.BlocksInUse);
        IReadOnlyList<Rollout[]> expected = new Generator(model, s_stops).Generate(requests, options);
        for (int i = 0; i < groups.Length; i++)
            Assert.Equal(expected[i].Select(rollout => rollout.Ids), groups[i].Rollouts.Select(rollout => rollout.Ids));
    }

    /// <summary>Compares sampled log-probabilities with those of the packed training forward.</summary>
    private static void AssertGap(CausalLM model, double temperature, double limit)
    {
        GenerationRequest[] requests = TinyModels.Requests(4, 2, 17, 31);
        var options = new SamplingOptions { Temperature = temperature, TopP = 0.9, MaxNewTokens = 40, Seed = 21 };
        Rollout[] rollouts = [.. new Generator(model, s_stops).Generate(requests, options).SelectMany(group => group)];

        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        var batch = new PackedSequences([.. rollouts.Select(rollout => (int[])[.. rollout.PromptIds, .. rollout.Ids])]);
        Tensor hidden = model.Hidden(batch);
        double worst = 0;
        for (int i = 0; i < rollouts.Length; i++)
        {
            int start = batch.Offsets[i] + rollouts[i].PromptIds.Length - 1;
            Tensor rows = hidden.narrow(0, start, rollouts[i].Ids.Length); // [answer tokens, width]
            Tensor targets = tensor(rollouts[i].Ids.Select(id => (long)id).ToArray());
            float[] expected = OutputHead.Score(rows, model.HeadWeight, targets, temperature == 0 ? 1 : temperature).LogProb.data<float>().ToArray();
            for (int t = 0; t < expected.Length; t++)
                worst = Math.Max(worst, Math.Abs(expected[t] - rollouts[i].LogProbs[t]));
        }

        Assert.InRange(worst, 0, limit);
    }
}
