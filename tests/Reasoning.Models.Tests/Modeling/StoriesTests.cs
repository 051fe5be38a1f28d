using System.Text.Json;
using Reasoning.Models.Tests.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Tests.Modeling;

/// <summary>A trained model of 260 000 parameters against a float64 reference made elsewhere.</summary>
public sealed class StoriesTests
{
    [Fact]
    public void Log_probs_entropies_and_greedy_choices_agree_with_the_reference()
    {
        string folder = SharedFolder.Require("models/stories260k");

        using CausalLM model = CausalLM.Load(folder);
        using JsonDocument expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "expected.json")));
        foreach (JsonElement example in expected.RootElement.GetProperty("cases").EnumerateArray())
        {
            int[] ids = [.. example.GetProperty("ids").EnumerateArray().Select(e => e.GetInt32())];
            (double[] logProbs, double[] entropies, _) = Score(model, ids);
            AssertNear(example.GetProperty("logprobs"), logProbs);
            AssertNear(example.GetProperty("entropies"), entropies);
        }

        int[] greedy = [.. expected.RootElement.GetProperty("greedy_ids").EnumerateArray().Select(e => e.GetInt32())];
        (_, _, long[] best) = Score(model, greedy);
        Assert.Equal(greedy[1..], best.Select(id => (int)id));
    }

    private static (double[] LogProbs, double[] Entropies, long[] Best) Score(CausalLM model, int[] ids)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = model.Hidden(new PackedSequences([ids[..^1]]));
        HeadScores scores = OutputHead.Score(hidden, model.HeadWeight, tensor(ids[1..].Select(id => (long)id).ToArray()));
        Tensor best = nn.functional.linear(hidden, model.HeadWeight).argmax(1);
        return (Twins.Values(scores.LogProb), Twins.Values(scores.Entropy), best.data<long>().ToArray());
    }

    private static void AssertNear(JsonElement expected, double[] actual)
    {
        double[] values = [.. expected.EnumerateArray().Select(e => e.GetDouble())];
        Assert.Equal(values.Length, actual.Length);
        for (int i = 0; i < values.Length; i++)
            Assert.Equal(values[i], actual[i], 1e-4);
    }
}
