namespace Reasoning.Rewards.Tests;

/// <summary>Finds the folder of cases that lies beside the checkout on some machines.</summary>
internal static class SharedFiles
{
    public static string? Find(string relativePath)
    {
        if (Environment.GetEnvironmentVariable("REASONING_SHARED") is { Length: > 0 } root && File.Exists(Path.Combine(root, relativePath)))
            return Path.Combine(root, relativePath);
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", relativePath);
            if (File.Exists(path)) return path;
        }
        return null;
    }
}
