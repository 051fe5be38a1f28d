using System.Text.Json;
using Reasoning.Eval;
using Reasoning.Eval.Results;
using Reasoning.Models.Generation;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Evaluation;
using Reasoning.Trainer.Network;
using Reasoning.Trainer.Servers;

namespace Reasoning.Trainer.Tests.Servers;

/// <summary>A server that other people wrote, on an export of the starter model: it has to answer as our engine does.</summary>
public sealed class LlamaServerTests(ITestOutputHelper log)
{
    [Fact]
    public void The_same_problems_are_answered_alike_by_our_engine_and_by_the_server_of_llama_cpp() => Compare(problems: 16, samples: 2);

    [SlowFact]
    public void So_are_64_problems() => Compare(problems: 64, samples: 8);

    [Fact]
    public void A_run_trains_on_answers_of_the_server_of_llama_cpp()
    {
        using var folder = new TempFolder();
        string file = folder.File("tiny.gguf");
        Assert.Equal(0, Cli.Run("export", "--model", TinyModel.Folder, "--out", file, "--type", "f32").ExitCode);
        using var llama = new LlamaServer(file, slots: 4);
        Cli run = Cli.Train(
            folder, "ttrl", "run", "--rollouts", llama.Address, "--steps", "3", "--set", "prompts-per-step=2", "--set", "samples-per-prompt=3", "--set", "updates-per-rollout=1", "--set", "max-staleness=2", "--set", "eval-samples=0", "--set", "guard=false");
        Assert.True(run.ExitCode == 0, run.Error);
        JsonElement[] steps = [.. File.ReadLines(Path.Combine(folder.File("run"), "metrics.jsonl")).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal([0, 1, 2], steps.Select(step => step.GetProperty("rollout_staleness").GetDouble()));
        Assert.True(steps[0].GetProperty("served_gap").GetDouble() < 1e-3);
    }

    private void Compare(int problems, int samples)
    {
        using var folder = new TempFolder();
        string file = folder.File("starter.gguf"), model = Repository.Path("checkpoints/starter");
        Cli export = Cli.Run("export", "--model", model, "--out", file, "--type", "f32");
        Assert.True(export.ExitCode == 0, export.Error);
        using var llama = new LlamaServer(file);
        using InferenceServer server = InferenceServer.Open(llama.Address, null, null, new Patience { Silence = TimeSpan.FromSeconds(60) }, default);
        Assert.Equal(ServerKind.LlamaCpp, server.Kind);
        using Policy policy = Policy.Load(model);
        var source = new ServerSource(server, policy.Codec) { NeedsIds = true };
        PromptSet prompts = EvalSet.Of("target", PromptSet.Load(Repository.Path("data/shifted.jsonl")), problems).Prompts;
        GenerationRequest[] requests = [.. prompts.Prompts.Select(prompt => policy.Request(prompt, 1))];
        source.Probe(requests[0].PromptIds, default);

        // Greedy: the same ids.
        var greedy = new SamplingOptions { Temperature = 0, MaxNewTokens = 160, MaxBatch = 16 };
        Assert.Equal(
            policy.Generator.Generate(requests, greedy).Select(group => (string.Join(',', group[0].Ids), group[0].Finish)),
            source.Generate(requests, greedy).Select(group => (string.Join(',', group[0].Ids), group[0].Finish)));

        // Sampled at temperature 1: the log-probabilities are those that our model gives the same ids.
        Rollout[] sampled = [.. source.Generate(requests, new SamplingOptions { MaxNewTokens = 160, MaxBatch = 16 }).Select(group => group[0])];
        double gap = 0;
        foreach (Rollout rollout in sampled)
        {
            double[] own = Scorer.Score(policy.Model, [.. rollout.PromptIds, .. rollout.Ids]).logprobs;
            gap = Math.Max(gap, own[(rollout.PromptIds.Length - 1)..].Zip(rollout.LogProbs).Max(pair => Math.Abs(pair.First - pair.Second)));
        }

        log.WriteLine($"{sampled.Sum(rollout => rollout.Ids.Length)} tokens, largest difference of log-probabilities {gap:G3}");
        Assert.True(gap < 1e-3, $"{gap}");

        // Sampled as an evaluation does: equal within the error of the draws, which are others.
        var options = new EvalOptions { Samples = samples, Ks = [1], Greedy = false, Sampling = new SamplingOptions { Temperature = 0.6, TopP = 0.95, MaxNewTokens = 160, MaxBatch = 16 } };
        EvalResult ours = Evaluator.Run(policy, prompts, options), theirs = Evaluator.Run(policy.Codec, source, prompts, options);
        double[] differences = [.. ours.Problems.Zip(theirs.Problems, (one, two) => (one.CorrectCount - two.CorrectCount) / (double)options.Samples)];
        double mean = differences.Average(), error = Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / (problems - 1) / problems);
        log.WriteLine($"{problems} problems × {options.Samples}: difference of pass@1 {mean:F4} ± {error:F4}");
        Assert.InRange(mean, -3 * error, 3 * error);
        Assert.InRange(error, 0.001, 0.4 / Math.Sqrt(problems));
    }
}
