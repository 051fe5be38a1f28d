using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reasoning.Models.Tests;

/// <summary>Our chat templates engine against two others, on the templates of all model families and many conversations.</summary>
public sealed class FamilyTemplateTests(ITestOutputHelper output)
{
    private const string Date = "2024-07-05T00:00:00";
    private const string Dated = ", dated";
    private const string DateGiven = ", date given";
    private const string BuiltIn = ", built-in tools";

    [Fact]
    public void Templates_render_as_in_huggingface_jinja()
    {
        NodeOracle.Require("@huggingface/jinja");
        List<TemplateCase> cases = [.. Cases().Where(item => item.NodeAgrees)];
        TemplateOracles.AssertSame(cases, TemplateOracles.Node(cases));
        output.WriteLine($"{cases.Count} renderings agree");
    }

    [Fact]
    public void Templates_render_as_in_Jinja2()
    {
        List<TemplateCase> cases = [.. Cases()];
        List<string?> expected = TemplateOracles.Jinja2(cases);
        TemplateOracles.AssertSame(cases, expected);
        output.WriteLine($"{cases.Count} renderings agree, {expected.Count(text => text is null)} of them refusals");
    }

    [Theory]
    [InlineData("Llama 2", "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHi [/INST]")]
    [InlineData("TinyLlama", "<|system|>\nBe brief.</s>\n<|user|>\nHi</s>\n<|assistant|>\n")]
    [InlineData("SmolLM2", "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n")]
    [InlineData("Phi 3", "<s><|system|>\nBe brief.<|end|>\n<|user|>\nHi<|end|>\n<|assistant|>\n")]
    [InlineData("Phi 4", "<|im_start|>system<|im_sep|>Be brief.<|im_end|><|im_start|>user<|im_sep|>Hi<|im_end|><|im_start|>assistant<|im_sep|>")]
    [InlineData("Gemma 2", null)]
    [InlineData("Mistral v0.1", null)]
    public void A_system_message_and_a_question(string family, string? expected)
    {
        string template = FamilyTemplates.All.Single(pair => pair.Family == family).Template;
        string messages = Conversations.All.Single(conversation => conversation.Name == "system").Messages;
        Assert.Equal(expected, TemplateOracles.Ours(new TemplateCase(family, template, Variables(FamilyTemplates.Tokens, messages, false, true, []))));
    }

    private static IEnumerable<TemplateCase> Cases()
    {
        foreach ((string family, string template, string tokens) in Templates())
        {
            foreach ((string name, string messages, bool nodeAgrees) in Conversations.All)
            {
                foreach (bool withTools in (bool[])[false, true])
                {
                    foreach (bool prompt in (bool[])[true, false])
                    {
                        foreach ((string variant, (string, JsonNode?)[] extra, string? now) in Variants(family))
                        {
                            yield return new TemplateCase(
                                $"{family}, {name}, tools {withTools}, prompt {prompt}{variant}", template,
                                Variables(tokens, messages, withTools, prompt, extra), now, nodeAgrees && !Differs(family, name, withTools, variant));
                        }
                    }
                }
            }
        }
    }

    // What @huggingface/jinja 0.5.11 does not have or does otherwise: an empty text equals false; there is no 'reject' for lists; 'dictsort'
    // and loops that skip differ; 'selectattr' by 'undefined' drops messages; 'strftime_now' is always there.
    private static bool Differs(string family, string conversation, bool withTools, string variant) => family switch
    {
        "Llama 2" => conversation == "empty content",
        "Mistral Nemo" => Conversations.DoNotAlternate(conversation),
        "macros" => withTools || conversation == "only the assistant",
        _ => variant == BuiltIn || (family is "Llama 3.2" or "Llama 3.1 and 3.3" && variant is not (Dated or DateGiven)),
    };

    private static IEnumerable<(string Name, (string, JsonNode?)[] Variables, string? Now)> Variants(string family)
    {
        yield return ("", [], null);
        if (family == "Qwen3")
        {
            yield return (", no thinking", [("enable_thinking", false)], null);
            yield return (", thinking", [("enable_thinking", true)], null);
        }
        if (family.StartsWith("Llama 3.", StringComparison.Ordinal))
        {
            yield return (Dated, [], Date);
            yield return (DateGiven, [("date_string", "1 Jan 2025")], Date);
            yield return (", tools in the system message", [("tools_in_user_message", false)], null);
        }
        if (family == "Llama 3.1 and 3.3")
            yield return (BuiltIn, [("builtin_tools", new JsonArray("get_weather", "code_interpreter"))], null);
    }

    private static string Variables(string tokens, string messages, bool withTools, bool prompt, (string, JsonNode?)[] extra)
    {
        JsonObject variables = JsonNode.Parse(tokens)!.AsObject();
        variables["messages"] = JsonNode.Parse(messages);
        variables["tools"] = withTools ? JsonNode.Parse(Conversations.Tools) : null;
        variables["documents"] = null;
        variables["add_generation_prompt"] = prompt;
        foreach ((string name, JsonNode? value) in extra) variables[name] = value;
        return variables.ToJsonString();
    }

    private static IEnumerable<(string Family, string Template, string Tokens)> Templates()
    {
        foreach ((string family, string template) in FamilyTemplates.All) yield return (family, template, FamilyTemplates.Tokens);
        foreach ((string family, string package) in FamilyTemplates.Packages)
        {
            string file = NodeOracle.PackageFile(package, "models/tokenizer_config.json");
            using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(file));
            var tokens = new JsonObject();
            foreach (string name in (string[])["bos_token", "eos_token", "pad_token", "unk_token"])
            {
                if (config.RootElement.TryGetProperty(name, out JsonElement token) && token.ValueKind == JsonValueKind.String)
                    tokens[name] = token.GetString();
            }
            yield return (family, config.RootElement.GetProperty("chat_template").GetString()!, tokens.ToJsonString());
        }
    }
}
