namespace Reasoning.Trainer.Cli;

/// <summary>Breaks lines between words, never inside one: a word that is too long for a line stays whole.</summary>
internal static class Wrap
{
    /// <summary>A text as lines of at most <paramref name="width"/> columns, those after the first indented.</summary>
    public static string At(string text, int width, int indent = 0)
    {
        if (text.Length <= width) return text;
        var lines = new List<string>();
        string? line = null;
        foreach (string word in text.Split(' '))
        {
            bool breaks = line is not null && line.Length > indent && line.Length + 1 + word.Length > width;
            if (!breaks)
            {
                line = line is null ? word : $"{line} {word}";
            }
            else if (word.Length > 0)
            {
                lines.Add(line!.TrimEnd());
                line = new string(' ', indent) + word;
            }
        }

        lines.Add(line!.TrimEnd());
        return string.Join('\n', lines);
    }

    /// <summary>A label and a text, whose lines stand below each other.</summary>
    public static string Labelled(string label, string text, int width) => At(label + text, width, label.Length);
}
