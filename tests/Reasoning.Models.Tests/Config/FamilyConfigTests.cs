using System.Text.Json.Nodes;
using Reasoning.Models.Config;
using static Reasoning.Models.Tests.Formats.TinyTokenizers;

namespace Reasoning.Models.Tests.Formats;

/// <summary>The fields that published checkpoints of each family carry, and what becomes of them.</summary>
public sealed class FamilyConfigTests
{
    private const string TinyLlama = """
        {
          "architectures": ["LlamaForCausalLM"], "attention_bias": false, "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu",
          "hidden_size": 2048, "initializer_range": 0.02, "intermediate_size": 5632, "max_position_embeddings": 2048, "model_type": "llama",
          "num_attention_heads": 32, "num_hidden_layers": 22, "num_key_value_heads": 4, "pretraining_tp": 1, "rms_norm_eps": 1e-05,
          "rope_scaling": null, "rope_theta": 10000.0, "tie_word_embeddings": false, "torch_dtype": "bfloat16",
          "transformers_version": "4.35.0", "use_cache": true, "vocab_size": 32000
        }
        """;

    private const string SmolLM2 = """
        {
          "architectures": ["LlamaForCausalLM"], "attention_bias": false, "attention_dropout": 0.0, "bos_token_id": 1, "eos_token_id": 2,
          "hidden_act": "silu", "hidden_size": 576, "initializer_range": 0.041666666666666664, "intermediate_size": 1536,
          "is_llama_config": true, "max_position_embeddings": 8192, "mlp_bias": false, "model_type": "llama", "num_attention_heads": 9,
          "num_hidden_layers": 30, "num_key_value_heads": 3, "pad_token_id": 2, "pretraining_tp": 1, "rms_norm_eps": 1e-05,
          "rope_interleaved": false, "rope_scaling": null, "rope_theta": 100000, "tie_word_embeddings": true, "torch_dtype": "bfloat16",
          "transformers.js_config": {"kv_cache_dtype": {"q4f16": "float16"}}, "transformers_version": "4.42.3", "use_cache": true,
          "vocab_size": 49152
        }
        """;

    private const string Mistral = """
        {
          "architectures": ["MistralForCausalLM"], "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu", "hidden_size": 4096,
          "initializer_range": 0.02, "intermediate_size": 14336, "max_position_embeddings": 32768, "model_type": "mistral",
          "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 8, "rms_norm_eps": 1e-05, "rope_theta": 10000.0,
          "sliding_window": 4096, "tie_word_embeddings": false, "torch_dtype": "bfloat16", "transformers_version": "4.34.0.dev0",
          "use_cache": true, "vocab_size": 32000
        }
        """;

    private const string Gemma3 = """
        {
          "architectures": ["Gemma3ForCausalLM"], "attention_bias": false, "attention_dropout": 0.0, "attn_logit_softcapping": null,
          "bos_token_id": 2, "cache_implementation": "hybrid", "eos_token_id": [1, 106], "final_logit_softcapping": null, "head_dim": 256,
          "hidden_activation": "gelu_pytorch_tanh", "hidden_size": 1152, "initializer_range": 0.02, "intermediate_size": 6912,
          "max_position_embeddings": 32768, "model_type": "gemma3_text", "num_attention_heads": 4, "num_hidden_layers": 26,
          "num_key_value_heads": 1, "pad_token_id": 0, "query_pre_attn_scalar": 256, "rms_norm_eps": 1e-06, "rope_local_base_freq": 10000,
          "rope_scaling": null, "rope_theta": 1000000, "sliding_window": 512, "sliding_window_pattern": 6, "torch_dtype": "bfloat16",
          "transformers_version": "4.50.0.dev0", "use_cache": true, "vocab_size": 262144
        }
        """;

    private const string Qwen2 = """
        {
          "architectures": ["Qwen2ForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 151643, "eos_token_id": 151643,
          "hidden_act": "silu", "hidden_size": 1536, "initializer_range": 0.02, "intermediate_size": 8960, "max_position_embeddings": 131072,
          "max_window_layers": 21, "model_type": "qwen2", "num_attention_heads": 12, "num_hidden_layers": 28, "num_key_value_heads": 2,
          "rms_norm_eps": 1e-06, "rope_theta": 10000, "sliding_window": 4096, "tie_word_embeddings": false, "torch_dtype": "bfloat16",
          "transformers_version": "4.44.0", "use_cache": true, "use_mrope": false, "use_sliding_window": false, "vocab_size": 151936
        }
        """;

    public static TheoryData<string> Published => [TinyLlama, SmolLM2, Mistral, Gemma3, Qwen2];

    public static TheoryData<string> NeutralFields => new(ConfigFields.Neutral.Keys);

    [Theory]
    [MemberData(nameof(Published))]
    public void Every_field_of_a_published_file_has_a_place(string json) => Assert.Empty(ModelConfig.Parse(json).UnknownFields);

    [Theory]
    [MemberData(nameof(Published))]
    public void A_written_file_differs_in_the_weight_type_only(string json)
    {
        JsonObject expected = JsonNode.Parse(json)!.AsObject();
        expected["torch_dtype"] = "float32";
        JsonNode written = JsonNode.Parse((ModelConfig.Parse(json) with { Dtype = "float32" }).ToJson())!;
        Assert.Equal(expected.ToJsonString(), written.ToJsonString());
    }

    [Fact]
    public void Mistral_slides_in_all_layers_unless_the_window_is_null()
    {
        ModelConfig config = ModelConfig.Parse(Mistral);
        Assert.All(Enumerable.Range(0, 32), layer => Assert.Equal(4096, config.Window(layer)));
        ModelConfig without = ModelConfig.Parse(With(Mistral, "sliding_window", "null"));
        Assert.Null(without.Window(0));
        Assert.Null(ModelConfig.Parse(With(Mistral, "sliding_window", "32768")).Window(0));
        Assert.Equal(4096, ModelConfig.Parse(Without(Mistral, "sliding_window")).Window(0));
        Assert.Contains("\"sliding_window\": null", (without with { OriginalJson = null }).ToJson(), StringComparison.Ordinal);
        ModelConfig.Parse(With(With(Mistral, "head_dim", "128"), "hidden_size", "5120"));
    }

    [Fact]
    public void Gemma3_slides_in_five_of_six_layers_with_a_rotation_of_their_own()
    {
        ModelConfig config = ModelConfig.Parse(Gemma3);
        Assert.Equal([5, 11, 17, 23], Enumerable.Range(0, 26).Where(layer => config.Window(layer) is null));
        Assert.Equal(512, config.Window(0));
        Assert.Equal((1e6, 1e4), (config.RopeTheta, config.LocalRopeTheta));
        Assert.Equal((true, true, true), (config.Family.QkNorm, config.Family.SandwichNorms, config.Family.ZeroCenteredNorms));
        Assert.Equal((GatedActivation.GeluTanh, 1.0 / 16), (config.Family.Activation, config.AttentionScale));
        Assert.Equal(Math.Sqrt(1152), config.EmbeddingScale);
        Assert.True(config.TieWordEmbeddings);
    }

    [Fact]
    public void Gemma3_is_the_same_in_the_spelling_of_transformers_5()
    {
        JsonObject json = JsonNode.Parse(Gemma3)!.AsObject();
        foreach (string field in (string[])["rope_theta", "rope_scaling", "rope_local_base_freq", "sliding_window_pattern"]) json.Remove(field);
        json["_sliding_window_pattern"] = 6;
        json["rope_parameters"] = JsonNode.Parse("""
            {"full_attention": {"rope_type": "linear", "factor": 8.0, "rope_theta": 1000000.0},
             "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0}}
            """);
        ModelConfig old = ModelConfig.Parse(With(Gemma3, "rope_scaling", """{"rope_type": "linear", "factor": 8.0}"""));
        ModelConfig renewed = ModelConfig.Parse(json.ToJsonString());
        AssertSame(old, renewed);
        ModelConfig changed = renewed with { RopeTheta = 5e5, LocalRopeTheta = 2e4, Scaling = null };
        AssertSame(changed, ModelConfig.Parse(changed.ToJson()));
        Assert.Equal(2e4, (double)JsonNode.Parse(changed.ToJson())!["rope_parameters"]!["sliding_attention"]!["rope_theta"]!);
    }

    [Fact]
    public void Qwen_slides_from_max_window_layers_on_once_it_is_switched_on()
    {
        Assert.Null(ModelConfig.Parse(Qwen2).SlidingWindow);
        ModelConfig on = ModelConfig.Parse(With(Qwen2, "use_sliding_window", "true"));
        Assert.Equal([21, 22, 23, 24, 25, 26, 27], Enumerable.Range(0, 28).Where(layer => on.Window(layer) == 4096));
        Assert.Null(ModelConfig.Parse(With(With(Qwen2, "use_sliding_window", "true"), "max_window_layers", "28")).SlidingWindow);

        string types = $"[{string.Join(",", Enumerable.Range(0, 28).Select(i => i == 3 ? "\"sliding_attention\"" : "\"full_attention\""))}]";
        ModelConfig named = ModelConfig.Parse(With(With(Qwen2, "use_sliding_window", "true"), "layer_types", types));
        Assert.Equal([3], Enumerable.Range(0, 28).Where(named.IsSliding));
        Assert.Contains("layer_types", UserError.Message(() => ModelConfig.Parse(With(Qwen2, "layer_types", types))));
        foreach (ModelConfig config in (ModelConfig[])[on, named])
            AssertSame(config, ModelConfig.Parse((config with { OriginalJson = null }).ToJson()));
    }

    [Theory]
    [MemberData(nameof(NeutralFields))]
    public void A_field_that_would_change_the_result_is_refused_by_name(string field)
    {
        string message = UserError.Message(() => ModelConfig.Parse(With(TinyLlama, field, "2.5"), "dir/config.json"));
        Assert.StartsWith($"dir/config.json: field '{field}' is 2.5", message);
        foreach (string neutral in ConfigFields.Neutral[field].Append("null")) ModelConfig.Parse(With(TinyLlama, field, neutral));
    }

    [Theory]
    [InlineData("layer_types", "[\"full_attention\"]", "has 1 entries for 26 layers")]
    [InlineData("layer_types", "\"all\"", "must be an array")]
    [InlineData("sliding_window", "null", "is null, but layers slide")]
    [InlineData("sliding_window", "0", "from 1 to")]
    [InlineData("hidden_activation", "\"silu\"", "only gelu_pytorch_tanh is supported for gemma3_text")]
    [InlineData("final_logit_softcapping", "30.0", "is 30.0: which is not supported for gemma3_text")]
    [InlineData("query_pre_attn_scalar", "-1", "a number from")]
    [InlineData("rope_local_base_freq", "\"x\"", "a number from")]
    [InlineData("use_bidirectional_attention", "true", "is true")]
    public void Bad_values_of_Gemma3_are_refused_by_name(string field, string value, string expected)
    {
        string message = UserError.Message(() => ModelConfig.Parse(With(Gemma3, field, value)));
        Assert.StartsWith($"config.json: field '{field}", message);
        Assert.Contains(expected, message);
    }

    [Fact]
    public void Fields_without_a_place_are_listed()
    {
        string json = With(With(TinyLlama, "my_switch", "3"), "rope_scaling", """{"rope_type":"linear","factor":2,"tilt":1}""");
        ModelConfig config = ModelConfig.Parse(With(With(json, "sliding_window", "128"), "nothing", "null"));
        Assert.Equal(["my_switch", "sliding_window", "rope_scaling.tilt"], config.UnknownFields);
        Assert.Null(config.SlidingWindow);
    }

    [Fact]
    public void Two_rotary_bases_must_agree()
    {
        string json = With(TinyLlama, "rope_parameters", """{"rope_type":"default","rope_theta":5000}""");
        Assert.Contains("is 5000, but 'rope_theta' is 10000", UserError.Message(() => ModelConfig.Parse(json)));
        Assert.Equal(5000, ModelConfig.Parse(Without(json, "rope_theta")).RopeTheta);
    }

    [Fact]
    public void The_documentation_names_every_field_that_matters()
    {
        string page = File.ReadAllText(Repository.Path("docs/checkpoints.md"));
        IEnumerable<string> fields = [.. ConfigFields.Used, .. ModelFamily.All.SelectMany(family => family.Fields), .. ConfigFields.Neutral.Keys];
        Assert.All(fields.Concat(ModelFamily.Names), field => Assert.Contains($"`{field}`", page, StringComparison.Ordinal));
    }

    private static void AssertSame(ModelConfig expected, ModelConfig actual)
    {
        Assert.Equal(Bare(expected), Bare(actual));
        Assert.Equal(expected.EosIds, actual.EosIds);
        Assert.Equal(expected.SlidingLayers, actual.SlidingLayers);

        static ModelConfig Bare(ModelConfig config) => config with { OriginalJson = null, EosIds = [], SlidingLayers = [], UnknownFields = [] };
    }

    private static string Without(string json, string field)
    {
        JsonObject root = JsonNode.Parse(json)!.AsObject();
        root.Remove(field);
        return root.ToJsonString();
    }
}
