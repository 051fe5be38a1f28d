using System.CommandLine;
using System.Text.Json;
using Reasoning.Grading;
using Reasoning.Models;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Commands;

/// <summary><c>grade</c>: compares answers or whole responses with gold answers.</summary>
internal static class GradeCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<bool> json = CommonOptions.Json();
        Option<AnswerPlace> place = CommonOptions.AnswerPlace();
        var explain = new Option<bool>("--explain")
        {
            Description = "Also print how each side was read and by which rule they are equal or not, one line a step (with --json as 'explanation').",
        };
        var command = new Command(
            "grade",
            "Reads JSON lines {\"gold\":…, \"answer\":…} or {\"gold\":…, \"response\":…} from standard input and prints each with "
                + "extracted, equal and outcome "
            + "(equal, different, unparsed, out-of-budget). Of a response only the last box counts, unless --answer-place says otherwise.")
        {
            place, explain, json,
        };
        command.SetAction(parsed =>
        {
            long line = 0;
            int right = 0, count = 0;
            foreach (string text in terminal.Lines())
            {
                line++;
                if (string.IsNullOrWhiteSpace(text)) continue;
                using JsonDocument item = Parse(text, line);
                GradeResult grade = Grade(item.RootElement, line, parsed.GetValue(place));
                count++;
                if (grade.IsEqual) right++;
                IReadOnlyList<string> steps = parsed.GetValue(explain) ? Grader.Explain(Text(item.RootElement, "gold")!, grade.Extracted) : [];
                if (parsed.GetValue(json)) Print(terminal.Out, item.RootElement, grade, steps);
                else terminal.Out.WriteLine($"{line}\t{Words.Of(grade.Outcome)}\t{grade.Extracted}");
                foreach (string step in parsed.GetValue(json) ? [] : steps) terminal.Out.WriteLine($"\t{step}");
            }

            if (!parsed.GetValue(json)) terminal.Progress($"{right} of {count} equal");
            return ExitCode.Done;
        });
        return command;
    }

    private static GradeResult Grade(JsonElement item, long line, AnswerPlace place)
    {
        string gold = Text(item, "gold") ?? throw new UserErrorException($"standard input:{line}: needs 'gold'");
        if (Text(item, "response") is { } response) return Grader.GradeResponse(gold, response, place);
        return Text(item, "answer") is { } answer
            ? Grader.GradeAnswer(gold, answer)
            : throw new UserErrorException($"standard input:{line}: needs 'answer' or 'response'");
    }

    private static JsonDocument Parse(string text, long line)
    {
        try
        {
            JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document
                : throw new UserErrorException($"standard input:{line}: expected a JSON object");
        }
        catch (JsonException e)
        {
            throw new UserErrorException($"standard input:{line}: not valid JSON: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private static string? Text(JsonElement item, string field)
    {
        if (!item.TryGetProperty(field, out JsonElement value)) return null;
        return value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        };
    }

    private static void Print(TextWriter writer, JsonElement item, GradeResult grade, IReadOnlyList<string> steps) => JsonOutput.Line(writer, json =>
    {
        json.WriteStartObject();
        foreach (JsonProperty property in item.EnumerateObject())
        {
            if (property.Name is not ("extracted" or "equal" or "outcome" or "explanation")) property.WriteTo(json);
        }

        json.WriteString("extracted", grade.Extracted);
        json.WriteBoolean("equal", grade.IsEqual);
        json.WriteString("outcome", Words.Of(grade.Outcome));
        if (steps.Count > 0)
        {
            json.WriteStartArray("explanation");
            foreach (string step in steps) json.WriteStringValue(step);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    });
}
