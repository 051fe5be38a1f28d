namespace Reasoning.Models.Config;

/// <summary>
/// One tensor of a model, from its configuration alone: a checkpoint can be checked before memory is taken for it.
/// </summary>
/// <param name="GgufName">Its name in GGUF files.</param>
/// <param name="Name">Its name in Hugging Face checkpoints, and of the parameter.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="Role">What it is for.</param>
internal sealed record ModelTensor(string GgufName, string Name, long[] Shape, TensorRole Role)
{
    internal const string EmbeddingName = "model.embed_tokens.weight";
    internal const string HeadName = "lm_head.weight";

    /// <summary>All tensors of a model, in the order in which GGUF files have them.</summary>
    public static List<ModelTensor> Of(ModelConfig config)
    {
        (long width, long inner, long vocabulary) = (config.HiddenSize, config.IntermediateSize, config.VocabSize);
        long queries = (long)config.Heads * config.HeadDim, keys = (long)config.KeyValueHeads * config.HeadDim;
        var rules = new List<ModelTensor>
        {
            new(
                "token_embd.weight", EmbeddingName, [vocabulary, width],
                config.TieWordEmbeddings ? TensorRole.Head : TensorRole.Embedding),
            new("output_norm.weight", "model.norm.weight", [width], TensorRole.Norm),
        };
        if (!config.TieWordEmbeddings) rules.Add(new("output.weight", HeadName, [vocabulary, width], TensorRole.Head));
        for (int layer = 0; layer < config.Layers; layer++)
        {
            string name = $"blk.{layer}.", source = $"model.layers.{layer}.";
            Add("attn_norm", "input_layernorm", [width], TensorRole.Norm);
            Add("attn_q", "self_attn.q_proj", [queries, width], TensorRole.Query);
            Add("attn_k", "self_attn.k_proj", [keys, width], TensorRole.Key);
            Add("attn_v", "self_attn.v_proj", [keys, width], TensorRole.Matrix);
            if (config.Family.AttentionBias)
            {
                AddBias("attn_q", "self_attn.q_proj", queries);
                AddBias("attn_k", "self_attn.k_proj", keys);
                AddBias("attn_v", "self_attn.v_proj", keys);
            }

            if (config.Family.QkNorm)
            {
                Add("attn_q_norm", "self_attn.q_norm", [config.HeadDim], TensorRole.Norm);
                Add("attn_k_norm", "self_attn.k_norm", [config.HeadDim], TensorRole.Norm);
            }

            Add("attn_output", "self_attn.o_proj", [width, queries], TensorRole.Matrix);
            if (config.Family.SandwichNorms)
            {
                Add("post_attention_norm", "post_attention_layernorm", [width], TensorRole.Norm);
                Add("ffn_norm", "pre_feedforward_layernorm", [width], TensorRole.Norm);
                Add("post_ffw_norm", "post_feedforward_layernorm", [width], TensorRole.Norm);
            }
            else
            {
                Add("ffn_norm", "post_attention_layernorm", [width], TensorRole.Norm);
            }

            Add("ffn_gate", "mlp.gate_proj", [inner, width], TensorRole.Matrix);
            Add("ffn_up", "mlp.up_proj", [inner, width], TensorRole.Matrix);
            Add("ffn_down", "mlp.down_proj", [width, inner], TensorRole.Matrix);

            void Add(string gguf, string hub, long[] shape, TensorRole role)
                => rules.Add(new($"{name}{gguf}.weight", $"{source}{hub}.weight", shape, role));

            void AddBias(string gguf, string hub, long size)
                => rules.Add(new($"{name}{gguf}.bias", $"{source}{hub}.bias", [size], TensorRole.Bias));
        }

        return rules;
    }
}
