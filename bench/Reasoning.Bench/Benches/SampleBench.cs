using System.Text.Json.Nodes;
using Reasoning.Bench.Harness;
using Reasoning.Models;

namespace Reasoning.Bench.Benches;

/// <summary>A group of answers to one prompt: the prompt once, then one token for all answers at a time.</summary>
internal static class SampleBench
{
    public const string Title = "sampling 64 answers × 128 tokens to one prompt, temperature 1, float32";

    private const int Answers = 64;
    private const int Tokens = 128;
    private const string LlamaScript = "llama_sample.py";

    public static void Run(Report report, BenchOptions options)
    {
        using var models = new BenchModels();
        report.Columns(
            "model", "ours", "PyTorch, tuned", "tuned / ours", "PyTorch, as installed", "as installed / ours", "llama.cpp, f32", "llama.cpp / ours",
            "our share of the multiply-add peak");
        Measure("starter (2.9 M)", () => BenchModels.Starter);
        Measure("25 M", () => models.Random(BenchModels.Medium, "medium"));
        report.Note(TorchPair.Explanation);
        report.Note("no answer stops early on any side: every run draws all 8,192 tokens from the full distribution");

        void Measure(string name, Func<string> make)
        {
            if (!options.Wants(name)) return;
            string folder = make();
            using Policy policy = Policy.Load(folder);
            int[] prompt = policy.Render(new Prompt("bench", "Compute (17 + 25) * 3 - 4. Then solve x + 12 = 40 for x.", null));
            // No stop ids: an answer ends at the token limit.
            var generator = new Generator(policy.Model, []);
            int step = 0;
            void Sample()
            {
                var settings = new SamplingOptions { MaxNewTokens = Tokens, Seed = 1, Step = step++ };
                Rollout[] rollouts = generator.Generate([new GenerationRequest("bench", prompt, Answers)], settings)[0];
                if (rollouts.Sum(rollout => rollout.Ids.Length) != Answers * Tokens)
                    throw new InvalidOperationException("an answer stopped early");
            }

            Contest.WarmUp(Sample);
            JsonObject Configuration(string model) => new()
            {
                ["model"] = model,
                ["samples"] = Answers,
                ["new_tokens"] = Tokens,
                ["prompt"] = new JsonArray([.. prompt.Select(id => (JsonNode)id)]),
                ["temperature"] = 1.0,
                ["threads"] = options.Threads,
                ["device"] = "cpu",
                ["seed"] = 1,
            };
            using TorchPair torch = TorchPair.Start(options, "torch_sample.py", () => Configuration(folder), report);
            using Peer? llama = Peer.Start(options, LlamaScript, Configuration(models.Gguf(folder)), report);
            if (llama is not null) report.Note($"{llama.Name}: {llama.Note}");
            double[][] seconds = Contest.Run(
                options.Rounds,
                [new("ours", () => Contest.Time(Sample)), .. torch.Contestants, .. llama is null ? (Contestant[])[] : [llama.AsContestant()],
                    new("peak", () => Answers * Tokens * MatrixWork.Forward(policy.Model.Config) / FmaPeak.Measure(options.Threads))]);
            double ours = Stats.Median(seconds[0]);
            report.Row(
            [
                $"{name}, prompt of {prompt.Length}",
                $"{Stats.Time(ours)} ({Stats.Number(Answers * Tokens / ours, "#,0", "tokens/s")})",
                .. torch.Cells(seconds),
                llama is null ? "–" : Stats.Time(Stats.Median(seconds[^2])),
                llama is null ? "–" : Stats.Ratio(Stats.Ratios(seconds[0], seconds[^2])),
                Stats.Number(100 * Stats.Median(Stats.Ratios(seconds[0], seconds[^1])), "0", "%"),
            ]);
        }
    }
}
