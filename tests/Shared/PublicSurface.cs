using System.Reflection;
using System.Runtime.CompilerServices;
using PublicApiGenerator;

namespace Reasoning.Tests;

/// <summary>What a library offers to other programs, as a text: a change of it shows as a difference from the stored one.</summary>
internal static class PublicSurface
{
    /// <summary>Compares the public surface of a library with the file of its name in the folder Snapshots beside the test.</summary>
    /// <param name="library">The library.</param>
    /// <param name="without">The start of namespaces that are left out; null for none.</param>
    internal static void Match(Assembly library, string? without = null, [CallerFilePath] string caller = "")
    {
        var options = new ApiGeneratorOptions
        {
            IncludeAssemblyAttributes = false,
            IncludeTypes = without is null ? null : [.. library.GetExportedTypes().Where(type => !type.Namespace!.StartsWith(without, StringComparison.Ordinal))],
        };
        string surface = library.GeneratePublicApi(options).ReplaceLineEndings("\n").TrimEnd();
        Snapshot.Match($"{library.GetName().Name}.PublicSurface.txt", surface + "\n", caller);
    }
}
