namespace Reasoning.Tests;

/// <summary>The folder of models and data that lies above the checkout on some machines. REASONING_SHARED names another place.</summary>
internal static class SharedFolder
{
    /// <summary>The path of something in it, or null.</summary>
    internal static string? Find(string relative)
    {
        IEnumerable<string> folders = Repository.Above(AppContext.BaseDirectory).Concat(Repository.Above(Repository.Tests))
            .Select(folder => Path.Combine(folder, "shared"));
        if (Environment.GetEnvironmentVariable("REASONING_SHARED") is { Length: > 0 } named) folders = folders.Prepend(named);
        return folders.Select(folder => Path.Combine(folder, relative)).FirstOrDefault(Path.Exists);
    }

    /// <summary>The path of something in it; a test that asks for what is not there is skipped.</summary>
    internal static string Require(string relative)
    {
        string? path = Find(relative);
        Assert.SkipUnless(path is not null, $"no folder 'shared' with {relative} above the tests; set REASONING_SHARED to it");
        return path;
    }
}
