using System.Runtime.InteropServices;
using Reasoning.Models.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models;

/// <summary>Log-probabilities and entropies of a given text, for inspection: float32 logits, float64 sums.</summary>
public static class Scorer
{
    /// <summary>Logits that exist at once, in elements.</summary>
    private const long LogitsLimit = 1 << 24;

    /// <summary>
    /// For each of <paramref name="ids"/> but the first, its natural log-probability after the ids before it and the entropy in nats of
    /// the distribution that predicts it.
    /// </summary>
    /// <returns>The ids as given, and one log-probability and one entropy per id from the second on.</returns>
    /// <exception cref="UserErrorException">More ids than the model has positions, or an id outside its embedding.</exception>
    public static (int[] ids, double[] logprobs, double[] entropies) Score(CausalLM model, int[] ids)
    {
        int count = Math.Max(0, ids.Length - 1);
        var logProbs = new double[count];
        var entropies = new double[count];
        Check(model.Config, ids);
        if (count == 0)
            return (ids, logProbs, entropies);

        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = model.Hidden(new PackedSequences([ids])); // [ids, width]
        int chunk = (int)Math.Max(1, LogitsLimit / model.Config.VocabSize);
        for (int first = 0; first < count; first += chunk)
        {
            using DisposeScope chunkScope = NewDisposeScope();
            int rows = Math.Min(chunk, count - first);
            Tensor logits = nn.functional.linear(hidden.narrow(0, first, rows), model.HeadWeight.to(hidden.dtype)) // [rows, vocab]
                .to(ScalarType.Float32).cpu().contiguous();
            int start = first;
            Workers.For(rows, row =>
            {
                int vocabulary = model.Config.VocabSize;
                ReadOnlySpan<float> all = MemoryMarshal.Cast<byte, float>(logits.bytes);
                (logProbs[start + row], entropies[start + row]) = ScoreRow(all.Slice(row * vocabulary, vocabulary), ids[start + row + 1]);
            });
        }

        return (ids, logProbs, entropies);
    }

    /// <summary>With z = logit − max and Z = Σ exp(z): log p = z[target] − log Z, entropy = log Z − Σ exp(z) · z / Z.</summary>
    private static (double LogProb, double Entropy) ScoreRow(ReadOnlySpan<float> logits, int target)
    {
        double max = double.NegativeInfinity;
        foreach (float logit in logits)
            max = Math.Max(max, logit);

        double sum = 0, weighted = 0;
        foreach (float logit in logits)
        {
            double z = logit - max;
            double e = Math.Exp(z);
            sum += e;
            weighted += e > 0 ? e * z : 0;
        }

        double logSum = Math.Log(sum);
        return (logits[target] - max - logSum, logSum - (weighted / sum));
    }

    private static void Check(ModelConfig config, int[] ids)
    {
        if (ids.Length > config.MaxPositions)
        {
            throw new UserErrorException(
                $"The text has {ids.Length} tokens and the model {config.MaxPositions} positions; shorten the text.");
        }

        int outside = Array.FindIndex(ids, id => (uint)id >= (uint)config.VocabSize);
        if (outside >= 0)
        {
            throw new UserErrorException(
                $"Token {ids[outside]} at place {outside} is outside the model's embedding of {config.VocabSize} rows: "
                + "tokenizer and model do not match.");
        }
    }
}
