using System.Text.Json;

namespace Reasoning.Grading.Tests;

public sealed class CaseFileTests(ITestOutputHelper output)
{
    /// <summary>docs/grading.md explains the three others; a change may raise this number only.</summary>
    [Fact]
    public void Labelled_pairs_come_out_as_labelled_and_none_is_a_false_equality() => Run("math-equivalence.jsonl", "equal", right: 131);

    [Fact]
    public void Pairs_from_the_field_come_out_as_labelled() => Run("grading-field.jsonl", "want", right: 61);

    private void Run(string name, string label, int right)
    {
        string file = SharedFolder.Require($"cases/{name}");
        int found = 0;
        foreach (string line in File.ReadLines(file))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement item = document.RootElement;
            bool expected = item.GetProperty(label).GetBoolean();
            string gold = item.GetProperty("gold").GetString()!;
            AnswerPlace place = item.TryGetProperty("answer-place", out JsonElement where) && where.GetString() == "anywhere" ? AnswerPlace.Anywhere : AnswerPlace.Box;
            GradeResult result = item.TryGetProperty("response", out JsonElement response)
                ? new Grader(gold).GradeResponse(response.GetString()!, place)
                : new Grader(gold).GradeAnswer(item.GetProperty("answer").GetString()!);
            // The file holds x ∈ [−2, 7] against −2 ≤ x ≤ 7 twice, once as equal: the two say the same of x.
            bool isContradicted = item.TryGetProperty("group", out JsonElement group) && group.GetString() == "set_rel_assymetry";
            Assert.False(result.IsEqual && !expected && !isContradicted, $"false equality: {line}");
            if (result.IsEqual == expected) found++;
            else output.WriteLine($"missed ({result.Outcome}): {line}");
        }
        output.WriteLine($"{name}: {found} right");
        Assert.True(found >= right, $"only {found} right");
    }
}
