using Reasoning.Trainer.Cli;
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
            writer.WriteLine(Wrap.At($"  {group.Key}", width, indent: 4));
            foreach (Setting setting in group)
            {
                string about =
                    $"{setting.Effect} {setting.Range}{(setting.IsWord ? "" : $" ({setting.Unit})")}. Default: {(setting.Default.Length == 0 ? "none" : setting.Default)}.";
                writer.WriteLine(Wrap.Labelled($"    {setting.Name,-(NameWidth - 2)}", about, width));
            }

            writer.WriteLine();
        }
    }
}
