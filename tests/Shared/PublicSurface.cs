using System.Reflection;
using System.Runtime.CompilerServices;
using PublicApiGenerator;

namespace Reasoning.Tests;

/// <summary>What a library offers to other programs, as a text: a change of it shows as a difference from the stored one.</summary>
internal static class PublicSurface
{
    private static readonly ApiGeneratorOptions s_options = new() { IncludeAssemblyAttributes = false };

    /// <summary>Compares the public surface of a library with the file of its name in the folder Snapshots beside the test.</summary>
    internal static void Match(Assembly library, [CallerFilePath] string caller = "")
    {
        string surface = library.GeneratePublicApi(s_options).ReplaceLineEndings("\n").TrimEnd();
        Snapshot.Match($"{library.GetName().Name}.PublicSurface.txt", surface + "\n", caller);
    }
}
