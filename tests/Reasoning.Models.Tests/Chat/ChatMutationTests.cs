using System.Text;
using Reasoning.Jinja;
using Reasoning.Models.Chat;
using Reasoning.Models.Tests.Mutation;

namespace Reasoning.Models.Tests;

/// <summary>Damaged chat templates, messages and the files that hold them: rendered, or refused in one line.</summary>
public sealed class ChatMutationTests(ITestOutputHelper output)
{
    // What a rendering may take by its budget, whatever the length of its template.
    private const long Budgeted = 1L << 28;

    private const string Variables = """{"bos_token": "<s>", "eos_token": "</s>"}""";

    [Fact]
    public void Damaged_templates_are_rendered_or_refused() => Templates(HostileInputs.Few);

    [SlowFact]
    public void Many_damaged_templates_are_rendered_or_refused() => Templates(HostileInputs.Many);

    [Fact]
    public void Damaged_messages_are_rendered_or_refused() => Messages(HostileInputs.Few);

    [SlowFact]
    public void Many_damaged_messages_are_rendered_or_refused() => Messages(HostileInputs.Many);

    [Fact]
    public void Damaged_template_fields_are_read_or_refused()
    {
        using var folder = new TemporaryFolder();
        byte[][] valid =
        [
            Encoding.UTF8.GetBytes("""{"bos_token": {"content": "<s>", "lstrip": false}, "eos_token": "</s>", "chat_template": "{% for m in messages %}{{ bos_token + m.content }}{% endfor %}"}"""),
            Encoding.UTF8.GetBytes("""{"chat_template": [{"name": "default", "template": "a{{ eos_token }}"}, {"name": "tool_use", "template": "{{ tools|tojson }}"}], "additional_special_tokens": ["<x>"]}"""),
        ];
        ChatConversation conversation = ChatConversation.Of(("user", "hi"), ("assistant", "ho"));
        HostileInputs.Check(valid, HostileInputs.Few, 55, Budgeted, output, bytes =>
        {
            folder.Write("tokenizer_config.json", bytes);
            ChatFormat.Load(folder.Path)?.Text(conversation, new ChatOptions());
        });
    }

    private void Templates(int count)
    {
        List<byte[]> valid = [.. FamilyTemplates.All.Select(pair => Encoding.UTF8.GetBytes(pair.Template))];
        ChatConversation conversation = ChatConversation.Parse(
            $$"""{"messages": {{Conversations.All.Single(item => item.Name == "turns").Messages}}, "variables": {{Variables}} }""");
        HostileInputs.Check(valid, count, 53, Budgeted, output, bytes =>
        {
            string text = Encoding.UTF8.GetString(bytes);
            ChatFormat.Create(new Dictionary<string, string> { ["default"] = text }, new Dictionary<string, string>(), "t")
                .Text(conversation, new ChatOptions());
        });
    }

    private void Messages(int count)
    {
        List<byte[]> valid = [.. Conversations.All.Select(item => Encoding.UTF8.GetBytes($$"""{"messages": {{item.Messages}}, "tools": {{Conversations.Tools}}, "variables": {{Variables}} }"""))];
        Template template = Template.Parse(FamilyTemplates.All.Single(pair => pair.Family == "macros").Template.Replace("(message.content or", "(message.content|string or", StringComparison.Ordinal), "t");
        HostileInputs.Check(valid, count, 54, Budgeted, output, bytes =>
        {
            ChatConversation conversation = ChatConversation.Parse(Encoding.UTF8.GetString(bytes));
            try
            {
                template.Render([("messages", SequenceValue.List(conversation.Messages)), ("tools", conversation.Tools)], null);
            }
            catch (TemplateException e)
            {
                throw new UserErrorException(e.Message, e);
            }
        });
    }
}
