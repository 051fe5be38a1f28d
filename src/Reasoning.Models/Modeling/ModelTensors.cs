namespace Reasoning.Models;

/// <summary>
/// Names and shapes of a model's tensors, from its configuration alone: a checkpoint can be checked before memory is taken for it.
/// </summary>
internal static class ModelTensors
{
    internal const string EmbeddingName = "model.embed_tokens.weight";
    internal const string HeadName = "lm_head.weight";

    /// <summary>Every parameter that a model of this configuration has, as checkpoints name it.</summary>
    internal static IEnumerable<(string Name, long[] Shape)> Of(ModelConfig config)
    {
        long width = config.HiddenSize, inner = config.IntermediateSize;
        long queries = (long)config.Heads * config.HeadDim, keys = (long)config.KeyValueHeads * config.HeadDim;
        yield return (EmbeddingName, [config.VocabSize, width]);
        for (int layer = 0; layer < config.Layers; layer++)
        {
            string name = $"model.layers.{layer}.", attention = name + "self_attn.", feedForward = name + "mlp.";
            yield return (attention + "q_proj.weight", [queries, width]);
            yield return (attention + "k_proj.weight", [keys, width]);
            yield return (attention + "v_proj.weight", [keys, width]);
            yield return (attention + "o_proj.weight", [width, queries]);
            if (config.AttentionBias)
            {
                yield return (attention + "q_proj.bias", [queries]);
                yield return (attention + "k_proj.bias", [keys]);
                yield return (attention + "v_proj.bias", [keys]);
            }

            if (config.QkNorm)
            {
                yield return (attention + "q_norm.weight", [config.HeadDim]);
                yield return (attention + "k_norm.weight", [config.HeadDim]);
            }

            yield return (feedForward + "gate_proj.weight", [inner, width]);
            yield return (feedForward + "up_proj.weight", [inner, width]);
            yield return (feedForward + "down_proj.weight", [width, inner]);
            yield return (name + "input_layernorm.weight", [width]);
            yield return (name + "post_attention_layernorm.weight", [width]);
            if (config.SandwichNorms)
            {
                yield return (name + "pre_feedforward_layernorm.weight", [width]);
                yield return (name + "post_feedforward_layernorm.weight", [width]);
            }
        }

        yield return ("model.norm.weight", [width]);
        if (!config.TieWordEmbeddings)
            yield return (HeadName, [config.VocabSize, width]);
    }
}
