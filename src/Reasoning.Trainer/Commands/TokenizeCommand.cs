using System.CommandLine;
using System.Text.Json;
using Reasoning.Models;
using Reasoning.Models.Policies;
using Reasoning.Models.Tokenization;
using Reasoning.Trainer.Cli;

namespace Reasoning.Trainer.Commands;

/// <summary><c>tokenize</c>: text to ids and back, line by line.</summary>
internal static class TokenizeCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<string> model = CommonOptions.Model();
        var decode = new Option<bool>("--decode") { Description = "Decode instead: a JSON array of ids per line in, text out." };
        var plain = new Option<bool>("--no-special") { Description = "Add no special tokens when encoding." };
        var special = new Option<bool>("--special") { Description = "Also print special tokens when decoding." };
        Option<bool> json = CommonOptions.Json();
        var command = new Command(
            "tokenize", "Reads lines from standard input and prints each as one JSON array of ids, or with --decode as text (with "
                + "--json as a JSON string).")
        {
            model, decode, plain, special, json,
        };
        command.SetAction(parsed =>
        {
            Tokenizer tokenizer = ModelFiles.Tokenizer(CommonOptions.ModelFolder(parsed.GetValue(model)));
            long line = 0;
            foreach (string text in terminal.Lines())
            {
                line++;
                if (!parsed.GetValue(decode))
                {
                    Print(terminal.Out, tokenizer.Encode(text, addSpecialTokens: !parsed.GetValue(plain)));
                    continue;
                }

                string decoded = tokenizer.Decode(Ids(text, line, tokenizer), skipSpecialTokens: !parsed.GetValue(special));
                Print(terminal.Out, decoded, parsed.GetValue(json));
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static void Print(TextWriter writer, int[] ids) => JsonOutput.Line(writer, json =>
    {
        json.WriteStartArray();
        foreach (int id in ids) json.WriteNumberValue(id);
        json.WriteEndArray();
    });

    private static void Print(TextWriter writer, string text, bool asJson)
    {
        if (asJson) JsonOutput.Line(writer, json => json.WriteStringValue(text));
        else writer.WriteLine(text);
    }

    private static int[] Ids(string text, long line, Tokenizer tokenizer)
    {
        try
        {
            int[] ids = JsonSerializer.Deserialize<int[]>(text) ?? [];
            int outside = Array.Find(ids, id => (uint)id >= (uint)tokenizer.VocabSize);
            return Array.TrueForAll(ids, id => (uint)id < (uint)tokenizer.VocabSize)
                ? ids
                : throw new UserErrorException($"standard input:{line}: id {outside} is not in the vocabulary of {tokenizer.VocabSize}");
        }
        catch (JsonException e)
        {
            throw new UserErrorException($"standard input:{line}: expected a JSON array of ids, such as [1,2,3]", e);
        }
    }
}
