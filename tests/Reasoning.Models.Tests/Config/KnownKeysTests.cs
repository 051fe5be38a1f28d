using System.Globalization;
using System.Text.Json.Nodes;
using Reasoning.Models.Chat;
using Reasoning.Models.Config;
using Reasoning.Models.Generation;
using Reasoning.Models.Modeling;
using Reasoning.Models.Policies;
using Reasoning.Models.Tests.Modeling;

namespace Reasoning.Models.Tests.Formats;

/// <summary>
/// Every key that a reader of config.json lists as known is tried with two values on a whole checkpoint: the score, the stop tokens or the
/// first token must differ, or one of the two be refused. What has no effect stands in <see cref="ConfigFields.Harmless"/>, with the reason.
/// </summary>
public sealed class KnownKeysTests : IDisposable
{
    private const string Slides = """{"sliding_window":7,"use_sliding_window":true,"max_window_layers":0,"layer_types":null}""";
    private const string NoRope = """{"rope_theta":null,"rope_local_base_freq":null,"rope_scaling":null}""";

    private readonly TemporaryFolder _folder = new();

    // Key, two values, and the fields that make it count.
    private static readonly Dictionary<string, (string First, string Second, string Beside)> s_config = new()
    {
        ["model_type"] = ("", "\"qwen3_moe\"", "{}"),
        ["hidden_size"] = ("24", "48", "{}"),
        ["intermediate_size"] = ("40", "41", "{}"),
        ["num_hidden_layers"] = ("2", "1", """{"layer_types":null}"""),
        ["num_attention_heads"] = ("4", "2", "{}"),
        ["num_key_value_heads"] = ("2", "4", "{}"),
        ["head_dim"] = ("8", "16", "{}"),
        ["vocab_size"] = ("50", "51", "{}"),
        ["max_position_embeddings"] = ("256", "20", "{}"),
        ["rms_norm_eps"] = ("1e-6", "0.1", "{}"),
        ["rope_theta"] = ("10000", "500", "{}"),
        ["rope_scaling"] = ("null", """{"rope_type":"linear","factor":4}""", "{}"),
        ["rope_parameters"] = (
            Layered("""{"rope_type":"default","rope_theta":10000}"""), Layered("""{"rope_type":"default","rope_theta":500}"""), NoRope),
        ["original_max_position_embeddings"] = ("16", "64", """{"rope_scaling":{"rope_type":"yarn","factor":4}}"""),
        ["tie_word_embeddings"] = ("true", "false", "{}"),
        ["bos_token_id"] = ("1", "2", "{}"),
        ["eos_token_id"] = ("1", "[1, 2]", "{}"),
        ["hidden_act"] = ("\"silu\"", "\"gelu\"", "{}"),
        ["sliding_window"] = ("7", "20", Slides),
        ["use_sliding_window"] = ("true", "false", Slides),
        ["max_window_layers"] = ("0", "1", Slides),
        ["layer_types"] = ("""["full_attention","sliding_attention"]""", """["sliding_attention","full_attention"]""", Slides),
        ["sliding_window_pattern"] = ("1", "2", """{"layer_types":null}"""),
        ["_sliding_window_pattern"] = ("1", "2", """{"layer_types":null}"""),
        ["hidden_activation"] = ("\"gelu_pytorch_tanh\"", "\"silu\"", "{}"),
        ["query_pre_attn_scalar"] = ("13", "2", "{}"),
        ["rope_local_base_freq"] = ("500", "10000", "{}"),
    };

    private static readonly Dictionary<string, string> s_ropes = new()
    {
        ["default"] = """{"rope_type":"default"}""",
        ["linear"] = """{"rope_type":"linear","factor":4}""",
        ["dynamic"] = """{"rope_type":"dynamic","factor":4}""",
        ["llama3"] = """
            {"rope_type":"llama3","factor":4,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":32}
            """,
        ["yarn"] = """
            {"rope_type":"yarn","factor":4,"original_max_position_embeddings":64,"beta_fast":8,"beta_slow":1,"mscale":0.7,"mscale_all_dim":0.3}
            """,
    };

    private static readonly Dictionary<string, (string First, string Second)> s_rope = new()
    {
        ["rope_type"] = ("", "\"su\""),
        ["type"] = ("", "\"su\""),
        ["rope_theta"] = ("100", "500"),
        ["partial_rotary_factor"] = ("1.0", "0.5"),
        ["factor"] = ("4", "8"),
        ["original_max_position_embeddings"] = ("64", "16"),
        ["low_freq_factor"] = ("1", "2"),
        ["high_freq_factor"] = ("4", "16"),
        ["beta_fast"] = ("8", "2"),
        ["beta_slow"] = ("1", "0.1"),
        ["attention_factor"] = ("1.1", "1.5"),
        ["mscale"] = ("0.7", "1.5"),
        ["mscale_all_dim"] = ("0.3", "0.9"),
        ["truncate"] = ("true", "false"),
    };

    public static TheoryData<string> Families => new(Shapes.Families);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_known_key_of_config_json_is_used_or_refused(string family)
    {
        JsonObject plain = Save(family);
        string[] keys = [.. ConfigFields.Used, .. ModelFamily.Find(family)!.Fields];
        foreach (string key in keys)
        {
            (string first, string second, string beside) = s_config[key];
            if (key == "tie_word_embeddings" && !(bool)plain[key]!) (first, second) = (second, first);
            AssertUsed(plain, beside, "", key, ByFamily(first), ByFamily(second));
        }

        foreach (string key in ConfigFields.Neutral.Keys.Except(ModelFamily.Find(family)!.Ignored))
            Assert.StartsWith("error: ", Outcome(With(plain, "{}", "", key, "2.5")), StringComparison.Ordinal);
        string untouched = Outcome(plain);
        foreach (string key in ConfigFields.Harmless.Values.SelectMany(names => names).Where(key => !key.EndsWith("dtype", StringComparison.Ordinal)))
            Assert.Equal(untouched, Outcome(With(plain, "{}", "", key, "7")));

        // The settings of transformers 5 stand once for each type of layer where a family has two bases, else once.
        string ByFamily(string json) => json.Contains("full_attention\":", StringComparison.Ordinal) && family != "gemma3_text"
            ? JsonNode.Parse(json)!["full_attention"]!.ToJsonString()
            : json.Length > 0 ? json : $"\"{family}\"";
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Every_known_key_of_a_rotary_dictionary_is_used_or_refused_in_both_spellings(string family)
    {
        JsonObject plain = Save(family);
        foreach ((string kind, string[] known) in RopeReader.KnownOf)
        {
            foreach (string place in (string[])["rope_scaling", family == "gemma3_text" ? "rope_parameters.full_attention" : "rope_parameters"])
            {
                JsonObject rope = JsonNode.Parse(s_ropes[kind])!.AsObject();
                rope["rope_theta"] = 100;
                JsonNode inner = rope;
                foreach (string step in place.Split('.').Skip(1).Reverse()) inner = new JsonObject { [step] = inner };
                JsonObject beside = JsonNode.Parse(NoRope)!.AsObject();
                beside[place.Split('.')[0]] = inner;
                foreach (string key in RopeReader.Common.Concat(known))
                {
                    (string first, string second) = s_rope[key];
                    if (ConfigFields.Harmless.Values.Any(names => names.Contains($"{kind}.{key}"))) continue;
                    AssertUsed(plain, beside.ToJsonString(), place, key, first.Length > 0 ? first : $"\"{kind}\"", second);
                }
            }
        }
    }

    [Theory]
    [InlineData("llama", "rope_scaling", """{"rope_type":"linear","factor":4,"rope_theta":500}""")]
    [InlineData("qwen2", "rope_scaling", """{"type":"linear","factor":4,"rope_theta":500}""")]
    [InlineData("qwen3", "rope_parameters", """{"rope_type":"linear","factor":4,"rope_theta":500}""")]
    [InlineData("gemma3_text", "rope_scaling", """{"rope_type":"linear","factor":4,"rope_theta":500}""")]
    [InlineData("gemma3_text", "rope_parameters", """
        {"full_attention":{"rope_type":"linear","factor":4,"rope_theta":500},"sliding_attention":{"rope_type":"default","rope_theta":500}}
        """)]
    public void A_base_inside_the_dictionary_scores_as_one_at_the_root(string family, string place, string dictionary)
    {
        JsonObject plain = Save(family);
        string root = Outcome(With(plain, """{"rope_theta":500}""", "", "rope_scaling", """{"rope_type":"linear","factor":4}"""));
        Assert.DoesNotContain("error", root, StringComparison.Ordinal);
        Assert.Equal(root, Outcome(With(plain, """{"rope_theta":null}""", "", place, dictionary)));
        Assert.Equal(root, Outcome(With(plain, """{"rope_theta":500}""", "", place, dictionary)));
        Assert.Contains("rope_theta' is 500, but 'rope_theta' is 10000; remove one of them", Outcome(With(plain, "{}", "", place, dictionary)));
    }

    [Fact]
    public void Every_known_key_of_tokenizer_config_json_is_used_or_refused()
    {
        string template = $"{{{{ {string.Join(" ~ '|' ~ ", ChatFormatReader.TokenFields)} ~ additional_special_tokens ~ image_token }}}}";
        var plain = new JsonObject { ["bos_token"] = "<s>", ["eos_token"] = "</s>", ["chat_template"] = template, ["image_token"] = "x" };
        _folder.Write("tokenizer.json", TinyTokenizers.SentencePiece());
        foreach (string key in ChatFormatReader.TokenFields) AssertDiffers(key, "\"<s>\"", "\"<unk>\"");
        AssertDiffers("bos_token", "\"<s>\"", "\"gone\"");
        AssertDiffers("eos_token", "\"<s>\"", """{"content":"<unk>","lstrip":true}""");
        AssertDiffers("add_bos_token", "true", "false");
        AssertDiffers("add_eos_token", "true", "false");
        AssertDiffers("add_bos_token", "null", "1");
        AssertDiffers("chat_template", "\"a\"", """[{"name":"default","template":"b"}]""");
        AssertDiffers("additional_special_tokens", "[\"<s>\"]", "[\"<unk>\"]");
        AssertDiffers("extra_special_tokens", """{"image_token":"<s>"}""", """{"image_token":"<unk>"}""");

        void AssertDiffers(string key, string first, string second)
            => Assert.NotEqual(Texts(With(plain, "{}", "", key, first)), Texts(With(plain, "{}", "", key, second)));
    }

    private string Texts(JsonObject config)
    {
        _folder.Write("tokenizer_config.json", config.ToJsonString());
        try
        {
            Tokenizer tokenizer = Tokenizer.Load(_folder.Path);
            string text = ChatFormat.Load(_folder.Path)!.Text(ChatConversation.Of(("user", "ab")), new ChatOptions());
            return $"{string.Join(' ', tokenizer.Encode("ab"))}, {tokenizer.BosId} {tokenizer.EosId} {tokenizer.PadId}, {text}";
        }
        catch (UserErrorException e)
        {
            return $"error: {e.Message}";
        }
    }

    private static string Layered(string dictionary) => $$"""{"full_attention":{{dictionary}},"sliding_attention":{{dictionary}}}""";

    private JsonObject Save(string family)
    {
        using CausalLM model = Shapes.Model(family);
        model.Save(_folder.Path);
        JsonObject plain = JsonNode.Parse(model.Config.ToJson())!.AsObject();
        plain.Remove("rope_scaling");
        return plain;
    }

    private void AssertUsed(JsonObject plain, string beside, string place, string key, string first, string second)
    {
        string one = Outcome(With(plain, beside, place, key, first)), two = Outcome(With(plain, beside, place, key, second));
        Assert.False(one.StartsWith("error", StringComparison.Ordinal), $"{place} {key} {first}: {one}");
        Assert.True(one != two, $"{place} {key}: {first} and {second} give the same");
    }

    // The fields of "beside", and one more inside an object of the file; null takes a field away.
    private static JsonObject With(JsonObject plain, string beside, string place, string key, string value)
    {
        JsonObject root = plain.DeepClone().AsObject();
        foreach ((string name, JsonNode? node) in JsonNode.Parse(beside)!.AsObject()) Set(root, name, node?.DeepClone());
        JsonObject parent = root;
        foreach (string step in place.Split('.', StringSplitOptions.RemoveEmptyEntries)) parent = parent[step]!.AsObject();
        Set(parent, key, JsonNode.Parse(value));
        return root;

        static void Set(JsonObject target, string name, JsonNode? node)
        {
            if (node is null) target.Remove(name);
            else target[name] = node;
        }
    }

    private string Outcome(JsonObject config)
    {
        _folder.Write("config.json", config.ToJsonString());
        try
        {
            using CausalLM model = CausalLM.Load(_folder.Path);
            double[] score = Scorer.Score(model, Shapes.Ids(40, 3)).logprobs;
            return string.Create(
                CultureInfo.InvariantCulture,
                $"first {model.Config.BosId}, stops {string.Join(' ', GenerationDefaults.Load(_folder.Path).EosIds)}, {string.Join(' ', score)}");
        }
        catch (Exception e) when (e is UserErrorException)
        {
            return $"error: {e.Message}";
        }
    }
}
