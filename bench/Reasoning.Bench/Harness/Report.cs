using System.Text;
using System.Text.Json.Nodes;

namespace Reasoning.Bench.Harness;

/// <summary>A cell of a table: its text for people and, where it is one, its number for machines (seconds, bytes, times as fast).</summary>
internal readonly record struct Cell(string Text, double? Number = null)
{
    public static implicit operator Cell(string text) => new(text);
}

/// <summary>
/// The results of one benchmark: a title, a table, notes. Written to the console as it grows, as Markdown into RESULTS.md, and as lines of
/// JSON, one a row.
/// </summary>
internal sealed class Report(string name, string title, TextWriter writer)
{
    private readonly List<Cell[]> _rows = [];
    private readonly List<string> _notes = [];
    private string[] _head = [];

    /// <summary>Names the columns.</summary>
    public void Columns(params string[] head)
    {
        _head = head;
        writer.WriteLine($"\n{title}\n{string.Join(" | ", head)}");
    }

    /// <summary>Adds a row.</summary>
    public void Row(params Cell[] cells)
    {
        _rows.Add(cells);
        writer.WriteLine(string.Join(" | ", cells.Select(cell => cell.Text)));
        writer.Flush();
    }

    /// <summary>Adds a remark under the table, once.</summary>
    public void Note(string text)
    {
        if (_notes.Contains(text)) return;
        _notes.Add(text);
        writer.WriteLine($"note: {text}");
    }

    /// <summary>Says that a peer is not compared with, and why.</summary>
    public void Skip(string why) => Note($"not compared: {why}");

    /// <summary>The section of RESULTS.md.</summary>
    public string Markdown(string stamp, string arguments = "")
    {
        var text = new StringBuilder();
        text.Append($"## {name}: {title}\n\n`dotnet run -c Release --project bench/Reasoning.Bench -- {name}{arguments}` · {stamp}\n\n");
        if (_head.Length > 0)
        {
            text.Append($"| {string.Join(" | ", _head)} |\n|{string.Concat(Enumerable.Repeat("---|", _head.Length))}\n");
            foreach (Cell[] row in _rows) text.Append($"| {string.Join(" | ", row.Select(cell => cell.Text))} |\n");
            text.Append('\n');
        }

        foreach (string note in _notes) text.Append($"- {note}\n");
        return text.ToString();
    }

    /// <summary>Each row as a JSON object: the benchmark's name, and its cells by column, as numbers where they are.</summary>
    public IEnumerable<string> JsonLines()
    {
        foreach (Cell[] row in _rows)
        {
            var line = new JsonObject { ["bench"] = name };
            for (int i = 0; i < row.Length; i++)
                line[_head[i].Length > 0 ? _head[i] : "row"] = row[i].Number is { } number ? JsonValue.Create(number) : JsonValue.Create(row[i].Text);
            yield return line.ToJsonString();
        }
    }
}
