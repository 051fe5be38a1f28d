using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Reasoning.Models;
using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Network;
using Reasoning.Trainer.Servers;
using Reasoning.Trainer.Tests.Network;

namespace Reasoning.Trainer.Tests.Servers;

/// <summary>Answers from servers, decent ones and others.</summary>
public sealed class ServerTests : IDisposable
{
    private const string Secret = "sk-SecretOfTheTest";

    private static readonly Patience s_patience = new()
    {
        Retries = 2,
        Silence = TimeSpan.FromSeconds(0.8),
        Pause = TimeSpan.FromMilliseconds(1),
        LongestPause = TimeSpan.FromSeconds(2),
        MostJson = 1 << 20,
    };

    private readonly FakeInference _server = new("vllm");
    private readonly TempFolder _folder = new();

    [Theory]
    [InlineData("vllm")]
    [InlineData("sglang")]
    [InlineData("llamacpp")]
    [InlineData("somebody")]
    public void Greedy_answers_of_a_server_with_our_model_are_ours(string owner)
    {
        using var server = new FakeInference(owner);
        string[] args = Eval();
        Cli own = Cli.Run(args), served = Cli.Run([.. args, "--engine", server.Address, "--out", _folder.File("served.json")]);
        Assert.True(served.ExitCode == 0, served.Error);
        JsonElement one = Parse(own.Out), two = Parse(served.Out);
        Assert.Equal(one.GetProperty("metrics").GetRawText(), two.GetProperty("metrics").GetRawText());
        Assert.Contains($"tiny at {server.Address}/v1", two.GetProperty("engine").GetString());
        Assert.Equal("weights, dtype, sampler", two.GetProperty("unknown").GetString());
        Assert.Equal(JsonValueKind.Null, two.GetProperty("model_hash").ValueKind);
        if (owner == "somebody") return; // its lengths are those of texts
        Assert.Equal(one.GetProperty("mean_tokens").GetDouble(), two.GetProperty("mean_tokens").GetDouble());
        Assert.Equal(one.GetProperty("truncated").GetDouble(), two.GetProperty("truncated").GetDouble());
    }

    [Fact]
    public void Ids_and_log_probabilities_are_those_of_the_engine_behind_and_a_draw_depends_on_its_key_alone()
    {
        using Policy policy = Policy.Load(TinyModel.Folder);
        using InferenceServer server = Open();
        var source = new ServerSource(server, policy.Codec) { NeedsIds = true };
        GenerationRequest[] requests = [.. Enumerable.Range(0, 4).Select(i => policy.Request(new Prompt($"p{i}", $"Take {i} and {i + 1}", null), samples: 3))];
        var options = new SamplingOptions { MaxNewTokens = 16, Seed = 5, MaxBatch = 4 };
        Rollout[] all = [.. source.Generate(requests, options).SelectMany(group => group)];
        Rollout[] again = [.. source.Generate(requests, options with { MaxBatch = 1 }).SelectMany(group => group)];
        Assert.Equal(all.Select(Text), again.Select(Text));
        Assert.True(all.Select(Text).Distinct().Count() > 4);
        Assert.All(all, rollout => Assert.Equal(rollout.Ids.Length, rollout.LogProbs.Length));
        Rollout[] rest = source.Generate([requests[1] with { FirstSample = 1, Samples = 2 }], options)[0];
        Assert.Equal(all[4..6].Select(Text), rest.Select(Text));
        Assert.All(source.Generate(requests, options with { Temperature = 0.5 }).SelectMany(group => group), rollout => Assert.Empty(rollout.LogProbs));
    }

    [Fact]
    public void What_a_server_may_set_by_itself_is_sent_and_one_that_is_not_known_gets_standard_fields_alone()
    {
        using var other = new FakeInference("somebody");
        using var llama = new FakeInference("llamacpp");
        foreach (FakeInference server in (FakeInference[])[_server, other, llama])
            Assert.Equal(0, Cli.Run([.. Eval(), "--engine", server.Address]).ExitCode);
        string[] standard = ["max_tokens", "model", "prompt", "seed", "temperature", "top_p"];
        Assert.All(other.Completions, body => Assert.Equal(standard, Names(body).Order(StringComparer.Ordinal)));
        Assert.All(_server.Completions, body => Assert.Equal((-1, 0, 1), (body.GetProperty("top_k").GetInt32(), body.GetProperty("min_p").GetInt32(), body.GetProperty("repetition_penalty").GetInt32())));
        Assert.All(_server.Completions, body => Assert.NotEmpty(body.GetProperty("stop_token_ids").EnumerateArray()));
        Assert.All(llama.Completions, body => Assert.Equal("""["temperature","top_k","top_p"]""", body.GetProperty("samplers").GetRawText()));
    }

    [Theory]
    [InlineData("500")]
    [InlineData("503")]
    [InlineData("429")]
    [InlineData("cut")]
    [InlineData("reset")]
    [InlineData("silence")]
    [InlineData("slow")]
    [InlineData("no json")]
    [InlineData("no choices")]
    [InlineData("no text")]
    [InlineData("null finish")]
    [InlineData("aborted")]
    [InlineData("error with 200")]
    public void What_passes_is_waited_for(string fault)
    {
        var asked = new ConcurrentDictionary<string, bool>();
        _server.Misbehaves = request => request.Path == "/v1/completions" && asked.TryAdd(request.Body, true) ? Fault(fault, request) : null;
        Assert.Equal(Sampled(false), Sampled(true));
        Assert.Equal(1 + 8, asked.Count);
    }

    [Theory]
    [InlineData("500", "answered 500, 3 times")]
    [InlineData("cut", "3 times")]
    [InlineData("silence", "said nothing for 0.8 s, 3 times")]
    [InlineData("no json", "the answer is no JSON, 3 times")]
    [InlineData("no choices", "the answer has no single choice, 3 times")]
    [InlineData("no text", "the answer has no text, 3 times")]
    [InlineData("null finish", "does not say why it ended, 3 times")]
    [InlineData("aborted", "ended by 'abort', 3 times")]
    [InlineData("error with 200", "is an error with status 200, 3 times")]
    [InlineData("endless", "has more than 1048576 bytes, 3 times")]
    [InlineData("429 for an hour", "answered 429, 1 times")]
    public void What_does_not_pass_is_bad_input_at_first_and_a_failure_once_it_had_answered(string fault, string message)
    {
        int answers = 0;
        _server.Misbehaves = request => request.Path != "/v1/completions" || Interlocked.Increment(ref answers) <= 2 ? null : Fault(fault, request);
        var later = Assert.Throws<ServerFailedException>(() => Sampled(true));
        _server.Misbehaves = request => request.Path == "/v1/completions" ? Fault(fault, request) : null;
        var first = Assert.Throws<UserErrorException>(() => Sampled(true));
        Assert.All((Exception[])[later, first], e => Assert.Contains(message, e.Message));
        Assert.All((Exception[])[later, first], e => Assert.DoesNotContain('\n', e.Message));
    }

    [Theory]
    [InlineData("400", "answered 400, 'maximum context length is 8'")]
    [InlineData("401", "the key in OPENAI_API_KEY has no access")]
    [InlineData("404", "has no such model")]
    [InlineData("302", "redirects, which is not followed")]
    [InlineData("another prompt", "reads the first prompt as 999 tokens")]
    [InlineData("another model", "an answer comes from the model 'other'")]
    [InlineData("another vocabulary", "ids beyond the")]
    [InlineData("too long", "tokens where at most 16 were asked for")]
    public void What_a_person_can_mend_or_makes_no_sense_is_not_asked_for_again(string fault, string message)
    {
        int probes = fault == "another prompt" ? 0 : 1, asked = 0;
        _server.Misbehaves = request => request.Path == "/v1/completions" && Interlocked.Increment(ref asked) > probes ? Fault(fault, request) : null;
        Exception error = Assert.ThrowsAny<Exception>(() => Sampled(true, batch: 1));
        Assert.Contains(message, error.Message);
        Assert.Equal(probes + 1, asked);
        Assert.DoesNotContain(Secret, error.Message);
    }

    [Fact]
    public void A_server_that_says_how_long_to_wait_is_left_alone_for_that_long()
    {
        int asked = 0;
        _server.Misbehaves = request => request.Path == "/v1/completions" && ++asked == 2 ? new FakeServer.Answer(429, []) { Headers = { ["Retry-After"] = "1" } } : null;
        var clock = Stopwatch.StartNew();
        Sampled(true, batch: 1);
        Assert.True(clock.Elapsed >= TimeSpan.FromSeconds(1), $"{clock.Elapsed}");
    }

    [Fact]
    public void A_server_without_ids_cannot_train_and_says_so()
    {
        using var other = new FakeInference("somebody");
        using InferenceServer server = InferenceServer.Open(other.Address, null, null, s_patience, default);
        var codec = PolicyCodec.Load(TinyModel.Folder);
        var source = new ServerSource(server, codec) { NeedsIds = true };
        var error = Assert.Throws<UserErrorException>(() => source.Probe([1, 2], default));
        Assert.Contains("gives no ids of its tokens", error.Message);
    }

    [Fact]
    public void The_key_goes_to_the_server_and_is_never_said()
    {
        Environment.SetEnvironmentVariable(InferenceServer.KeyVariable, Secret);
        try
        {
            string file = _folder.File("result.json");
            Cli run = Cli.Run([.. Eval(), "--engine", _server.Address + "/v1/", "--out", file]);
            Assert.True(run.ExitCode == 0, run.Error);
            Assert.All(_server.Asked, request => Assert.Equal($"Bearer {Secret}", request.Token));
            _server.Misbehaves = _ => new FakeServer.Answer(400, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { error = new { message = $"bad key {Secret}\nsecond line" } })));
            Cli refused = Cli.Run([.. Eval(), "--engine", _server.Address]);
            Assert.Contains("'bad key … second line'", refused.BadInput());
            Assert.DoesNotContain(Secret, run.Out + run.Error + refused.Error + File.ReadAllText(file));
            Environment.SetEnvironmentVariable(InferenceServer.KeyVariable, Secret + "\n");
            Assert.DoesNotContain(Secret, Cli.Run([.. Eval(), "--engine", _server.Address]).BadInput());
        }
        finally
        {
            Environment.SetEnvironmentVariable(InferenceServer.KeyVariable, null);
        }
    }

    [Theory]
    [InlineData("http://user:hunter2@localhost:8000/v1")]
    [InlineData("http://localhost:8000/v1?key=hunter2")]
    [InlineData("http://localhost:8000/v1#hunter2")]
    public void An_address_with_a_secret_is_refused_without_repeating_it(string address)
    {
        Cli refused = Cli.Run([.. Eval(), "--engine", address]);
        Assert.Contains(InferenceServer.KeyVariable, refused.BadInput());
        Assert.DoesNotContain("hunter2", refused.Error + refused.Out);
    }

    [Fact]
    public void What_cannot_be_asked_of_a_server_is_refused_with_what_to_do()
    {
        Assert.Contains("--engine takes own, llama or the address", Cli.Run([.. Eval(), "--engine", "lama"]).BadInput());
        Assert.Contains("is no address", Cli.Run([.. Eval(), "--engine", "http://"]).BadInput());
        Assert.Contains("it has 'tiny', 'other'", Cli.Run([.. Eval(), "--engine", _server.Address, "--engine-model", "mine"]).BadInput());
        Assert.Contains("the server has one model", Cli.Run([.. Eval(), "--engine", _server.Address, "--against", TinyModel.Folder]).BadInput());
        Assert.Contains("leave out --engine URL", Cli.Run([.. Eval(), "--engine", _server.Address, "--em-steps", "1"]).BadInput());
        Assert.Contains("--engine-requests is 0", Cli.Run([.. Eval(), "--engine", _server.Address, "--engine-requests", "0"]).BadInput());
        _server.Misbehaves = request => request.Path == "/v1/models" ? FakeServer.Json(new { data = Array.Empty<int>() }) : null;
        Assert.Contains("serves no model", Cli.Run([.. Eval(), "--engine", _server.Address]).BadInput());
    }

    [Fact]
    public void An_earlier_evaluation_is_paired_with_that_of_the_server_and_the_table_says_which_it_was()
    {
        string file = _folder.File("own.json");
        string[] args = [.. Eval().Where(arg => arg != "--json")];
        Assert.Equal(0, Cli.Run([.. args, "--out", file]).ExitCode);
        Cli run = Cli.Run([.. args, "--engine", _server.Address, "--against", file]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains($"adapted: tiny at {_server.Address}/v1 (vLLM)", run.Out);
        Assert.Contains("A server gave the answers", run.Out);
        Cli alone = Cli.Run([.. args, "--engine", _server.Address]);
        Assert.Contains($"engine tiny at {_server.Address}/v1 (vLLM)", alone.Out);
        Assert.Contains("A server gave the answers", alone.Out);
    }

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    private static string Text(Rollout rollout) => $"{rollout.PromptId} {rollout.Sample} {string.Join(',', rollout.Ids)} {rollout.Finish}";

    private static IEnumerable<string> Names(JsonElement body) => body.EnumerateObject().Select(member => member.Name);

    private static JsonElement Parse(string text) => JsonDocument.Parse(text).RootElement;

    private string[] Eval() =>
        ["eval", "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(_folder), "--samples", "1", "--k", "1", "--temperature", "0", "--max-new-tokens", "16", "--json"];

    private InferenceServer Open() => InferenceServer.Open(_server.Address, null, Secret, s_patience, TestContext.Current.CancellationToken);

    // What the server says to some prompts, or what it would say if it were decent.
    private List<string> Sampled(bool misbehaves, int batch = 4)
    {
        Func<FakeServer.Request, FakeServer.Answer?>? fault = _server.Misbehaves;
        if (!misbehaves) _server.Misbehaves = null;
        try
        {
            using InferenceServer server = Open();
            var codec = PolicyCodec.Load(TinyModel.Folder);
            var source = new ServerSource(server, codec) { NeedsIds = true };
            GenerationRequest[] requests =
                [.. Enumerable.Range(0, 4).Select(i => new GenerationRequest($"p{i}", codec.Render(new Prompt($"p{i}", $"Take {i} and {i + 1}", null)), 2))];
            source.Probe(requests[0].PromptIds, default);
            return [.. source.Generate(requests, new SamplingOptions { MaxNewTokens = 16, MaxBatch = batch }).SelectMany(group => group).Select(Text)];
        }
        finally
        {
            _server.Misbehaves = fault;
        }
    }

    private FakeServer.Answer Fault(string fault, FakeServer.Request request)
    {
        return fault switch
        {
            "500" => new(500, []),
            "503" => new(503, []),
            "429" => new(429, []),
            "429 for an hour" => new(429, []) { Headers = { ["Retry-After"] = "3600" } },
            "cut" => new(200, _server.Decent(request).Body) { CutAfter = 20 },
            "reset" => new(200, _server.Decent(request).Body) { CutAfter = 20, Reset = true },
            "silence" => new(200, []) { Silent = true },
            "slow" => new(200, _server.Decent(request).Body) { Slow = true },
            "endless" => new(200, []) { Endless = true },
            "no json" => new(200, "<html>Log in</html>"u8.ToArray()),
            "no choices" => FakeServer.Json(new { choices = Array.Empty<int>() }),
            "no text" => FakeServer.Json(new { choices = new[] { new { finish_reason = "stop" } } }),
            "null finish" => FakeServer.Json(new { choices = new[] { new { text = "x", finish_reason = (string?)null } } }),
            "aborted" => FakeServer.Json(new { choices = new[] { new { text = "x", finish_reason = "abort" } } }),
            "error with 200" => FakeServer.Json(new { error = new { message = "no" } }),
            "400" => new(400, "{\"error\": {\"message\": \"maximum context length is 8\"}}"u8.ToArray()),
            "401" => new(401, Encoding.UTF8.GetBytes($"{{\"error\": \"{Secret}\"}}")),
            "404" => new(404, []),
            "302" => new(302, []) { Headers = { ["Location"] = "http://127.0.0.1:1/" } },
            "another prompt" => FakeServer.Json(new { choices = new[] { new { text = "x", finish_reason = "stop", token_ids = (int[])[1] } }, usage = new { prompt_tokens = 999 } }),
            "another model" => FakeServer.Json(new { model = "other", choices = new[] { new { text = "x", finish_reason = "stop" } } }),
            "another vocabulary" => Ids([100000]),
            "too long" => Ids([.. Enumerable.Repeat(1, 17)]),
            _ => throw new ArgumentException(fault),
        };

        static FakeServer.Answer Ids(int[] ids) => FakeServer.Json(new
        {
            choices = new[] { new { text = "x", finish_reason = "length", token_ids = ids, logprobs = new { token_logprobs = Array.ConvertAll(ids, _ => -1f) } } },
        });
    }
}
