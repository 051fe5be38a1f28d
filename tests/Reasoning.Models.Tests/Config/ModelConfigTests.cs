using System.Text.Json.Nodes;
using Reasoning.Models.Config;
using static Reasoning.Models.Tests.Formats.TinyTokenizers;

namespace Reasoning.Models.Tests.Formats;

public sealed class ModelConfigTests
{
    internal const string Llama3 = """
        {
          "architectures": ["LlamaForCausalLM"], "model_type": "llama", "attention_bias": false, "bos_token_id": 128000,
          "eos_token_id": [128001, 128008, 128009], "head_dim": 64, "hidden_act": "silu", "hidden_size": 2048, "initializer_range": 0.02,
          "intermediate_size": 8192, "max_position_embeddings": 131072, "mlp_bias": false, "num_attention_heads": 32,
          "num_hidden_layers": 16, "num_key_value_heads": 8, "pretraining_tp": 1, "rms_norm_eps": 1e-05,
          "rope_scaling": {"factor": 32.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0,
            "original_max_position_embeddings": 8192, "rope_type": "llama3"},
          "rope_theta": 500000.0, "tie_word_embeddings": true, "torch_dtype": "bfloat16", "vocab_size": 128256
        }
        """;

    internal const string Qwen2 = """
        {
          "model_type": "qwen2", "hidden_act": "silu", "hidden_size": 896, "intermediate_size": 4864, "max_position_embeddings": 32768,
          "max_window_layers": 21, "num_attention_heads": 14, "num_hidden_layers": 24, "num_key_value_heads": 2, "rms_norm_eps": 1e-06,
          "rope_theta": 1000000.0, "sliding_window": 32768, "tie_word_embeddings": true, "torch_dtype": "bfloat16",
          "use_sliding_window": false, "vocab_size": 151936, "bos_token_id": 151643, "eos_token_id": 151645
        }
        """;

    internal const string Qwen3 = """
        {
          "model_type": "qwen3", "hidden_act": "silu", "hidden_size": 1024, "intermediate_size": 3072, "max_position_embeddings": 40960,
          "num_attention_heads": 16, "num_hidden_layers": 28, "num_key_value_heads": 8, "rms_norm_eps": 1e-06, "dtype": "bfloat16",
          "rope_parameters": {"rope_theta": 1000000, "rope_type": "default"}, "tie_word_embeddings": true, "vocab_size": 151936,
          "layer_types": null
        }
        """;

    [Fact]
    public void Llama_fields_are_read()
    {
        ModelConfig config = ModelConfig.Parse(Llama3);
        Assert.Equal(("llama", 2048, 8192, 16), (config.ModelType, config.HiddenSize, config.IntermediateSize, config.Layers));
        Assert.Equal((32, 8), (config.Heads, config.KeyValueHeads));
        Assert.Equal((64, 128256, 131072), (config.HeadDim, config.VocabSize, config.MaxPositions));
        Assert.Equal((1e-5, 500000.0, true, "bfloat16"), (config.RmsNormEps, config.RopeTheta, config.TieWordEmbeddings, config.Dtype));
        Assert.False(config.Family.AttentionBias || config.Family.QkNorm);
        Assert.Equal(128000, config.BosId);
        Assert.Equal([128001, 128008, 128009], config.EosIds);
        var scaling = new RopeScaling(RopeScalingKind.Llama3, 32) { OriginalMaxPositions = 8192, LowFreqFactor = 1, HighFreqFactor = 4 };
        Assert.Equal(scaling, config.Scaling);
    }

    [Fact]
    public void Qwen2_has_a_bias_on_queries_keys_and_values()
    {
        ModelConfig config = ModelConfig.Parse(Qwen2);
        Assert.True(config.Family.AttentionBias);
        Assert.False(config.Family.QkNorm);
        Assert.Equal(64, config.HeadDim);
        Assert.Equal([151645], config.EosIds);
    }

    [Fact]
    public void Qwen3_has_norms_on_queries_and_keys_and_heads_of_128()
    {
        ModelConfig config = ModelConfig.Parse(Qwen3);
        Assert.True(config.Family.QkNorm);
        Assert.False(config.Family.AttentionBias);
        Assert.Equal((128, 1e6, "bfloat16"), (config.HeadDim, config.RopeTheta, config.Dtype));
        Assert.Null(config.Scaling);
        Assert.Null(config.BosId);
        Assert.Empty(config.EosIds);
    }

    [Fact]
    public void Absent_fields_take_the_family_defaults()
    {
        ModelConfig config = ModelConfig.Parse("""
            {"model_type":"llama","hidden_size":64,"intermediate_size":128,"num_hidden_layers":2,"num_attention_heads":8,"vocab_size":100}
            """);
        Assert.Equal((8, 8, 2048), (config.KeyValueHeads, config.HeadDim, config.MaxPositions));
        Assert.Equal((10000.0, 1e-6), (config.RopeTheta, config.RmsNormEps));
        Assert.False(config.TieWordEmbeddings);
        Assert.Equal("float32", config.Dtype);
    }

    [Theory]
    [InlineData("""{"type":"linear","factor":2.0}""", RopeScalingKind.Linear, 131072)]
    [InlineData("""{"rope_type":"dynamic","factor":2}""", RopeScalingKind.Dynamic, 131072)]
    [InlineData("""{"rope_type":"yarn","factor":4.0,"original_max_position_embeddings":32768}""", RopeScalingKind.Yarn, 32768)]
    public void Rope_scaling_kinds_are_read(string scaling, RopeScalingKind kind, int original)
    {
        ModelConfig config = ModelConfig.Parse(With(Llama3, "rope_scaling", scaling));
        Assert.Equal(kind, config.Scaling!.Kind);
        Assert.Equal(original, config.Scaling.OriginalMaxPositions);
    }

    [Theory]
    [InlineData("model_type", "\"mamba\"", "llama, mistral, qwen2, qwen3, gemma3_text")]
    [InlineData("model_type", "null", "missing")]
    [InlineData("hidden_size", "-4", "found the number -4")]
    [InlineData("hidden_size", "\"big\"", "found the string \"big\"")]
    [InlineData("num_attention_heads", "0", "from 1 to")]
    [InlineData("num_key_value_heads", "5", "divisor of 'num_attention_heads' 32")]
    [InlineData("head_dim", "63", "even")]
    [InlineData("vocab_size", "99999999999", "an integer from 1 to")]
    [InlineData("rms_norm_eps", "-1", "a number from 0 to 1")]
    [InlineData("hidden_act", "\"gelu\"", "only silu is supported for llama")]
    [InlineData("attention_bias", "true", "not supported")]
    [InlineData("mlp_bias", "true", "not supported")]
    [InlineData("quantization_config", "{}", "unquantized")]
    [InlineData("torch_dtype", "\"int8\"", "float32, bfloat16, float16")]
    [InlineData("rope_scaling", """{"rope_type":"longrope","factor":2}""", "'longrope'")]
    [InlineData("rope_scaling", """{"rope_type":"linear"}""", "'rope_scaling.factor' is missing")]
    [InlineData("rope_scaling", """{"rope_type":"llama3","factor":8,"low_freq_factor":4,"high_freq_factor":1}""", "must be above")]
    [InlineData("rope_theta", "0", "rope_theta")]
    [InlineData("rope_parameters", """{"rope_type":"yarn"}""", "rope_parameters.factor")]
    [InlineData("eos_token_id", "[1, 200000]", "below 'vocab_size'")]
    [InlineData("bos_token_id", "1.5", "an integer")]
    [InlineData("tie_word_embeddings", "1", "true or false")]
    public void Bad_values_are_refused_by_file_and_field(string field, string value, string expected)
    {
        string message = UserError.Message(() => ModelConfig.Parse(With(Llama3, field, value), "some/config.json"));
        Assert.StartsWith("some/config.json: field '", message, StringComparison.Ordinal);
        Assert.Contains(field, message);
        Assert.Contains(expected, message);
    }

    [Fact]
    public void A_written_config_reads_back_the_same()
    {
        foreach (string json in (string[])[Llama3, Qwen2, Qwen3])
        {
            ModelConfig first = ModelConfig.Parse(json);
            ModelConfig second = ModelConfig.Parse(first.ToJson());
            Assert.Equal(first with { OriginalJson = null, EosIds = [] }, second with { OriginalJson = null, EosIds = [] });
            Assert.Equal(first.EosIds, second.EosIds);
            Assert.Equal(first.ToJson(), second.ToJson());
        }
    }

    [Fact]
    public void Writing_keeps_fields_that_are_not_modelled_and_the_spelling_of_the_file()
    {
        JsonObject llama = JsonNode.Parse(ModelConfig.Parse(Llama3).ToJson())!.AsObject();
        Assert.Equal(0.02, (double)llama["initializer_range"]!);
        Assert.Equal("LlamaForCausalLM", (string)llama["architectures"]![0]!);
        Assert.Equal("llama3", (string)llama["rope_scaling"]!["rope_type"]!);

        JsonObject qwen = JsonNode.Parse((ModelConfig.Parse(Qwen3) with { RopeTheta = 5000 }).ToJson())!.AsObject();
        Assert.Equal(5000, (double)qwen["rope_parameters"]!["rope_theta"]!);
        Assert.False(qwen.ContainsKey("rope_theta"));
        Assert.False(qwen.ContainsKey("torch_dtype"));
        Assert.Equal("Qwen3ForCausalLM", (string)qwen["architectures"]![0]!);
    }

    [Fact]
    public void A_config_made_in_memory_writes_what_transformers_needs()
    {
        var config = new ModelConfig
        {
            ModelType = "qwen2",
            HiddenSize = 32,
            IntermediateSize = 64,
            Layers = 2,
            Heads = 4,
            VocabSize = 300,
            BosId = 0,
            EosIds = [0, 1],
            Scaling = new RopeScaling(RopeScalingKind.Yarn, 4) { OriginalMaxPositions = 512 },
        };
        string json = config.ToJson();
        Assert.Contains("\"Qwen2ForCausalLM\"", json);
        Assert.Contains("\"factor\": 4.0", json, StringComparison.Ordinal); // older transformers insist on a float
        ModelConfig back = ModelConfig.Parse(json);
        Assert.Equal((4, 8), (back.KeyValueHeads, back.HeadDim));
        Assert.Equal(config.Scaling, back.Scaling);
        Assert.Equal([0, 1], back.EosIds);
    }

    [Fact]
    public void Validation_finds_what_a_file_could_not_say()
    {
        ModelConfig config = ModelConfig.Parse(Qwen2);
        config.Validate();
        Assert.Throws<UserErrorException>(() => (config with { HeadDim = 7 }).Validate());
        Assert.Throws<UserErrorException>(() => (config with { KeyValueHeads = 3 }).Validate());
    }

    [Fact]
    public void A_missing_folder_or_file_is_named()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("config.json: no such file", UserError.Message(() => ModelConfig.Load(folder.Path)));
        Assert.Contains("no such folder", UserError.Message(() => ModelConfig.Load(folder.File("gone"))));
    }

    [Fact]
    public void Save_writes_into_a_folder_that_Load_reads()
    {
        using var folder = new TemporaryFolder();
        ModelConfig.Parse(Llama3).Save(folder.Path);
        Assert.Equal(2048, ModelConfig.Load(folder.Path).HiddenSize);
    }
}
