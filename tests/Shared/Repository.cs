using System.Runtime.CompilerServices;
using static System.IO.Path;

namespace Reasoning.Tests;

/// <summary>The checkout. The built tests may lie outside of it; the compiler knows where it was.</summary>
internal static class Repository
{
    /// <summary>The folder of all tests.</summary>
    internal static string Tests { get; } = GetFullPath(Combine(GetDirectoryName(ThisFile())!, ".."));

    /// <summary>The path of something in the checkout; a test that asks for what is not there is skipped.</summary>
    internal static string Path(string relative)
    {
        string path = GetFullPath(Combine(Tests, "..", relative));
        Assert.SkipUnless(Exists(path), $"{path} is not there; the tests run outside of the checkout");
        return path;
    }

    /// <summary>A folder and those above it.</summary>
    internal static IEnumerable<string> Above(string folder)
    {
        for (DirectoryInfo? at = new(folder); at is not null; at = at.Parent) yield return at.FullName;
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
