using Reasoning.Models;

namespace Reasoning.Trainer.Runs;

/// <summary>The files that come with the program: looked for from the current folder upwards, then from the program's own.</summary>
internal static class DefaultFiles
{
    public const string Model = "checkpoints/starter";
    public const string Prompts = "data/shifted.jsonl";
    public const string Heldout = "data/shifted-heldout.jsonl";
    public const string Source = "data/source.jsonl";

    /// <summary>The path of a shipped file or folder.</summary>
    /// <exception cref="UserErrorException">It is nowhere above; the message says which option names another one.</exception>
    public static string Find(string relative, string option)
    {
        foreach (string start in (string[])[Directory.GetCurrentDirectory(), AppContext.BaseDirectory])
        {
            for (DirectoryInfo? at = new(start); at is not null; at = at.Parent)
            {
                string path = Path.Combine(at.FullName, relative);
                if (File.Exists(path) || Directory.Exists(path)) return Shorten(path);
            }
        }

        throw new UserErrorException($"{relative}: not found in this folder or above; name another one with {option}");
    }

    /// <summary>Relative to the current folder where that is shorter.</summary>
    private static string Shorten(string path)
    {
        string relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), path);
        return relative.Length < path.Length ? relative : path;
    }
}
