using System.Text.Json;
using Reasoning.Models.Policies;
using Reasoning.Trainer.Learning;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Tests.Methods;
using Reasoning.Trainer.Tests.Network;
using TorchSharp;

namespace Reasoning.Trainer.Tests.Servers;

/// <summary>Runs whose answers a server gives.</summary>
public sealed class ServedRolloutsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    [Fact]
    public void Answers_of_a_server_say_which_weights_made_them_and_count_by_importance()
    {
        using var server = new FakeInference("llamacpp");
        Cli run = Train(server, "run", steps: 3, "--set", "max-staleness=2", "--set", "learning-rate=0.01", "--set", "importance-cap=1");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("its weights stay those of the start model, for all of the model learns", run.Error);
        string hash = Lines("run", "run.json")[0].GetProperty("model").GetProperty("hash").GetString()!;
        JsonElement[] samples = Lines("run", "samples.jsonl"), steps = Lines("run", "metrics.jsonl");
        Assert.All(samples, sample => Assert.Equal(hash, sample.GetProperty("served_weights").GetString()));
        Assert.Equal([0, 1, 2], samples.Select(sample => sample.GetProperty("served_staleness").GetInt32()).Distinct());
        Assert.All(samples, sample => Assert.Equal(sample.GetProperty("ids").GetArrayLength(), sample.GetProperty("served_logprobs").GetArrayLength()));
        Assert.Equal([0, 1, 2], Numbers(steps, "rollout_staleness"));
        Assert.True(Numbers(steps, "served_gap")[0] < 1e-4);
        Assert.True(Numbers(steps, "served_gap")[2] > 1e-3);
        Assert.All(Numbers(steps, "logprob_gap"), gap => Assert.True(gap < 1e-4, $"{gap}")); // of the policy of the step with itself
        Assert.InRange(Numbers(steps, "importance_weight")[2], 0, 0.9999);
        Assert.InRange(Numbers(steps, "importance_cut")[2], 0.01, 1);
        Assert.Equal(3, JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder.File("run"), "checkpoints", "step-000003", "state.json"))).RootElement.GetProperty("updates").GetInt64());
    }

    [Theory]
    [InlineData("vllm", "lora")]
    [InlineData("sglang", "lora")]
    [InlineData("vllm", "pissa")]
    public void A_server_that_loads_adapters_answers_with_the_policy_of_the_step(string owner, string trainable)
    {
        using var server = new FakeInference(owner);
        Cli run = Train(server, "run", steps: 3, "--set", $"trainable={trainable}", "--set", "learning-rate=0.05");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("adapters are loaded into it", run.Error);
        JsonElement[] steps = Lines("run", "metrics.jsonl");
        Assert.Equal([0, 0, 0], Numbers(steps, "rollout_staleness"));
        Assert.All(Numbers(steps, "served_gap"), gap => Assert.True(gap < 1e-4, $"{gap}"));
        Assert.All(Numbers(steps, "importance_cut"), share => Assert.Equal(0, share));
        Assert.Equal(3, Lines("run", "samples.jsonl").Select(sample => sample.GetProperty("served_weights").GetString()).Distinct().Count());
        Assert.Equal(3, server.Loads);
        Assert.Empty(server.Adapters);
        Assert.All(server.Completions.Skip(1), body => Assert.StartsWith("reasoning-", body.GetProperty(owner == "vllm" ? "model" : "lora_path").GetString()));
    }

    [Fact]
    public void Between_loads_weights_are_as_old_as_they_may_be()
    {
        using var server = new FakeInference("vllm");
        Cli run = Train(server, "run", steps: 5, "--set", "trainable=lora", "--set", "max-staleness=1");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal([0, 1, 0, 1, 0], Numbers(Lines("run", "metrics.jsonl"), "rollout_staleness"));
        Assert.Equal(3, server.Loads);
    }

    [Fact]
    public void A_run_whose_server_goes_ends_in_one_line_and_goes_on_where_it_was()
    {
        using var server = new FakeInference("vllm");
        string[] settings = ["--set", "trainable=lora", "--set", "checkpoint-every=10"];
        int asked = 0;
        server.Misbehaves = request => request.Path == "/v1/completions" && Interlocked.Increment(ref asked) > 1 + (2 * 18) ? new FakeServer.Answer(400, []) : null;
        Cli failed = Train(server, "run", steps: 4, settings);
        Assert.Contains("answered 400", failed.BadInput());
        server.Misbehaves = null;
        Cli resumed = Cli.Run("train", "--resume", "--out", _folder.File("run"));
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Contains("after step 2", resumed.Error);
        Assert.Equal([0, 0, 0, 0], Numbers(Lines("run", "metrics.jsonl"), "rollout_staleness"));
        Assert.All(Numbers(Lines("run", "metrics.jsonl"), "served_gap"), gap => Assert.True(gap < 1e-4, $"{gap}"));
    }

    [Fact]
    public void Another_model_behind_the_server_is_noticed()
    {
        using (Policy policy = Policy.Load(TinyModel.Folder))
        {
            using Scalar factor = 0.01;
            using (torch.no_grad()) policy.Model.EmbedTokens.mul_(factor);
            policy.Save(_folder.File("other"));
        }

        using var server = new FakeInference("llamacpp", _folder.File("other"));
        Cli run = Train(server, "run", steps: 1);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("it serves another model than --model", Assert.Single(run.Errors));
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Fact]
    public void What_a_server_cannot_do_is_refused_with_what_to_do_before_anything_is_written()
    {
        using FakeInference llama = new("llamacpp"), other = new("somebody"), vllm = new("vllm");
        Refused(llama, "set max-staleness=2, fewer steps", steps: 3);
        Refused(llama, "llama.cpp loads adapters only when it starts", steps: 3, "--set", "trainable=lora");
        Refused(other, "gives no ids of its tokens", steps: 1);
        Refused(vllm, "rollouts needs temperature 1", steps: 1, "--set", "temperature=0.9");
        Refused(vllm, "guard-action rollback", steps: 1, "--set", "guard-action=rollback");
        Refused(vllm, "--dry-run measures this machine", steps: 1, "--dry-run");
        Refused(vllm, "serves no model 'mine'", steps: 1, "--set", "rollouts-model=mine");
        Assert.Contains(
            "leave rollouts out",
            Cli.Run("verify-resume", "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(_folder), "--recipe", "ttrl", "--set", $"rollouts={vllm.Address}").BadInput());
        Cli secret = Cli.Train(_folder, "ttrl", "run", "--rollouts", "http://user:hunter2@localhost/v1");
        Assert.Contains("OPENAI_API_KEY", secret.BadInput());
        Assert.DoesNotContain("hunter2", secret.Error);
        Assert.False(Directory.Exists(_folder.File("run")));

        // That adapters cannot be loaded shows before the first step.
        vllm.Misbehaves = request => request.Path == "/v1/load_lora_adapter" ? new FakeServer.Answer(404, []) : null;
        Assert.Contains("load_lora_adapter", Train(vllm, "adapters", steps: 2, "--set", "trainable=lora").BadInput());
        Assert.False(File.Exists(Path.Combine(_folder.File("adapters"), "metrics.jsonl")));
    }

    [Fact]
    public void Importance_weights_are_truncated_ratios_and_multiply_the_loss_of_their_token()
    {
        var served = Served.Of([-1, -2, -3], [-1, -1, -4], cap: 2, "hash", staleness: 1);
        Assert.Equal([1, 2, MathF.Exp(-1)], served.Weights, (one, two) => Math.Abs(one - two) < 1e-6f);
        Assert.Equal(1, served.Cut);

        using var fixture = new MethodFixture(EffectiveRecipe.Build(RecipeFile.Load("ttrl"), []).Recipe);
        (double loss, float[][] gradients) = fixture.Differentiate();
        Sample[] halved = [.. fixture.Samples.Select(sample => With(sample, 0.5))], whole = [.. fixture.Samples.Select(sample => With(sample, 1))];
        (double half, float[][] halfGradients) = fixture.Differentiate(halved);
        Assert.Equal(loss / 2, half, 1e-6);
        Assert.True(MethodFixture.Distance([.. gradients.Select(values => Array.ConvertAll(values, value => value / 2))], halfGradients) < 1e-5);
        Assert.True(MethodFixture.Distance(gradients, fixture.Differentiate(whole).Gradients) < 1e-6);

        static Sample With(Sample sample, double weight) => new(sample.Rollout, sample.Text)
        {
            Learns = true,
            Advantage = sample.Advantage,
            Served = new Served("hash", 0, sample.Rollout.LogProbs, [.. sample.Rollout.LogProbs.Select(_ => (float)weight)], 0),
        };
    }

    public void Dispose() => _folder.Dispose();

    private Cli Train(FakeInference server, string name, int steps, params string[] more) => Cli.Train(
        _folder, "ttrl", name,
        ["--rollouts", server.Address, "--steps", $"{steps}", "--set", "updates-per-rollout=1", "--set", "guard=false", "--set", "minimum-valid-share=0", "--set", "eval-samples=0", .. more]);

    private void Refused(FakeInference server, string message, int steps, params string[] more)
    {
        Cli refused = Train(server, "run", steps, more);
        Assert.Contains(message, refused.BadInput());
        Assert.False(Directory.Exists(_folder.File("run")));
    }

    private JsonElement[] Lines(string run, string file)
    {
        string path = Path.Combine(_folder.File(run), file);
        return file.EndsWith(".jsonl", StringComparison.Ordinal)
            ? [.. File.ReadLines(path).Select(line => JsonDocument.Parse(line).RootElement)]
            : [JsonDocument.Parse(File.ReadAllText(path)).RootElement];
    }

    private static double[] Numbers(JsonElement[] steps, string metric) => [.. steps.Select(step => step.GetProperty(metric).GetDouble())];
}
