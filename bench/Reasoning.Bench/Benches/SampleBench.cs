using LLama;
using LLama.Common;
using Reasoning.Bench.Harness;
using Reasoning.Llama;
using Reasoning.Models.Devices;
using Reasoning.Models.Generation;
using Reasoning.Models.Kernels;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;

namespace Reasoning.Bench.Benches;

/// <summary>A group of answers to one prompt: the prompt once, then one token for all answers at a time. All sides in this process.</summary>
internal static class SampleBench
{
    public const string Title = "sampling 64 answers × 128 tokens to one prompt, temperature 1, float32";

    private const int Answers = 64;
    private const int Tokens = 128;

    public static void Run(Report report, BenchOptions options)
    {
        using var models = new BenchModels();
        report.Columns("model", "ours", "tokens/s", "libtorch with a cache", "libtorch / ours", "llama.cpp, f32", "llama.cpp / ours");
        Measure("starter (2.9 M)", () => BenchModels.Starter);
        Measure("25 M", () => models.Random(BenchModels.Medium, "medium"));
        report.Note(
            "libtorch with a cache: the program's own decoder for devices, plain tensor operations with a preallocated cache of keys and values, "
            + "scaled_dot_product_attention, tokens drawn by tensor operations");
        report.Note(
            "llama.cpp: LLamaSharp's, one context of 64 sequences with buffers of their own, keys and values in float32, no flash attention, "
            + "tokens drawn by the program's sampler");
        report.Note("no answer stops early on any side: every run draws all 8,192 tokens from the full distribution");

        void Measure(string name, Func<string> make)
        {
            if (!options.Wants(name)) return;
            string folder = make();
            using Policy policy = Policy.Load(folder);
            int[] prompt = policy.Render(new Prompt("bench", "Compute (17 + 25) * 3 - 4. Then solve x + 12 = 40 for x.", null));
            // No stop ids: an answer ends at the token limit.
            int step = 0;
            Action Sample(IRolloutSource source) => () =>
            {
                // The other side is libtorch's own operations alone.
                CpuKernel.Enabled = source is Generator { Composite: true } ? CpuKernels.None : CpuKernels.All;
                var settings = new SamplingOptions { MaxNewTokens = Tokens, Seed = 1, Step = step++ };
                Rollout[] rollouts = source.Generate([new GenerationRequest("bench", prompt, Answers)], settings)[0];
                if (rollouts.Sum(rollout => rollout.Ids.Length) != Answers * Tokens)
                    throw new InvalidOperationException("an answer stopped early");
            };

            string gguf = models.Gguf(folder);
            LlamaEngine.Load(ComputeDevice.Cpu);
            using var llama = new LlamaModel(LLamaWeights.LoadFromFile(new ModelParams(gguf)), gguf, policy.Model.Config, [], ComputeDevice.Cpu);
            Contestant[] sides =
            [
                .. ((IRolloutSource[])[new Generator(policy.Model, []), new Generator(policy.Model, []) { Composite = true }, llama])
                    .Select(source => new Contestant(source.Engine, () => Contest.Time(Sample(source)))),
            ];
            foreach (Contestant side in sides) Contest.WarmUp(() => side.Run());
            double[][] seconds = Contest.Run(options.Rounds, sides);
            report.Row(
                $"{name}, prompt of {prompt.Length}", Stats.Time(seconds[0]), Stats.Number(Answers * Tokens / Stats.Median(seconds[0]), "#,0"),
                Stats.Time(seconds[1]), Stats.Ratio(seconds[0], seconds[1]), Stats.Time(seconds[2]), Stats.Ratio(seconds[0], seconds[2]));
        }
    }
}
