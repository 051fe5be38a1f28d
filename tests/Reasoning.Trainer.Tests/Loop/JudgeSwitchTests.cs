using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Reasoning.Grading;
using Reasoning.Models;
using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Rewards.Novelty;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.RewardRules;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Tests.Loop;

/// <summary>The switches of reward and advantage that a recipe may set.</summary>
public sealed class JudgeSwitchTests
{
    private static readonly Recipe s_majority = new() { Objective = Grpo.Declaration, Reward = RewardKind.Majority };
    private static readonly Recipe s_novelty = s_majority with { Reward = RewardKind.MajorityNovelty };

    [Fact]
    public void With_too_few_valid_answers_the_prompt_is_skipped_and_says_so()
    {
        string[] texts = ["\\boxed{1}", "\\boxed{1}", "none", "none", "none"];
        PromptGroup enough = Judged(s_majority with { MinimumValidShare = 0.4 }, Groups.Of(null, texts));
        PromptGroup few = Judged(s_majority with { MinimumValidShare = 0.5 }, Groups.Of(null, texts));

        Assert.Null(enough.Skipped);
        Assert.Contains("minimum-valid-share 0.5", few.Skipped);
        Assert.All(few.Samples, sample => Assert.Equal(0, sample.Reward));
    }

    [Fact]
    public void An_answer_outside_a_box_votes_only_where_the_recipe_says_so()
    {
        string[] texts = ["so the answer is 4.", "\\boxed{4}", "it must be 7"];
        PromptGroup strict = Judged(s_majority, Groups.Of(null, texts));
        PromptGroup anywhere = Judged(s_majority, Groups.Of(null, AnswerPlace.Anywhere, texts));

        Assert.Equal([false, true, false], strict.Samples.Select(sample => sample.Agrees));
        Assert.Equal([true, true, false], anywhere.Samples.Select(sample => sample.Agrees));
        Assert.Equal([0, 0, 1], anywhere.Vote!.Class);
    }

    [Fact]
    public void Format_repetition_and_length_are_added_to_the_reward_where_asked_for()
    {
        string[] texts = ["\\boxed{1} \\boxed{1}", "\\boxed{1}", "\\boxed{2}"];
        PromptGroup format = Judged(s_majority with { FormatWeight = 0.25 }, Groups.Of(null, texts));
        Assert.Equal([1, 1.25, 0.25], format.Samples.Select(sample => sample.Reward));

        // The answers of Groups have two tokens.
        PromptGroup overlong = Judged(s_majority with { MaxNewTokens = 4, OverlongBuffer = 4, OverlongFactor = 0.5 }, Groups.Of(null, texts));
        Assert.Equal([0.75, 0.75, -0.25], overlong.Samples.Select(sample => sample.Reward));

        PromptGroup loop = new(new Prompt("p", "?", null), [Looping("\\boxed{1}"), .. Groups.Of(null, texts[1..]).Samples]);
        Judged(s_majority with { RepetitionWeight = 0.5 }, loop);
        Assert.InRange(loop.Samples[0].Reward, 0.5, 0.6);
        Assert.Equal([1.0, 0], loop.Samples.Skip(1).Select(sample => sample.Reward));
    }

    [Fact]
    public void A_sham_vote_goes_to_answers_that_could_have_voted_and_novelty_follows_it()
    {
        string[] texts = [.. Enumerable.Range(0, 60).Select(i => i % 3 == 0 ? $"step {i} no answer" : $"step {i} \\boxed{{{i % 3}}}")];
        foreach (ControlKind control in (ControlKind[])[ControlKind.Random, ControlKind.Shuffled])
        {
            PromptGroup group = Judged(s_majority with { Control = control }, Groups.Of(null, texts));
            Assert.All(group.Samples.Where(sample => !sample.IsAnswered), sample => Assert.Equal(0, sample.Reward));
            Assert.Contains(group.Samples, sample => sample.Agrees && sample.Reward == 0);
            Assert.Contains(group.Samples, sample => sample.IsAnswered && !sample.Agrees && sample.Reward == 1);
            if (control == ControlKind.Shuffled) Assert.Equal(group.Vote!.WinnerVotes, group.Samples.Sum(sample => sample.Reward));

            PromptGroup novelty = Judged(s_novelty with { Control = control }, Groups.Of(null, texts));
            Assert.Equal(
                group.Samples.Where(sample => sample.IsAnswered).Select(sample => sample.Reward == 1),
                novelty.Samples.Where(sample => sample.IsAnswered).Select(sample => sample.Reward > 0));
        }
    }

    [Fact]
    public void Reinforce_plus_plus_whitens_over_the_tokens_of_all_groups()
    {
        PromptGroup[] groups = [Groups.Of(null, "\\boxed{1}", "\\boxed{1}", "\\boxed{2}"), Groups.Of(null, "\\boxed{3}", "\\boxed{3}")];
        using var judge = new Judge(s_majority, null!, _ => { });
        judge.Score(groups, step: 1);
        Advantage.Assign(groups, s_majority with { Advantage = AdvantageKind.ReinforcePlusPlus });

        Sample[] all = [.. groups.SelectMany(group => group.Samples)];
        Assert.Equal(0, all.Average(sample => sample.Advantage), 9);
        // Two tokens each: the sum over tokens of squares divided by tokens − 1 is one.
        Assert.Equal(1, all.Sum(sample => 2 * sample.Advantage * sample.Advantage) / ((2 * all.Length) - 1), 6);
        Assert.Equal([false, true], groups.Select(group => group.IsFlat));
    }

    [Fact]
    public void Certainty_as_reward_is_the_sum_of_the_entropies_of_the_sampling_distributions()
    {
        using Policy policy = Policy.Load(TinyModel.Folder);
        PromptGroup group = Sampled(policy);
        Recipe recipe = s_majority with { Reward = RewardKind.NegativeEntropy, Truncated = TruncatedKind.Keep };
        using var judge = new Judge(recipe, policy, _ => { });
        judge.Score([group], step: 1);

        foreach (Sample sample in group.Samples)
        {
            (_, _, double[] entropies) = Scorer.Score(policy.Model, [.. sample.Rollout.PromptIds, .. sample.Rollout.Ids]);
            double expected = -entropies.TakeLast(sample.Rollout.Ids.Length).Sum();
            Assert.Equal(expected, sample.Reward, 3);
            Assert.True(sample.Reward < 0);
        }
    }

    [Fact]
    public void Self_certainty_as_reward_is_the_mean_divergence_of_the_sampling_distributions_from_uniform()
    {
        using DisposeScope scope = NewDisposeScope();
        using Policy policy = Policy.Load(TinyModel.Folder);
        PromptGroup group = Sampled(policy);
        using var judge = new Judge(s_majority with { Reward = RewardKind.SelfCertainty, Truncated = TruncatedKind.Keep }, policy, _ => { });
        judge.Score([group], step: 1);

        foreach (Sample sample in group.Samples)
        {
            var rows = new AnswerRows([sample.Rollout]);
            Tensor logits = nn.functional.linear(rows.Hidden(policy.Model), policy.Model.HeadWeight).to(ScalarType.Float64);
            Tensor p = nn.functional.softmax(logits, 1), uniform = ones_like(p).DividedBy(policy.Tokenizer.VocabSize);
            double expected = (uniform * (uniform.log() - p.log())).sum(1).mean().item<double>();
            Assert.Equal(expected, sample.Reward, 1e-4);
            Assert.True(sample.Reward > 0);
        }
    }

    [Fact]
    public void Self_certainty_is_zero_for_a_uniform_distribution_and_blind_to_rows_without_a_word()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = ones(1, 1, dtype: ScalarType.Float64);
        double Of(int words, params double[] logits)
        {
            double value = double.NaN;
            OutputHead.Read(hidden, tensor(logits).view(-1, 1), rows => value = SelfCertainty.Of(rows, words).item<double>());
            return value;
        }

        Assert.Equal(0, Of(3, 2, 2, 2), 1e-12);
        Assert.Equal(Of(3, 1, 2, 5), Of(3, 11, 12, 15), 1e-12);
        Assert.Equal(Of(3, 1, 2, 5), Of(3, 1, 2, 5, 40, -40), 1e-12);
        double[] p = [.. ((double[])[1, 2, 5]).Select(z => Math.Exp(z) / (Math.Exp(1) + Math.Exp(2) + Math.Exp(5)))];
        Assert.Equal(p.Sum(value => Math.Log(1.0 / 3 / value)) / 3, Of(3, 1, 2, 5), 1e-12);
    }

    [Fact]
    public void The_policys_hidden_states_tell_equal_reasoning_from_different_reasoning()
    {
        using Policy policy = Policy.Load(TinyModel.Folder);
        string[] texts = ["so then we have", "so then we have", "now 1 2 3 4", ""];
        float[][] vectors = new HiddenStateEmbedding(policy).Embed(texts);
        float[][] one = new HiddenStateEmbedding(policy, batchTokens: 1).Embed(texts);

        Assert.Equal(1, Dot(vectors[0], vectors[1]), 5);
        Assert.True(Dot(vectors[0], vectors[2]) < 0.999);
        Assert.All(vectors[..3], vector => Assert.Equal(1, Dot(vector, vector), 5));
        Assert.All(vectors[3], value => Assert.Equal(0, value));
        for (int i = 0; i < texts.Length; i++)
        {
            for (int d = 0; d < vectors[i].Length; d++) Assert.Equal(vectors[i][d], one[i][d], 5);
        }

        string[] answers = ["so so \\boxed{1}", "so so \\boxed{1}", "now then we have it 1 \\boxed{1}"];
        PromptGroup group = Judged(s_novelty.With(new NoveltySettings { Embedding = EmbeddingKind.HiddenStates }), Groups.Of(null, answers), policy);
        Assert.Equal(1, group.Samples[2].Reward, 6);
        Assert.All(group.Samples.Take(2), sample => Assert.Equal(0.5, sample.Reward, 3));

        static double Dot(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
    }

    [Fact]
    public void An_endpoint_gives_the_vectors_and_a_failing_one_stops_the_run_or_switches_novelty_off_loudly()
    {
        using var server = new EmbeddingServer();
        var settings = new NoveltySettings { Embedding = EmbeddingKind.Endpoint, EmbeddingUrl = server.Url, EmbeddingModel = "test-embedder" };
        Recipe recipe = s_novelty.With(settings);
        recipe.Check();
        string[] texts = ["aaaa \\boxed{1}", "aaaa \\boxed{1}", "bbbb \\boxed{1}"];
        PromptGroup good = Judged(recipe, Groups.Of(null, texts));
        Assert.Equal([0.5, 0.5, 1], good.Samples.Select(sample => sample.Reward));
        Assert.Contains("test-embedder", server.LastRequest);

        server.Refuse = true;
        UserErrorException stopped = Assert.Throws<UserErrorException>(() => Judged(recipe, Groups.Of(null, texts)));
        Assert.Contains(server.Url, stopped.Message);

        var notices = new List<string>();
        using var judge = new Judge(recipe.With(settings with { EmbeddingFailure = EmbeddingFailure.SwitchOff }), null!, notices.Add);
        PromptGroup first = Groups.Of(null, texts), second = Groups.Of(null, texts);
        judge.Score([first, second], step: 1);
        Assert.All(first.Samples.Concat(second.Samples), sample => Assert.Equal(1, sample.Reward));
        Assert.Contains("novelty is off", Assert.Single(notices));
        using var meter = new Meter();
        judge.Measure(meter, [first, second]);
        Assert.Equal(0, meter[MajorityNoveltyReward.NoveltyOn]);
    }

    [Theory]
    [InlineData("", "m", "embedding-url")]
    [InlineData("ftp://x", "m", "embedding-url")]
    [InlineData("http://localhost:1/v1/embeddings", "", "embedding-model")]
    public void An_endpoint_without_address_or_model_is_refused_before_the_run(string url, string model, string expected)
    {
        Recipe recipe = s_novelty.With(new NoveltySettings { Embedding = EmbeddingKind.Endpoint, EmbeddingUrl = url, EmbeddingModel = model });
        Assert.Contains(expected, Assert.Throws<UserErrorException>(recipe.Check).Message);
    }

    private static PromptGroup Sampled(Policy policy)
    {
        var prompt = new Prompt("p", "Take 1 and 2", null);
        Rollout[] rollouts = policy.Generator.Generate(
            [policy.Request(prompt, 4)], new SamplingOptions { Temperature = 1, MaxNewTokens = 12, Seed = 5 })[0];
        return new PromptGroup(prompt, [.. rollouts.Select(rollout => new Sample(rollout, policy.Text(rollout)))]);
    }

    private static PromptGroup Judged(Recipe recipe, PromptGroup group, Policy? policy = null)
    {
        using var judge = new Judge(recipe, policy!, _ => { });
        judge.Score([group], step: 1);
        Advantage.Assign([group], recipe);
        return group;
    }

    private static Sample Looping(string text) =>
        new(new Rollout("p", 0, [1], [.. Enumerable.Repeat(7, 40)], new float[40], FinishReason.Stop), text);

    /// <summary>Answers POST requests on a port of this machine with one of two vectors, by the first letter of each text.</summary>
    private sealed class EmbeddingServer : IDisposable
    {
        private readonly HttpListener _listener = new();

        public EmbeddingServer()
        {
            using (var probe = new TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                Url = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/v1/embeddings";
            }

            _listener.Prefixes.Add(Url + "/");
            _listener.Start();
            _ = Serve();
        }

        public string Url { get; }

        public bool Refuse { get; set; }

        public string LastRequest { get; private set; } = "";

        public void Dispose() => _listener.Close();

        private async Task Serve()
        {
            while (_listener.IsListening)
            {
                HttpListenerContext context;
                try
                {
                    context = await _listener.GetContextAsync();
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }

                using var reader = new StreamReader(context.Request.InputStream);
                LastRequest = await reader.ReadToEndAsync();
                if (Refuse) context.Response.StatusCode = 401;
                else await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(Answer()));
                context.Response.Close();
            }
        }

        private string Answer()
        {
            using JsonDocument request = JsonDocument.Parse(LastRequest);
            var data = request.RootElement.GetProperty("input").EnumerateArray()
                .Select((text, index) => new { index, embedding = text.GetString()![0] == 'a' ? new[] { 3.0, 0 } : [0, 2.0] });
            return JsonSerializer.Serialize(new { data });
        }
    }
}
