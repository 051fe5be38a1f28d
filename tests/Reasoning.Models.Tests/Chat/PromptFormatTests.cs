using Reasoning.Models.Chat;
using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.Gguf.Export;
using Reasoning.Models.Policies;
using Reasoning.Models.Prompts;

namespace Reasoning.Models.Tests;

/// <summary>The three styles of prompts, and the tokens that end an answer.</summary>
public sealed class PromptFormatTests
{
    private static readonly Prompt s_prompt = new("p1", "1+2=?");

    [Fact]
    public void The_plain_style_is_the_default_also_where_there_is_a_chat_template()
    {
        using var folder = new ChatFolder();
        PromptFormat format = ModelFiles.PromptFormat(folder.Root);
        Assert.Equal(PromptStyle.Plain, format.Style);
        Assert.Equal("<s>Question: 1+2=?\nAnswer:", Text(format));
        Assert.Equal(
            "plain (the default): Question: {prompt}\\nAnswer:; the chat template of tokenizer_config.json is not used", format.Describe());
    }

    [Fact]
    public void The_bare_style_is_the_problem_alone()
    {
        using var folder = new ChatFolder();
        PromptFormat format = ModelFiles.PromptFormat(folder.Root, PromptStyle.Bare);
        Assert.Equal("<s>1+2=?", Text(format));
        Assert.Equal("{prompt}", format.Template);
    }

    [Fact]
    public void The_chat_style_is_a_turn_of_the_template_that_asks_for_a_box()
    {
        using var folder = new ChatFolder();
        PromptFormat format = ModelFiles.PromptFormat(folder.Root, PromptStyle.Chat);
        const string Turn = "<s><|im_start|>user\n{prompt}\n\nThink step by step, then give the final answer as \\boxed{answer}.<|im_end|>\n<|im_start|>assistant\n";
        Assert.Equal(Turn.Replace("{prompt}", "1+2=?", StringComparison.Ordinal), Text(format));
        Assert.Equal(Turn, format.Template);
        Assert.Equal(1, format.Render(s_prompt).Count(id => id == format.Tokenizer.BosId));
        Assert.StartsWith("chat (asked for): <s><|im_start|>user\\n{prompt}", format.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Reasoning_json_chooses_style_and_words()
    {
        using var folder = new ChatFolder(
            "{{ strftime_now('%Y') }}{{ mode }}" + ChatFolder.ChatMl,
            reasoning: """{"prompt_style": "chat", "chat_prompt": "Solve {prompt}!", "chat_variables": {"mode": true}, "chat_date": "2024-07-26"}""");
        PromptFormat format = ModelFiles.PromptFormat(folder.Root);
        Assert.Equal("2024True<s><|im_start|>user\nSolve 1+2=?!<|im_end|>\n<|im_start|>assistant\n", Text(format));
        Assert.StartsWith("chat (by the checkpoint): ", format.Describe(), StringComparison.Ordinal);
        Assert.Equal(PromptStyle.Plain, ModelFiles.PromptFormat(folder.Root, PromptStyle.Plain).Style);
    }

    [Theory]
    [InlineData("""{"prompt_style": "loud"}""", "plain, chat or bare")]
    [InlineData("""{"chat_prompt": "no place"}""", "{prompt}")]
    [InlineData("""{"chat_date": "tomorrow"}""", "date")]
    [InlineData("""{"chat_variables": {"tools": 1}}""", "tools")]
    public void Reasoning_json_of_another_form_is_refused(string json, string what)
    {
        using var folder = new ChatFolder(reasoning: json);
        Assert.Contains(what, Assert.Throws<UserErrorException>(() => ModelFiles.PromptFormat(folder.Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_chat_style_needs_a_chat_template()
    {
        using var folder = new ChatFolder(template: null);
        Assert.Contains("chat template", Assert.Throws<UserErrorException>(() => ModelFiles.PromptFormat(folder.Root, PromptStyle.Chat)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_problem_that_spells_the_beginning_is_refused_by_name()
    {
        using var folder = new ChatFolder();
        foreach (PromptStyle style in Enum.GetValues<PromptStyle>())
        {
            PromptFormat format = ModelFiles.PromptFormat(folder.Root, style);
            string message = Assert.Throws<UserErrorException>(() => format.Render(new Prompt("p7", "a <s> b"))).Message;
            Assert.Contains("p7", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_end_of_a_turn_is_added_to_the_stop_tokens_with_its_source()
    {
        using var folder = new ChatFolder();
        PromptFormat format = ModelFiles.PromptFormat(folder.Root, PromptStyle.Chat);
        int end = format.Tokenizer.TokenToId("<|im_end|>")!.Value, eos = format.Tokenizer.EosId!.Value;
        IReadOnlyList<StopToken> stops = format.WithTurnEnd([new StopToken(eos, "</s>", ["config.json"])]);
        Assert.Equal([eos, end], stops.Select(stop => stop.Id));
        Assert.Equal(["chat template"], stops[1].Sources);
        Assert.Equal("<|im_end|>", stops[1].Text);

        stops = format.WithTurnEnd([new StopToken(end, "<|im_end|>", ["config.json"])]);
        Assert.Equal(["config.json", "chat template"], Assert.Single(stops).Sources);
        Assert.Empty(ModelFiles.PromptFormat(folder.Root, PromptStyle.Plain).WithTurnEnd([]));
    }

    [Theory]
    [InlineData("Llama 2", "</s>")]
    [InlineData("TinyLlama", "</s>")]
    [InlineData("SmolLM2", "<|im_end|>")]
    [InlineData("Mistral v0.1", "</s>")]
    public void The_end_of_a_turn_is_the_first_special_token_after_what_the_assistant_says(string family, string expected)
    {
        using var folder = new ChatFolder(FamilyTemplates.All.Single(pair => pair.Family == family).Template);
        PromptFormat format = ModelFiles.PromptFormat(folder.Root, PromptStyle.Chat);
        Assert.Equal(expected, format.Tokenizer.IdToToken(format.TurnEnd()!.Value));
    }

    [Fact]
    public void A_policy_keeps_its_style_when_it_is_saved()
    {
        using var folder = new ChatFolder(reasoning: """{"chat_prompt": "Solve {prompt}!"}""");
        folder.AddModel();
        string saved = Path.Combine(folder.Root, "saved");
        using (Policy policy = Policy.Load(folder.Root, PromptStyle.Chat))
        {
            Assert.Contains(policy.Stops, stop => stop.Text == "<|im_end|>");
            Assert.Contains("Solve {prompt}!", policy.PromptTemplate, StringComparison.Ordinal);
            policy.Save(saved);
        }
        using Policy again = Policy.Load(saved);
        Assert.Equal(PromptStyle.Chat, again.Format.Style);
        Assert.Contains(again.Stops, stop => stop.Text == "<|im_end|>");
        Assert.Equal("<s><|im_start|>user\nSolve 1+2=?!<|im_end|>\n<|im_start|>assistant\n", Text(again.Format));
    }

    [Fact]
    public void A_GGUF_file_renders_chats_as_the_folder_it_came_from()
    {
        using var folder = new ChatFolder(reasoning: """{"prompt_template": "Q: {prompt}"}""");
        folder.AddModel();
        string file = Path.Combine(folder.Root, "model.gguf");
        GgufExport.Write(folder.Root, file, [GgufTensorType.F32]);
        PromptFormat ours = ModelFiles.PromptFormat(folder.Root, PromptStyle.Chat), theirs = ModelFiles.PromptFormat(file, PromptStyle.Chat);
        Assert.Equal(ours.Render(s_prompt), theirs.Render(s_prompt));
        Assert.Equal(ours.TurnEnd(), theirs.TurnEnd());
        Assert.Equal("<s>Q: 1+2=?", Text(ModelFiles.PromptFormat(file)));
        Assert.True(ModelFiles.HasPromptFormat(file));
    }

    private static string Text(PromptFormat format) => format.Tokenizer.Decode(format.Render(s_prompt), skipSpecialTokens: false);
}
