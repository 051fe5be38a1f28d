using Reasoning.Models.Config;
using Reasoning.Models.Devices;
using Reasoning.Models.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Generation;

/// <summary>Log-probabilities and entropies of a given text, for inspection: float32 logits, float64 sums.</summary>
public static class Scorer
{
    /// <summary>
    /// For each of <paramref name="ids"/> but the first, its natural log-probability after the ids before it and the entropy in nats of
    /// the distribution that predicts it.
    /// </summary>
    /// <returns>The ids as given, and one log-probability and one entropy per id from the second on.</returns>
    /// <exception cref="UserErrorException">More ids than the model has positions, or an id outside its embedding; or the logits are not finite.</exception>
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
        Tensor hidden = model.Hidden(new PackedSequences([ids])).narrow(0, 0, count); // [count, width]
        Tensor targets = Transfer.Indices(hidden.device, ids.AsSpan(1).ToArray());
        OutputHead.Read(hidden, model.HeadWeight, rows =>
        {
            Tensor all = nn.functional.log_softmax(rows.Logits().to(ScalarType.Float64), 1); // [rows, vocab]
            LogitRows.Pick(all, rows.Of(targets)).cpu().data<double>().CopyTo(logProbs, rows.First);
            LogitRows.Entropy(all).cpu().data<double>().CopyTo(entropies, rows.First);
        });
        int broken = Array.FindIndex(logProbs, value => !double.IsFinite(value));
        if (broken < 0) return (ids, logProbs, entropies);
        throw new UserErrorException(
            $"Token {broken + 1} of the text has log-probability {logProbs[broken]}; the weights hold a value that is not finite, or have grown beyond float32.");
    }

    /// <summary>The hidden states behind the final norm, which the head reads.</summary>
    /// <returns>[ids · hidden size], a row for each of <paramref name="ids"/>.</returns>
    /// <exception cref="UserErrorException">More ids than the model has positions, or an id outside its embedding.</exception>
    public static float[] HiddenStates(CausalLM model, int[] ids)
    {
        Check(model.Config, ids);
        if (ids.Length == 0) return [];
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return model.Hidden(new PackedSequences([ids])).to(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
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
