using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Commands;

/// <summary>The catalogue of settings as text, made from their declarations.</summary>
internal static class SettingsTable
{
    private const int NameWidth = 26;

    public static void Write(TextWriter writer, int width, IEnumerable<Setting> settings)
    {
        foreach (IGrouping<string, Setting> group in settings.GroupBy(setting => setting.Heading))
        {
            writer.WriteLine($"  {group.Key}");
            foreach (Setting setting in group)
            {
                string about =
                    $"{setting.Effect} {setting.Range}{(setting.IsWord ? "" : $" ({setting.Unit})")}. Default: {setting.Default}.";
                IEnumerable<string> lines = Wrap(about, Math.Max(40, width - NameWidth - 4));
                writer.WriteLine($"    {setting.Name,-(NameWidth - 2)}{lines.First()}");
                foreach (string line in lines.Skip(1)) writer.WriteLine(new string(' ', NameWidth + 2) + line);
            }

            writer.WriteLine();
        }
    }

    private static List<string> Wrap(string text, int width)
    {
        var lines = new List<string>();
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                lines.Add(line);
                line = "";
            }

            line = line.Length == 0 ? word : $"{line} {word}";
        }

        lines.Add(line);
        return lines;
    }
}
