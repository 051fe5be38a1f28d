using Xunit.Abstractions;

namespace Reasoning.Grading.Tests;

/// <summary>Finds the folder of cases that lies beside the checkout on some machines.</summary>
internal static class SharedFiles
{
    /// <summary>The path of a shared file; where it is absent, null and a line that says so.</summary>
    public static string? Find(string relativePath, ITestOutputHelper output)
    {
        string? file = Find(relativePath);
        if (file is null) output.WriteLine($"not run: shared/{relativePath} is not on this machine");
        return file;
    }

    private static string? Find(string relativePath)
    {
        if (Environment.GetEnvironmentVariable("REASONING_SHARED") is { Length: > 0 } root && File.Exists(Path.Combine(root, relativePath)))
            return Path.Combine(root, relativePath);
        // The output may lie outside of the checkout; the source file knows where it was compiled.
        foreach (string start in (string[])[AppContext.BaseDirectory, Path.GetDirectoryName(SourcePath())!])
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                string path = Path.Combine(folder.FullName, "shared", relativePath);
                if (File.Exists(path)) return path;
            }
        }
        return null;
    }
    private static string SourcePath([System.Runtime.CompilerServices.CallerFilePath] string path = "") => path;
}
