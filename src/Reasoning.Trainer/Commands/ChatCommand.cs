using System.CommandLine;
using System.Globalization;
using Reasoning.Models;
using Reasoning.Models.Chat;
using Reasoning.Models.Policies;
using Reasoning.Trainer.Cli;

namespace Reasoning.Trainer.Commands;

/// <summary><c>chat</c>: a conversation as a model's chat template renders it.</summary>
internal static class ChatCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        var messages = new Option<string>("--messages")
        {
            HelpName = "FILE",
            Description = "JSON: an array of messages with role and content, or an object with messages, and optionally tools (an array) and "
                + "variables (an object).",
            Required = true,
        };
        var noPrompt = new Option<bool>("--no-generation-prompt")
        {
            Description = "End after the last message, without the beginning of the assistant's turn.",
        };
        var set = new Option<string[]>("--set")
        {
            HelpName = "name=value",
            Description = "Gives the template a variable, such as enable_thinking=false; may be given several times. The value is JSON where it "
                + "is valid JSON, else text.",
            DefaultValueFactory = _ => [],
        };
        var date = new Option<string>("--date")
        {
            HelpName = "YYYY-MM-DD",
            Description = "Date for a template that asks for it. Without it, such a template finds none: the clock is never read.",
        };
        var template = new Option<string>("--template")
        {
            HelpName = "NAME",
            Description = "Which of several named templates. Default: tool_use where there are tools, else default.",
        };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("chat", "The text and the ids of a conversation, as the model's chat template renders it.")
        {
            model, messages, noPrompt, set, date, template, json,
        };
        command.SetAction(parsed =>
        {
            string path = CommonOptions.ModelFolder(parsed.GetValue(model));
            PromptFormat format = ModelFiles.PromptFormat(path);
            if (format.Chat is not { } chat)
            {
                throw new UserErrorException(
                    $"{path}: has no chat template, neither in tokenizer_config.json nor as chat_template.jinja or chat_template.json");
            }

            ChatConversation conversation = ChatConversation.Load(parsed.GetValue(messages)!);
            foreach (string assignment in parsed.GetValue(set)!) conversation = With(conversation, assignment);
            var options = new ChatOptions
            {
                AddGenerationPrompt = !parsed.GetValue(noPrompt),
                Date = Date(parsed.GetValue(date)),
                Template = parsed.GetValue(template),
            };
            Print(terminal, chat.Render(conversation, format.Tokenizer, options), parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, RenderedChat rendered, bool asJson)
    {
        if (!asJson)
        {
            terminal.Out.WriteLine(rendered.Text);
            terminal.Progress($"{rendered.Ids.Length} tokens; --json prints their ids");
            return;
        }

        JsonOutput.Line(terminal.Out, json =>
        {
            json.WriteStartObject();
            json.WriteString("text", rendered.Text);
            JsonOutput.Array(json, "ids", rendered.Ids);
            json.WriteEndObject();
        });
    }

    private static ChatConversation With(ChatConversation conversation, string assignment)
    {
        int equals = assignment.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? conversation.With(assignment[..equals], assignment[(equals + 1)..])
            : throw new UserErrorException($"--set is '{assignment}'; write name=value, such as enable_thinking=false");
    }

    private static DateTime? Date(string? text)
    {
        if (text is null) return null;
        return DateTime.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime date)
            ? date
            : throw new UserErrorException($"--date is '{text}'; write year, month and day, such as 2024-07-26");
    }
}
