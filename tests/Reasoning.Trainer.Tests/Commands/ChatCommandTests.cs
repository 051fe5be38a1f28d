using System.Text.Json;
using Reasoning.Models.Chat;
using Reasoning.Models.Policies;
using Reasoning.Models.Tokenization;

namespace Reasoning.Trainer.Tests.Commands;

/// <summary>The command <c>chat</c>, and the option <c>--prompt-style</c> of the others.</summary>
public sealed class ChatCommandTests : IDisposable
{
    private const string Template =
        "{% for m in messages %}[{{ m.role }}] {{ m.content }}{% if m.role == 'assistant' %}{{ eos_token }}{% endif %}{{ '\\n' }}{% endfor %}"
        + "{% if date_string is defined %}{{ date_string }}{% endif %}{% if strftime_now is defined %}{{ strftime_now('%Y') }}{% endif %}"
        + "{% if add_generation_prompt %}[assistant]{% endif %}";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Chat_prints_text_and_ids()
    {
        string model = Model(), messages = _folder.Write("m.json", """[{"role": "user", "content": "1+2?"}, {"role": "assistant", "content": "3"}]""");
        Cli run = Cli.Run("chat", "--model", model, "--messages", messages, "--json");
        Assert.Equal(0, run.ExitCode);
        JsonElement answer = JsonDocument.Parse(run.Out).RootElement;
        const string Expected = "[user] 1+2?\n[assistant] 3<|endoftext|>\n[assistant]";
        Assert.Equal(Expected, answer.GetProperty("text").GetString());
        Tokenizer tokenizer = Tokenizer.Load(model);
        Assert.Equal(tokenizer.Encode(Expected, addSpecialTokens: false), answer.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()));
        Assert.Equal(Expected + Environment.NewLine, Cli.Run("chat", "--model", model, "--messages", messages).Out);
    }

    [Fact]
    public void Chat_takes_variables_a_date_and_no_generation_prompt()
    {
        string messages = _folder.Write("m.json", """{"messages": [{"role": "user", "content": "x"}], "variables": {"date_string": "A "}}""");
        string[] args = ["chat", "--model", Model(), "--messages", messages, "--no-generation-prompt"];
        Assert.Equal("[user] x\nA ", Cli.Run(args).Out.TrimEnd('\n', '\r'));
        Assert.Equal("[user] x\nB 2024", Cli.Run([.. args, "--set", "date_string=B ", "--date", "2024-07-26"]).Out.TrimEnd());
    }

    [Theory]
    [InlineData("--messages", "missing.json", "missing.json")]
    [InlineData("--set", "novalue", "name=value")]
    [InlineData("--set", "messages=1", "messages")]
    [InlineData("--date", "tomorrow", "2024-07-26")]
    [InlineData("--template", "other", "'other'")]
    public void Chat_refuses_bad_options_in_one_line(string option, string value, string what)
    {
        string messages = _folder.Write("m.json", """[{"role": "user", "content": "x"}]""");
        string[] args = option == "--messages" ? [] : ["--messages", messages];
        Assert.Contains(what, Cli.Run(["chat", "--model", Model(), .. args, option, value]).BadInput());
    }

    [Fact]
    public void Chat_names_the_model_without_a_template()
    {
        string messages = _folder.Write("m.json", """[{"role": "user", "content": "x"}]""");
        Assert.Contains("no chat template", Cli.Run("chat", "--model", TinyModel.Folder, "--messages", messages).BadInput());
    }

    [Fact]
    public void Sample_and_eval_take_a_prompt_style_and_say_it()
    {
        string model = Model();
        string[] sample = ["sample", "--model", model, "--prompt", "Take 1 and 2", "--json", "--max-new-tokens", "4"];
        Tokenizer tokenizer = Tokenizer.Load(model);
        Assert.Equal("Question: Take 1 and 2\nAnswer:", Prompt(Cli.Run(sample)));
        Assert.Equal("Take 1 and 2", Prompt(Cli.Run([.. sample, "--prompt-style", "bare"])));
        Assert.Equal("Take 1 and 2", Prompt(Cli.Run([.. sample, "--raw"])));
        Cli chat = Cli.Run([.. sample, "--prompt-style", "chat"]);
        Assert.Equal("[user] Take 1 and 2\n[assistant]", Prompt(chat));
        Assert.Contains("style     chat (asked for): [user] {prompt}\\n[assistant]", chat.Error);
        Cli.Run([.. sample, "--raw", "--prompt-style", "chat"]).BadInput();
        Cli.Run([.. sample, "--prompt-style", "loud"]).BadInput();

        Cli eval = Cli.Run("eval", "--model", model, "--prompts", TinyModel.Prompts(_folder, 2), "--samples", "2", "--max-new-tokens", "8",
            "--prompt-style", "bare", "--json");
        Assert.Equal(0, eval.ExitCode);
        Assert.Contains("style     bare (asked for): {prompt}; the chat template of chat_template.jinja is not used", eval.Error);

        string Prompt(Cli run) => tokenizer.Decode(
            [.. JsonDocument.Parse(run.Out).RootElement.GetProperty("prompt_ids").EnumerateArray().Select(id => id.GetInt32())]);
    }

    [Fact]
    public void A_run_takes_a_prompt_style_and_keeps_it_in_its_model()
    {
        Cli run = Cli.Run(
            ["train", "--recipe", "tent", "--model", Model(), "--prompts", TinyModel.Prompts(_folder), "--out", _folder.File("run"), "--steps", "1",
            "--prompt-style", "chat", .. Cli.Small]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("style     chat (asked for): ", run.Error);
        Assert.DoesNotContain("WARNING", run.Error);
        Assert.Equal(PromptStyle.Chat, ModelFiles.PromptFormat(Path.Combine(_folder.File("run"), "model")).Style);
        Assert.Contains("prompt-style", Cli.Run("train", "--resume", "--out", _folder.File("run"), "--prompt-style", "plain").BadInput());
    }

    /// <summary>The tiny model with a chat template and a short user's turn.</summary>
    private string Model()
    {
        string model = _folder.Copy(TinyModel.Folder);
        File.WriteAllText(Path.Combine(model, "chat_template.jinja"), Template);
        File.WriteAllText(
            Path.Combine(model, "reasoning.json"), """{"prompt_template": "Question: {prompt}\nAnswer:", "chat_prompt": "{prompt}"}""");
        return model;
    }
}
