using Reasoning.Models;
using Reasoning.Models.Files;

namespace Reasoning.Trainer.Runs;

/// <summary>Reads the checked-out commit from the files of a git working tree, without running git.</summary>
internal static class GitCommit
{
    /// <summary>The commit of the working tree that holds a folder; null if there is none or it cannot be read.</summary>
    public static string? Around(string folder)
    {
        try
        {
            for (DirectoryInfo? at = new(folder); at is not null; at = at.Parent)
            {
                string git = Path.Combine(at.FullName, ".git");
                if (Directory.Exists(git)) return Read(git);
            }
        }
        catch (UserErrorException)
        {
            return null;
        }

        return null;
    }

    private static string? Read(string git)
    {
        const string Pointer = "ref: ";
        string head = Text(Path.Combine(git, "HEAD"));
        if (!head.StartsWith(Pointer, StringComparison.Ordinal)) return head;
        string name = head[Pointer.Length..];
        string loose = Path.Combine(git, name);
        if (File.Exists(loose)) return Text(loose);
        string packed = Path.Combine(git, "packed-refs");
        return !File.Exists(packed)
            ? null
            : RegularFile.ReadLines(packed).FirstOrDefault(line => line.EndsWith(" " + name, StringComparison.Ordinal))?.Split(' ')[0];
    }

    private static string Text(string file) => RegularFile.ReadAllText(file, FileLimits.Handwritten).Trim();
}
