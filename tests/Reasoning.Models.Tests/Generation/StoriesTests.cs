using System.Text.Json;
using Reasoning.Models.Chat;
using Reasoning.Models.Generation;
using Reasoning.Models.Policies;

namespace Reasoning.Models.Tests.Generation;

/// <summary>A real checkpoint (stories260k) against a float64 reference made elsewhere.</summary>
public sealed class StoriesTests(ITestOutputHelper output)
{
    [Fact]
    public void Greedy_ids_equal_the_reference()
    {
        string folder = SharedFolder.Require("models/stories260k");
        using Policy policy = Policy.Load(folder);
        using JsonDocument expected = Expected(folder);
        int[] ids = Ints(expected.RootElement.GetProperty("greedy_ids"));

        foreach (bool composite in new[] { false, true })
        {
            Rollout rollout = new Generator(policy.Model, []) { Composite = composite }.Generate(
                [new GenerationRequest("start", ids[..1], 1)], new SamplingOptions { Temperature = 0, MaxNewTokens = ids.Length - 1 })[0][0];
            Assert.Equal(ids[1..], rollout.Ids);
        }
    }

    [Fact]
    public void Scores_equal_the_reference()
    {
        string folder = SharedFolder.Require("models/stories260k");
        using Policy policy = Policy.Load(folder);
        using JsonDocument expected = Expected(folder);
        double worst = 0;
        foreach (JsonElement known in expected.RootElement.GetProperty("cases").EnumerateArray())
        {
            int[] ids = Ints(known.GetProperty("ids"));
            Assert.Equal(ids, policy.Tokenizer.Encode(known.GetProperty("text").GetString()!));
            (int[] scored, double[] logProbs, double[] entropies) = Scorer.Score(policy.Model, ids);
            Assert.Equal(ids, scored);
            Assert.Equal(ids.Length - 1, logProbs.Length);
            worst = Math.Max(worst, Worst(known.GetProperty("logprobs"), logProbs));
            worst = Math.Max(worst, Worst(known.GetProperty("entropies"), entropies));
        }

        output.WriteLine($"largest difference {worst:g3}");
        Assert.InRange(worst, 0, 1e-4);
    }

    [Fact]
    public void The_end_token_is_named_with_its_sources()
    {
        string folder = SharedFolder.Require("models/stories260k");
        using Policy policy = Policy.Load(folder);
        StopToken stop = Assert.Single(policy.Stops);
        Assert.Equal((2, "</s>"), (stop.Id, stop.Text));
        Assert.Contains("config.json", stop.Sources);
        Assert.Contains("generation_config.json", stop.Sources);
    }

    private static double Worst(JsonElement expected, double[] actual)
    {
        double[] values = [.. expected.EnumerateArray().Select(value => value.GetDouble())];
        Assert.Equal(values.Length, actual.Length);
        return values.Zip(actual, (a, b) => Math.Abs(a - b)).Max();
    }

    private static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetInt32())];

    private static JsonDocument Expected(string folder) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "expected.json")));
}
