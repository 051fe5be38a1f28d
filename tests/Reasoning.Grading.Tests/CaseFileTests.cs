using System.Text.Json;

namespace Reasoning.Grading.Tests;

public sealed class CaseFileTests(ITestOutputHelper output)
{
    /// <summary>The cases read right; a change may raise this number only. docs/grading.md explains the rest.</summary>
    private const int Known = 131;

    [Fact]
    public void The_case_file_has_no_false_equality_and_no_new_miss()
    {
        string file = SharedFolder.Require("cases/math-equivalence.jsonl");
        int right = 0;
        foreach (string line in File.ReadLines(file))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement item = document.RootElement;
            bool expected = item.GetProperty("equal").GetBoolean();
            GradeResult result = Grader.GradeAnswer(item.GetProperty("gold").GetString()!, item.GetProperty("answer").GetString()!);
            // The file holds x ∈ [−2, 7] against −2 ≤ x ≤ 7 twice, once as equal: the two say the same of x.
            bool isContradicted = item.GetProperty("group").GetString() == "set_rel_assymetry";
            Assert.False(result.IsEqual && !expected && !isContradicted, $"false equality: {line}");
            if (result.IsEqual == expected) right++;
            else output.WriteLine($"missed ({result.Outcome}): {line}");
        }
        output.WriteLine($"{right} right");
        Assert.True(right >= Known, $"only {right} right");
    }
}
