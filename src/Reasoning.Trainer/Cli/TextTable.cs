namespace Reasoning.Trainer.Cli;

/// <summary>
/// A plain table with a line under its head. Where it is too wide, the widest columns become narrower and their texts go on below; words
/// stay whole, even where the table then is wider than asked.
/// </summary>
internal static class TextTable
{
    private const string Gap = "  ";

    public static void Write(TextWriter writer, int width, IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        string[][] cells = [[.. head], .. rows.Select(row => row.Select(cell => cell.ReplaceLineEndings(" ")).ToArray())];
        int[] widths = Widths(cells, width - (Gap.Length * head.Count));
        foreach ((int index, string[] row) in cells.Index())
        {
            string[][] columns = [.. row.Select((cell, column) => Wrap.At(cell, widths[column]).Split('\n'))];
            for (int line = 0; line < columns.Max(lines => lines.Length); line++)
                writer.WriteLine(string.Concat(columns.Select((lines, column) => Gap + (line < lines.Length ? lines[line] : "").PadRight(widths[column]))).TrimEnd());
            if (index == 0) writer.WriteLine(Gap + new string('─', widths.Sum() + (Gap.Length * (head.Count - 1))));
        }
    }

    // The natural widths, or what is left after taking columns from the widest down.
    private static int[] Widths(string[][] cells, int available)
    {
        int[] columns = [.. Enumerable.Range(0, cells[0].Length)];
        int[] widths = [.. columns.Select(column => cells.Max(row => row[column].Length))];
        int[] words = [.. columns.Select(column => cells.Max(row => row[column].Split(' ').Max(word => word.Length)))];
        while (widths.Sum() > available && columns.Where(column => widths[column] > words[column]).ToArray() is { Length: > 0 } wide)
            widths[wide.MaxBy(column => widths[column])]--;
        return widths;
    }
}
