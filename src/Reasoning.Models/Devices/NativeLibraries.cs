namespace Reasoning.Models;

/// <summary>The native libraries that the CPU part of a backend stands on.</summary>
public static class NativeLibraries
{
    /// <summary>Their file names on this system; none for the embedded backend.</summary>
    public static IReadOnlyList<string> Names { get; } = BuiltBackend.Name == BuiltBackend.Embedded
        ? []
        : OperatingSystem.IsWindows() ? ["c10.dll", "torch_cpu.dll", "LibTorchSharp.dll"]
        : OperatingSystem.IsMacOS() ? ["libc10.dylib", "libtorch_cpu.dylib", "libLibTorchSharp.dylib"]
        : ["libc10.so", "libtorch_cpu.so", "libLibTorchSharp.so"];

    /// <summary>The file that this process has loaded under a name, where the system tells.</summary>
    public static string? Loaded(string name)
    {
        const string Maps = "/proc/self/maps";
        if (!File.Exists(Maps))
            return null;
        string stem = "/" + name;
        return File.ReadLines(Maps).Select(line => line.IndexOf('/') is >= 0 and int at ? line[at..] : "")
            .FirstOrDefault(path => path.Contains(stem, StringComparison.Ordinal));
    }
}
