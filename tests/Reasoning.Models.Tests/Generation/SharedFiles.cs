using Xunit.Abstractions;

namespace Reasoning.Models.Tests.Generation;

/// <summary>Finds files that lie beside the repository and are not part of it.</summary>
internal static class SharedFiles
{
    /// <summary>The path, or null after saying on the test's output that it is absent and the test did nothing.</summary>
    internal static string? Find(ITestOutputHelper output, params string[] parts)
    {
        string relative = Path.Combine(parts);
        if (Environment.GetEnvironmentVariable("REASONING_SHARED") is { Length: > 0 } root)
            return Existing(Path.Combine(root, relative));
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(candidate))
                return Existing(Path.Combine(candidate, relative));
        }

        return Existing(relative);

        string? Existing(string path)
        {
            if (Path.Exists(path))
                return path;
            output.WriteLine($"skipped: {path} is absent (set REASONING_SHARED to the folder that holds it)");
            return null;
        }
    }
}
