using Reasoning.Models.Modeling;
using TorchSharp;
using static TorchSharp.torch;

namespace Reasoning.Models.Generation;

/// <summary>
/// What a model makes of whole sequences: the mean over positions of its hidden states after the final norm.
/// </summary>
public static class HiddenMeans
{
    /// <summary>One vector for each sequence; an empty sequence gets the zero vector. No gradient is kept.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sequences">Token ids; of a sequence longer than the model's positions only the end is read.</param>
    /// <param name="batchTokens">Tokens computed in one pass; affects memory, never results.</param>
    /// <returns>[sequences, width]</returns>
    public static float[][] Of(CausalLM model, IReadOnlyList<int[]> sequences, int batchTokens = 8192)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(sequences);
        using IDisposable noGradient = no_grad();
        int width = model.Config.HiddenSize;
        float[][] vectors = [.. sequences.Select(_ => new float[width])]; // [sequences, width]
        int[] filled = [.. Enumerable.Range(0, sequences.Count).Where(i => sequences[i].Length > 0)];
        int first = 0;
        while (first < filled.Length)
        {
            int end = first, tokens = 0;
            do tokens += Tail(filled[end++]).Length;
            while (end < filled.Length && tokens + Tail(filled[end]).Length <= batchTokens);
            Fill(filled.AsSpan(first, end - first));
            first = end;
        }

        return vectors;

        int[] Tail(int i) => sequences[i].Length <= model.Config.MaxPositions ? sequences[i] : sequences[i][^model.Config.MaxPositions..];

        void Fill(ReadOnlySpan<int> members)
        {
            using DisposeScope scope = NewDisposeScope();
            int[][] ids = new int[members.Length][];
            for (int m = 0; m < ids.Length; m++) ids[m] = Tail(members[m]);
            var batch = new PackedSequences(ids);
            Tensor hidden = model.Hidden(batch); // [tokens, width]
            for (int m = 0; m < ids.Length; m++)
            {
                Tensor mean = hidden.slice(0, batch.Offsets[m], batch.Offsets[m + 1], 1).mean([0]); // [width]
                mean.to(float32).cpu().data<float>().CopyTo(vectors[members[m]]);
            }
        }
    }
}
