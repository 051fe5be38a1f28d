using Reasoning.Models.Chat;

namespace Reasoning.Models.Tests;

/// <summary>Where chat templates come from, and what a conversation becomes.</summary>
public sealed class ChatFormatTests
{
    private static readonly ChatConversation s_hello = ChatConversation.Of(("user", "1+2=?"));

    [Fact]
    public void The_field_of_tokenizer_config_is_a_template()
    {
        using var folder = new ChatFolder();
        ChatFormat format = ChatFormat.Load(folder.Root)!;
        Assert.Equal("tokenizer_config.json", Path.GetFileName(format.Source));
        Assert.Equal("<s><|im_start|>user\n1+2=?<|im_end|>\n<|im_start|>assistant\n", format.Render(s_hello, folder.Tokenizer, new ChatOptions()).Text);
    }

    [Fact]
    public void A_file_of_its_own_comes_before_the_field_and_has_others_beside_it()
    {
        using var folder = new ChatFolder();
        folder.Write("chat_template.jinja", "mine {{ messages[0].content }}{{ eos_token }}\n");
        folder.Write("additional_chat_templates/rag.jinja", "rag");
        ChatFormat format = ChatFormat.Load(folder.Root)!;
        Assert.Equal(["default", "rag"], format.Names);
        Assert.Equal("mine 1+2=?</s>", format.Text(s_hello, new ChatOptions()));
        Assert.Equal("rag", format.Text(s_hello, new ChatOptions { Template = "rag" }));
        Assert.Equal("mine {{ messages[0].content }}{{ eos_token }}\n", format.TemplateText());
    }

    [Fact]
    public void The_last_place_to_look_is_chat_template_json()
    {
        using var folder = new ChatFolder(template: null);
        Assert.Null(ChatFormat.Load(folder.Root));
        folder.Write("chat_template.json", """{"chat_template": "{{ bos_token }}x"}""");
        Assert.Equal("<s>x", ChatFormat.Load(folder.Root)!.Text(s_hello, new ChatOptions()));
    }

    [Fact]
    public void Of_named_templates_the_one_for_tools_is_taken_where_there_are_tools()
    {
        using var folder = new ChatFolder();
        folder.Write("tokenizer_config.json", """{"chat_template": [{"name": "default", "template": "plain"}, {"name": "tool_use", "template": "{{ tools[0].name }}"}]}""");
        ChatFormat format = ChatFormat.Load(folder.Root)!;
        ChatConversation withTools = ChatConversation.Parse("""{"messages": [{"role": "user", "content": "x"}], "tools": [{"name": "add"}]}""");
        Assert.Equal("plain", format.Text(s_hello, new ChatOptions()));
        Assert.Equal("add", format.Text(withTools, new ChatOptions()));
        Assert.Equal("plain", format.Text(withTools, new ChatOptions { Template = "default" }));
        string message = Assert.Throws<UserErrorException>(() => format.Text(s_hello, new ChatOptions { Template = "rag" })).Message;
        Assert.Contains("'rag'", message, StringComparison.Ordinal);
        Assert.Contains("default, tool_use", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"chat_template": 7}""", "chat_template")]
    [InlineData("""{"chat_template": [{"name": "default"}]}""", "template")]
    [InlineData("""{"chat_template": [{"name": "a", "template": "x"}, {"name": "a", "template": "y"}]}""", "twice")]
    public void A_field_of_another_form_is_refused(string config, string what)
    {
        using var folder = new ChatFolder();
        folder.Write("tokenizer_config.json", config);
        Assert.Contains(what, Assert.Throws<UserErrorException>(() => ChatFormat.Load(folder.Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_that_is_not_supported_hinders_only_those_who_use_it()
    {
        using var folder = new ChatFolder("{% include 'other' %}");
        ChatFormat format = ChatFormat.Load(folder.Root)!;
        string message = Assert.Throws<UserErrorException>(() => format.Text(s_hello, new ChatOptions())).Message;
        Assert.Contains("tokenizer_config.json: chat_template, line 1: the statement 'include' is not supported", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_ids_are_those_of_the_text_with_one_beginning(bool addBos)
    {
        using var folder = new ChatFolder(addBos: addBos);
        Tokenizer tokenizer = folder.Tokenizer;
        RenderedChat rendered = ChatFormat.Load(folder.Root)!.Render(s_hello, tokenizer, new ChatOptions());
        Assert.Equal(tokenizer.Encode(rendered.Text, addSpecialTokens: false), rendered.Ids);
        Assert.Equal(1, rendered.Ids.Count(id => id == tokenizer.BosId));
        Assert.Equal(tokenizer.BosId, rendered.Ids[0]);
        Assert.Equal(rendered.Text, tokenizer.Decode(rendered.Ids, skipSpecialTokens: false));
    }

    [Fact]
    public void A_sequence_that_begins_twice_is_refused()
    {
        using var folder = new ChatFolder("{{ bos_token }}" + ChatFolder.ChatMl);
        string message = Assert.Throws<UserErrorException>(
            () => ChatFormat.Load(folder.Root)!.Render(s_hello, folder.Tokenizer, new ChatOptions())).Message;
        Assert.Contains("twice", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_cannot_begin_a_sequence()
    {
        using var folder = new ChatFolder();
        ChatConversation hostile = ChatConversation.Of(("user", "hi"), ("assistant", "ho"), ("user", "<s>again"));
        string message = Assert.Throws<UserErrorException>(
            () => ChatFormat.Load(folder.Root)!.Render(hostile, folder.Tokenizer, new ChatOptions())).Message;
        Assert.Contains("message 3 spells <s>", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_that_begins_a_sequence_with_each_turn_may()
    {
        using var folder = new ChatFolder(FamilyTemplates.All.Single(pair => pair.Family == "Llama 2").Template);
        ChatConversation turns = ChatConversation.Of(("user", "a"), ("assistant", "b"), ("user", "c"));
        RenderedChat rendered = ChatFormat.Load(folder.Root)!.Render(turns, folder.Tokenizer, new ChatOptions());
        Assert.Equal("<s>[INST] a [/INST] b </s><s>[INST] c [/INST]", rendered.Text);
    }

    [Theory]
    [InlineData("""{"role": "user"}""", "array")]
    [InlineData("\"x\"", "array")]
    [InlineData("""[{"content": "x"}]""", "message 1")]
    [InlineData("""[{"role": "user"}, 3]""", "message 2")]
    [InlineData("""{"messages": [], "tools": 3}""", "tools")]
    [InlineData("""{"messages": [], "variables": {"messages": 1}}""", "messages")]
    [InlineData("[", "malformed")]
    public void Messages_of_another_form_are_refused(string json, string what)
    {
        string message = Assert.Throws<UserErrorException>(() => ChatConversation.Parse(json)).Message;
        Assert.Contains(what == "array" && json[0] == '{' ? "messages" : what, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Variables_are_JSON_where_they_read_as_such()
    {
        ChatConversation conversation = s_hello.With("a", "false").With("b", "text").With("c", "\"7\"").With("d", "7").With("e", "[1]");
        ChatFormat format = ChatFormat.Create(
            new Dictionary<string, string> { ["default"] = "{{ [a, b, c, d, e] }}" }, new Dictionary<string, string>(), "here");
        Assert.Equal("[False, 'text', '7', 7, [1]]", format.Text(conversation, new ChatOptions()));
        Assert.Throws<UserErrorException>(() => s_hello.With("messages", "x"));
    }
}
