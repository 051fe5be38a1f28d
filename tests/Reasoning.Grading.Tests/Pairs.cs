namespace Reasoning.Grading.Tests;

/// <summary>Lines "a ~ b" (equal), "a ≠ b" (different), "a ? b" (not read), under headings "# group".</summary>
internal static class Pairs
{
    public static IEnumerable<(string Group, string A, string B, Outcome Outcome)> Of(string file)
    {
        using Stream stream = typeof(Pairs).Assembly.GetManifestResourceStream(file) ?? throw new FileNotFoundException(file);
        using var reader = new StreamReader(stream);
        string group = "";
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith("# ", StringComparison.Ordinal)) group = line[2..];
            else if (line.Length > 0) yield return Split(line) is var (a, b, outcome) ? (group, a, b, outcome) : default;
        }
    }

    public static (string A, string B, Outcome Outcome) Split(string line)
    {
        foreach ((string sign, Outcome outcome) in (ReadOnlySpan<(string, Outcome)>)[(" ~ ", Outcome.Equal), (" ≠ ", Outcome.Different), (" ? ", Outcome.Unparsed)])
        {
            int at = line.IndexOf(sign, StringComparison.Ordinal);
            if (at > 0) return (line[..at], line[(at + sign.Length)..], outcome);
        }
        throw new FormatException($"no pair: {line}");
    }
}
