using System.Runtime.InteropServices;

namespace Reasoning.Models.Devices;

/// <summary>One native library that was looked for, and what the loader said.</summary>
/// <param name="Name">File name.</param>
/// <param name="Path">Where it lies, if a folder that we know holds it; the loader may find it elsewhere.</param>
/// <param name="Error">Why it does not load, or null.</param>
public sealed record NativeLibraryProbe(string Name, string? Path, string? Error)
{
    /// <summary>
    /// Folders that are asked first: beside the program, where it has those of packages, the search path of the system, and where the build put
    /// the libraries.
    /// </summary>
    public static IReadOnlyList<string> Folders { get; } =
    [
        .. ((string[])[AppContext.BaseDirectory, OfPackages, .. SearchPath(), NativeLibraries.Folder]).Distinct(),
    ];

    /// <summary>Where a library lies; null if none of the folders has it.</summary>
    internal static string? PathOf(string name) => Folders.Select(folder => System.IO.Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Loads a library and keeps it.</summary>
    public static NativeLibraryProbe Load(string name)
    {
        string? path = PathOf(name);
        try
        {
            NativeLibrary.Load(path ?? name);
            return new NativeLibraryProbe(name, path, null);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            string words = OneLine(e.Message);
            string cure = words.Contains("' not found", StringComparison.Ordinal)
                ? ": this system's library is older than the one this was made with; build here, which asks for less, or install a newer one"
                : "";
            return new NativeLibraryProbe(name, path, words + cure);
        }
    }

    /// <summary>Name, place and outcome, on one line.</summary>
    public override string ToString() => $"{Name} ({Path ?? "by name"}): {Error ?? "loads"}";

    private static string OfPackages => System.IO.Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native");

    private static string[] SearchPath()
    {
        string variable = OperatingSystem.IsWindows() ? "PATH" : OperatingSystem.IsMacOS() ? "DYLD_LIBRARY_PATH" : "LD_LIBRARY_PATH";
        return (Environment.GetEnvironmentVariable(variable) ?? "").Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>The loader's first sentence, without the runtime's advice before it; the rest repeats it for every folder and name it tried.</summary>
    private static string OneLine(string message)
    {
        const string Advice = "environment variable:";
        int advice = message.IndexOf(Advice, StringComparison.Ordinal);
        string text = (advice < 0 ? message : message[(advice + Advice.Length)..]).Trim();
        int end = text.IndexOfAny(['\n', '\r']);
        return end < 0 ? text : text[..end].Trim();
    }
}
