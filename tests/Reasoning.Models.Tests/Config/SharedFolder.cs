namespace Reasoning.Models.Tests.Formats;

/// <summary>Finds the folder of shared models and data, where this machine has one.</summary>
internal static class SharedFolder
{
    /// <summary>The full path of something in the shared folder, or null, with the reason written to the test's output.</summary>
    public static string? Find(string relative, ITestOutputHelper output)
    {
        if (Environment.GetEnvironmentVariable("REASONING_SHARED") is { } configured && Path.Exists(Path.Combine(configured, relative)))
            return Path.Combine(configured, relative);
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, "shared", relative);
            if (Path.Exists(candidate)) return candidate;
        }
        output.WriteLine($"not run: no folder 'shared' with {relative} above {AppContext.BaseDirectory}; set REASONING_SHARED to it");
        return null;
    }
}
