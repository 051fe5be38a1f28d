namespace Reasoning.Models;

/// <summary>One tensor of a model in both worlds.</summary>
/// <param name="Name">Its name in GGUF files.</param>
/// <param name="Source">Its name in Hugging Face checkpoints.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="Role">What it is for.</param>
internal sealed record TensorRule(string Name, string Source, long[] Shape, TensorRole Role)
{
    /// <summary>All tensors of a model, in the order in which they are written.</summary>
    public static List<TensorRule> Of(ModelConfig config)
    {
        (long width, long inner, long vocabulary) = (config.HiddenSize, config.IntermediateSize, config.VocabSize);
        long queries = (long)config.Heads * config.HeadDim, keys = (long)config.KeyValueHeads * config.HeadDim;
        var rules = new List<TensorRule>
        {
            new(
                "token_embd.weight", "model.embed_tokens.weight", [vocabulary, width],
                config.TieWordEmbeddings ? TensorRole.Head : TensorRole.Embedding),
            new("output_norm.weight", "model.norm.weight", [width], TensorRole.Norm),
        };
        if (!config.TieWordEmbeddings) rules.Add(new("output.weight", "lm_head.weight", [vocabulary, width], TensorRole.Head));
        for (int layer = 0; layer < config.Layers; layer++)
        {
            string name = $"blk.{layer}.", source = $"model.layers.{layer}.";
            Add("attn_norm", "input_layernorm", [width], TensorRole.Norm);
            Add("attn_q", "self_attn.q_proj", [queries, width], TensorRole.Query);
            Add("attn_k", "self_attn.k_proj", [keys, width], TensorRole.Key);
            Add("attn_v", "self_attn.v_proj", [keys, width], TensorRole.Matrix);
            if (config.AttentionBias)
            {
                AddBias("attn_q", "self_attn.q_proj", queries);
                AddBias("attn_k", "self_attn.k_proj", keys);
                AddBias("attn_v", "self_attn.v_proj", keys);
            }

            if (config.QkNorm)
            {
                Add("attn_q_norm", "self_attn.q_norm", [config.HeadDim], TensorRole.Norm);
                Add("attn_k_norm", "self_attn.k_norm", [config.HeadDim], TensorRole.Norm);
            }

            Add("attn_output", "self_attn.o_proj", [width, queries], TensorRole.Matrix);
            if (config.SandwichNorms)
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
