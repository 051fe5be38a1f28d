using System.Runtime.InteropServices;
using Reasoning.Models.Devices;
using Reasoning.Models.Modeling;
using Reasoning.Trainer.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Trainer.Learning;

/// <summary>What a model says of sampled answers without learning from them.</summary>
internal static class SampleScores
{
    /// <summary>Goes over the answers in parts that fit into memory.</summary>
    /// <param name="model">The model to ask.</param>
    /// <param name="samples">The answers.</param>
    /// <param name="temperature">Divides the logits.</param>
    /// <param name="microBatchTokens">Tokens computed in one pass.</param>
    /// <param name="value">[rows] from the logits that tokens were drawn with, and their ids [rows].</param>
    /// <param name="take">Gets each answer with the values of its tokens.</param>
    /// <param name="ranks">Who divides the work, where several give the same answers: each then gets the values of all.</param>
    public static void Each(
        CausalLM model, Sample[] samples, double temperature, int microBatchTokens, Func<LogitRows, Tensor, Tensor> value,
        Action<Sample, float[]> take, Ranks? ranks = null)
    {
        if (ranks?.AreSeveral == true)
        {
            var own = new List<float>();
            Each(model, [.. MicroBatches.Share(samples, ranks)], temperature, microBatchTokens, value, (_, values) => own.AddRange(values));
            byte[] all = [.. ranks.Gather(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(own)).ToArray()).SelectMany(part => part)];
            ReadOnlySpan<float> left = MemoryMarshal.Cast<byte, float>(all);
            foreach (Sample sample in samples)
            {
                take(sample, left[..sample.Rollout.Ids.Length].ToArray());
                left = left[sample.Rollout.Ids.Length..];
            }

            return;
        }

        using IDisposable noGradient = no_grad();
        foreach (ArraySegment<Sample> part in MicroBatches.Split(samples, microBatchTokens))
        {
            using DisposeScope scope = NewDisposeScope();
            var rows = new AnswerRows([.. part.Select(sample => sample.Rollout)]);
            Tensor hidden_TD = rows.Hidden(model), ids_T = rows.Targets(hidden_TD.device); // [answer tokens, width], [answer tokens]
            Tensor values = empty(rows.Count, device: hidden_TD.device);
            OutputHead.Read(hidden_TD, model.HeadWeight, some => some.Keep(values, value(some, some.Of(ids_T))), temperature);
            float[] all = Floats.Of(values);
            for (int s = 0; s < part.Count; s++) take(part[s], all[rows.Offsets[s]..rows.Offsets[s + 1]]);
        }
    }
}
