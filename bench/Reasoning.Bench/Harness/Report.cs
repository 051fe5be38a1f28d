using System.Text;

namespace Reasoning.Bench.Harness;

/// <summary>The results of one benchmark: a title, a table, notes. Written to the console as it grows, and as Markdown into RESULTS.md.</summary>
internal sealed class Report(string name, string title, TextWriter writer)
{
    private readonly List<string[]> _rows = [];
    private readonly List<string> _notes = [];
    private string[] _head = [];

    /// <summary>The name on the command line.</summary>
    public string Name => name;

    /// <summary>Names the columns.</summary>
    public void Columns(params string[] head)
    {
        _head = head;
        writer.WriteLine($"\n{title}\n{string.Join(" | ", head)}");
    }

    /// <summary>Adds a row.</summary>
    public void Row(params string[] cells)
    {
        _rows.Add(cells);
        writer.WriteLine(string.Join(" | ", cells));
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
    public string Markdown(string stamp)
    {
        var text = new StringBuilder();
        text.Append($"## {name}: {title}\n\n`dotnet run -c Release --project bench/Reasoning.Bench -- {name}` · {stamp}\n\n");
        if (_head.Length > 0)
        {
            text.Append($"| {string.Join(" | ", _head)} |\n|{string.Concat(Enumerable.Repeat("---|", _head.Length))}\n");
            foreach (string[] row in _rows) text.Append($"| {string.Join(" | ", row)} |\n");
            text.Append('\n');
        }

        foreach (string note in _notes) text.Append($"- {note}\n");
        return text.ToString();
    }
}
