using System.Text;

namespace Reasoning.Grading.Tests;

public sealed class EquivalenceTableTests
{
    [Fact]
    public void Every_row_of_the_table_holds_in_both_directions()
    {
        var wrong = new List<string>();
        foreach ((string group, string a, string b, Outcome expected) in EquivalenceTable.Rows)
        {
            Outcome forward = Equivalence.Compare(a, b), backward = Equivalence.Compare(b, a);
            if (forward != expected || backward != expected)
                wrong.Add($"{group}: {a} | {b}: {forward} and {backward}, not {expected} ({Answer.Parse(a)} | {Answer.Parse(b)})");
        }
        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_side_of_the_table_that_is_not_blank_equals_itself() =>
        Assert.All(EquivalenceTable.Rows.SelectMany(row => new[] { row.A, row.B }).Where(text => Answer.Parse(text).Kind != AnswerKind.Empty), text => Assert.Equal(Outcome.Equal, Equivalence.Compare(text, text)));

    /// <summary>REASONING_REWRITE_DOCS=1 writes the table anew.</summary>
    [Fact]
    public void The_documentation_shows_the_table()
    {
        string file = Repository.Path("docs/grading.md");
        const string Begin = "<!-- table: generated, see EquivalenceTableTests -->\n", End = "<!-- end of table -->";
        string document = File.ReadAllText(file).ReplaceLineEndings("\n");
        int from = document.IndexOf(Begin, StringComparison.Ordinal), to = document.IndexOf(End, StringComparison.Ordinal);
        Assert.True(from >= 0 && to > from, $"{file} has no place for the table");
        string expected = document[..(from + Begin.Length)] + Render() + document[to..];
        if (Environment.GetEnvironmentVariable("REASONING_REWRITE_DOCS") == "1") File.WriteAllText(file, expected);
        Assert.Equal(expected, File.ReadAllText(file).ReplaceLineEndings("\n"));
    }

    private static string Render()
    {
        var text = new StringBuilder();
        foreach ((string group, string[] lines) in EquivalenceTable.Groups)
        {
            text.Append("\n### ").Append(group).Append("\n\n| A | | B |\n|---|---|---|\n");
            foreach (string line in lines)
            {
                (string a, string b, Outcome outcome) = EquivalenceTable.Split(line);
                string sign = outcome switch { Outcome.Equal => "=", Outcome.Different => "≠", _ => "?" };
                text.Append("| ").Append(Code(a)).Append(" | ").Append(sign).Append(" | ").Append(Code(b)).Append(" |\n");
            }
        }
        return text.Append('\n').ToString();
    }

    private static string Code(string text) => $"`{text.Replace("|", "\\|", StringComparison.Ordinal)}`";
}
