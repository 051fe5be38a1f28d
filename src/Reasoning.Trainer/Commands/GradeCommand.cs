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
            Description = "Also print how each side was read and by which rule they are equal or not, one line per step (in JSON as 'explanation').",
        };
        var command = new Command(
            "grade",
            "Reads JSON lines {\"gold\":…, \"answer\":…} or {\"gold\":…, \"response\":…} from standard input and prints each with extracted, "
                + "equal and outcome (equal, different, unparsed, out-of-budget): as a table on a terminal, else as JSON lines. Of a response only "
                + "the last box counts, unless --answer-place says otherwise. A line that cannot be graded is an error on standard error; the others "
                + "are graded, and the exit code is 2.")
        {
            place, explain, json,
        };
        command.SetAction(parsed =>
        {
            long line = 0;
            int right = 0, count = 0, wrong = 0;
            bool asJson = parsed.GetValue(json) || !terminal.IsOutTerminal;
            if (!asJson) terminal.Out.WriteLine(Row("line", "outcome", "extracted"));
            foreach (string text in terminal.Lines())
            {
                line++;
                if (string.IsNullOrWhiteSpace(text)) continue;
                count++;
                try
                {
                    using JsonDocument item = Parse(text, line);
                    (Grader grader, GradeResult grade) = Grade(item.RootElement, line, parsed.GetValue(place));
                    if (grade.IsEqual) right++;
                    IReadOnlyList<string> steps = parsed.GetValue(explain) ? grader.Explain(grade.Extracted) : [];
                    if (asJson) Print(terminal.Out, item.RootElement, grade, steps);
                    else terminal.Out.WriteLine(Row(line, Words.Of(grade.Outcome), grade.Extracted));
                    foreach (string step in asJson ? [] : steps) terminal.Out.WriteLine(Row("", "", step));
                }
                catch (UserErrorException e)
                {
                    wrong++;
                    terminal.Progress($"error: {e.Message}");
                }
            }

            if (!asJson || wrong > 0)
                terminal.Progress($"{right} of {count} equal{(wrong == 0 ? "" : $", {wrong} could not be graded")}");
            return wrong == 0 ? ExitCode.Done : ExitCode.BadInput;
        });
        return command;
    }

    private static string Row(object line, string outcome, string? text) => $"{line,6}  {outcome,-13}  {text}".TrimEnd();

    private static (Grader Grader, GradeResult Grade) Grade(JsonElement item, long line, AnswerPlace place)
    {
        var grader = new Grader(Text(item, "gold") ?? throw new UserErrorException($"standard input:{line}: needs 'gold'"));
        if (Text(item, "response") is { } response) return (grader, grader.GradeResponse(response, place));
        return Text(item, "answer") is { } answer
            ? (grader, grader.GradeAnswer(answer))
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
