using Reasoning.Models;

namespace Reasoning.Bench.Harness;

/// <summary>The multiply-adds that a model's matrix products cannot do without, each counted as two operations.</summary>
internal static class MatrixWork
{
    /// <summary>Operations of one token forward: twice the elements of all matrices it is multiplied with, the head included.</summary>
    public static double Forward(ModelConfig config)
    {
        double heads = config.Heads * (double)config.HeadDim, keys = config.KeyValueHeads * (double)config.HeadDim;
        double layer = (config.HiddenSize * ((2 * heads) + (2 * keys))) + (3.0 * config.HiddenSize * config.IntermediateSize);
        return 2 * ((config.Layers * layer) + ((double)config.HiddenSize * config.VocabSize));
    }

    /// <summary>Operations of one token forward and backward: the backward pass makes a product for the input and one for the weight.</summary>
    public static double Training(ModelConfig config) => 3 * Forward(config);
}
