using System.Text.Json;

namespace Reasoning.Models.Tests.Gguf;

/// <summary>What llama.cpp says about one file.</summary>
internal sealed class LlamaAnswer
{
    private readonly JsonElement _answer;

    public LlamaAnswer(JsonElement answer)
    {
        Assert.False(answer.TryGetProperty("error", out _), answer.ToString());
        _answer = answer;
    }

    /// <summary>For each text its ids.</summary>
    public int[][] Ids => [.. _answer.GetProperty("ids").EnumerateArray().Select(Ints)];

    public int[] Greedy => Ints(_answer.GetProperty("greedy"));

    public bool AddsBos => _answer.GetProperty("addsBos").GetBoolean();

    public bool AddsEos => _answer.GetProperty("addsEos").GetBoolean();

    /// <summary>For each asked id whether it ends an answer.</summary>
    public bool[] Ends => [.. _answer.GetProperty("ends").EnumerateArray().Select(item => item.GetBoolean())];

    /// <summary>For a list of ids the log-probabilities after each of them.</summary>
    public double[][] LogProbs(int list) =>
    [
        .. _answer.GetProperty("logits")[list].EnumerateArray()
            .Select(row => GgufModels.LogSoftmax([.. row.EnumerateArray().Select(value => value.GetSingle())])),
    ];

    private static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetInt32())];
}
