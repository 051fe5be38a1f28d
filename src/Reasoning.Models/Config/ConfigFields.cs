using System.Globalization;
using System.Text.Json;
using Reasoning.Models.Files;

namespace Reasoning.Models.Config;

/// <summary>
/// Every field of config.json has a place here: it is used, it changes the computation and only its neutral value is accepted, or it has
/// no part in the computation. A field without a place is named (<see cref="ModelConfig.UnknownFields"/>).
/// </summary>
internal static class ConfigFields
{
    /// <summary>Read for every family; each has some of its own.</summary>
    internal static readonly string[] Used =
    [
        "model_type", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads", "head_dim",
        "vocab_size", "max_position_embeddings", "rms_norm_eps", "rope_theta", "rope_scaling", "rope_parameters",
        "original_max_position_embeddings", "tie_word_embeddings", "bos_token_id", "eos_token_id",
    ];

    /// <summary>Fields that change the computation in a way that is not implemented, with the values at which they do not.</summary>
    internal static readonly Dictionary<string, string[]> Neutral = new()
    {
        ["attention_bias"] = ["false"],
        ["mlp_bias"] = ["false"],
        ["partial_rotary_factor"] = ["1"],
        ["rope_interleaved"] = ["false"],
        ["attn_logit_softcapping"] = [],
        ["final_logit_softcapping"] = [],
        ["logit_scale"] = ["1"],
        ["logits_scaling"] = ["1"],
        ["embedding_multiplier"] = ["1"],
        ["residual_multiplier"] = ["1"],
        ["attention_multiplier"] = [],
        ["num_experts"] = ["0"],
        ["num_local_experts"] = ["0"],
        ["num_experts_per_tok"] = ["0"],
        ["use_bidirectional_attention"] = ["false"],
        ["use_mrope"] = ["false"],
        ["use_qk_norm"] = ["false"],
        ["qk_layernorm"] = ["false"],
        ["is_encoder_decoder"] = ["false"],
        ["add_cross_attention"] = ["false"],
        ["cross_attention_hidden_size"] = [],
        ["pruned_heads"] = ["{}"],
        ["auto_map"] = [],
        ["quantization_config"] = [],
        ["vision_config"] = [],
        ["audio_config"] = [],
    };

    private static readonly Dictionary<string, string> s_advice = new()
    {
        ["quantization_config"] = "quantized weights are not supported, take the unquantized checkpoint",
        ["auto_map"] = "the model is computed by code of its own; remove the field if the tensors are those of a plain model of this family",
    };

    /// <summary>Fields without a part in the computation, by the reason.</summary>
    internal static readonly Dictionary<string, string[]> Harmless = new()
    {
        ["the type of the weights: files name that of each tensor, and a saved folder its own"] = ["torch_dtype", "dtype"],
        ["names: transformers chooses the class by model_type"] =
        [
            "architectures", "_name_or_path", "finetuning_task", "is_llama_config", "tokenizer_class", "transformers_version",
            "transformers.js_config", "unsloth_fixed", "unsloth_version",
        ],
        ["how the same numbers are computed, or how they are given back"] =
        [
            "_attn_implementation", "_attn_implementation_autoset", "attn_implementation", "cache_implementation",
            "chunk_size_feed_forward", "is_decoder", "output_attentions", "output_hidden_states", "output_scores", "pretraining_tp",
            "return_dict", "return_dict_in_generate", "torchscript", "use_bfloat16", "use_cache",
        ],
        ["training from the start, or with dropout, which no method here has"] =
            ["attention_dropout", "attention_probs_dropout_prob", "hidden_dropout_prob", "initializer_range", "tf_legacy_loss"],
        ["other tasks and other kinds of models: classification, encoders with decoders"] =
            ["decoder_start_token_id", "id2label", "label2id", "problem_type", "sep_token_id", "task_specific_params", "tie_encoder_decoder"],
        ["beyond max_position_embeddings, which no sequence exceeds"] = ["dynamic.factor"],
        ["padding: sequences are packed by their lengths"] = ["pad_token_id"],
        ["sampling: the command line and the recipe say how"] =
        [
            "bad_words_ids", "begin_suppress_tokens", "diversity_penalty", "do_sample", "early_stopping", "encoder_no_repeat_ngram_size",
            "exponential_decay_length_penalty", "forced_bos_token_id", "forced_eos_token_id", "length_penalty", "max_length", "min_length",
            "no_repeat_ngram_size", "num_beam_groups", "num_beams", "num_return_sequences", "prefix", "remove_invalid_values",
            "repetition_penalty", "suppress_tokens", "temperature", "top_k", "top_p", "typical_p",
        ],
    };

    private static readonly HashSet<string> s_harmless = [.. Harmless.Values.SelectMany(fields => fields)];

    /// <summary>Checks that no field asks for something that is not implemented.</summary>
    /// <exception cref="UserErrorException">One does; the message names it.</exception>
    internal static void Refuse(JsonFields fields, ModelFamily family)
    {
        string activation = fields.OptionalString(family.ActivationField) ?? family.Activations[0];
        if (!family.Activations.Contains(activation))
            throw fields.Error(family.ActivationField, $"is '{activation}'; only {family.Activations[0]} is supported for {family.Name}");
        foreach ((string field, string[] neutral) in Neutral)
        {
            if (fields.Find(field) is not { } value || neutral.Any(text => Equals(value, text))) continue;
            if (family.Ignored.Contains(field)) continue;
            string found = value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? "is present" : $"is {value.GetRawText()}";
            throw fields.Error(field, $"{found}: {s_advice.GetValueOrDefault(field, $"which is not supported for {family.Name}")}");
        }
    }

    /// <summary>The fields without a place, in the order of the file.</summary>
    internal static string[] Unknown(JsonFields fields, ModelFamily family) =>
    [
        .. fields.Names().Where(name => !Used.Contains(name) && !Neutral.ContainsKey(name) && !s_harmless.Contains(name)
            && !family.Fields.Contains(name)),
    ];

    private static bool Equals(JsonElement value, string text) => value.ValueKind switch
    {
        JsonValueKind.Number => double.TryParse(text, CultureInfo.InvariantCulture, out double number) && value.GetDouble() == number,
        JsonValueKind.Object => text == "{}" && !value.EnumerateObject().Any(),
        JsonValueKind.True or JsonValueKind.False => value.GetRawText() == text,
        _ => false,
    };
}
