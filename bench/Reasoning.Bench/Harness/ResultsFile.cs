using System.Text;

namespace Reasoning.Bench.Harness;

/// <summary>
/// bench/RESULTS.md: one section per benchmark between markers of its name. Writing a section leaves everything else as it is, so what
/// people write about the figures stays.
/// </summary>
internal static class ResultsFile
{
    /// <summary>Replaces the section of a benchmark, or appends it.</summary>
    public static void Write(string file, string name, string section)
    {
        string begin = $"<!-- {name} -->\n", end = $"<!-- /{name} -->\n";
        string text = File.Exists(file) ? File.ReadAllText(file) : "# Results\n";
        int from = text.IndexOf(begin, StringComparison.Ordinal);
        int to = text.IndexOf(end, StringComparison.Ordinal);
        var result = new StringBuilder();
        if (from >= 0 && to > from)
            result.Append(text.AsSpan(0, from)).Append(begin).Append(section).Append(text.AsSpan(to));
        else
            result.Append(text).Append('\n').Append(begin).Append(section).Append(end);
        File.WriteAllText(file, result.ToString());
    }
}
