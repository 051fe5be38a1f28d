using Reasoning.Models;
using Reasoning.Trainer.Loop;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Objectives;

/// <summary>The rows of a part of an update whose entropy is minimized, with what each counts. Owned by the caller's scope.</summary>
/// <param name="Hidden">[chosen, width]</param>
/// <param name="Weights">[chosen]</param>
/// <param name="Count">Number of rows.</param>
internal sealed record ChosenTokens(Tensor Hidden, Tensor Weights, int Count)
{
    /// <summary>Applies a choice.</summary>
    /// <param name="choice">Which tokens of an answer enter.</param>
    /// <param name="samples">The answers.</param>
    /// <param name="rows">Their rows.</param>
    /// <param name="hidden">[answer tokens, width]</param>
    /// <param name="head">[vocab, width], for choices that look at entropies.</param>
    /// <param name="temperature">Divides the logits of those entropies.</param>
    /// <param name="weights">What a token of each answer counts, from the first of these answers on.</param>
    public static ChosenTokens From(
        TokenChoice choice, ArraySegment<Sample> samples, AnswerRows rows, Tensor hidden, Tensor head, double temperature,
        ReadOnlySpan<double> weights)
    {
        float[] entropies = choice.NeedsEntropies ? Entropies(hidden, head, temperature) : [];
        var places = new List<long>();
        var counts = new List<float>();
        for (int s = 0; s < samples.Count; s++)
        {
            int first = rows.Offsets[s];
            ReadOnlySpan<float> own = choice.NeedsEntropies ? entropies.AsSpan(first, rows.Offsets[s + 1] - first) : [];
            foreach (int place in choice.Places(samples[s], own))
            {
                places.Add(first + place);
                counts.Add((float)weights[s]);
            }
        }

        Tensor weight = Floats.Beside(hidden, [.. counts]);
        if (places.Count == rows.Count) return new ChosenTokens(hidden, weight, places.Count);
        Tensor index = tensor([.. places], device: hidden.device);
        return new ChosenTokens(hidden.index_select(0, index), weight, places.Count);
    }

    private static float[] Entropies(Tensor hidden, Tensor head, double temperature)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor entropies = empty(hidden.shape[0], device: hidden.device);
        OutputHead.Read(hidden, head, rows => rows.Keep(entropies, LogitRows.Entropy(rows.LogProbs())), temperature);
        return Floats.Of(entropies);
    }
}
