namespace Reasoning.Models;

/// <summary>Reads files that may turn out to be links, pipes or devices.</summary>
internal static class RegularFile
{
    /// <summary>
    /// Bytes of a file, links followed. Pipes and devices have none: who asks first never waits for a writer, and never reads without end.
    /// </summary>
    /// <exception cref="IOException">There is no such file.</exception>
    public static long Length(string file) => new FileInfo(RealPath(file)).Length;

    /// <summary>All bytes of a file; none of a pipe or device.</summary>
    /// <exception cref="IOException">There is no such file.</exception>
    public static byte[] ReadAllBytes(string file) => Length(file) == 0 ? [] : File.ReadAllBytes(file);

    /// <summary>
    /// The path without links. The base library resolves the <c>..</c> of a link by its text, which is another place than the system's
    /// where the folder of the link is a link itself.
    /// </summary>
    /// <exception cref="IOException">Links lead in a circle.</exception>
    public static string RealPath(string path) => Resolve(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)), 0);

    private static string Resolve(string path, int depth)
    {
        const int MostLinks = 40;
        if (depth > MostLinks) throw new IOException("too many links");
        if (Path.GetDirectoryName(path) is not { } parent) return path;
        string real = Path.Combine(Resolve(parent, depth), Path.GetFileName(path));
        return new FileInfo(real).LinkTarget is { } target
            ? Resolve(Path.TrimEndingDirectorySeparator(Path.GetFullPath(target, Path.GetDirectoryName(real)!)), depth + 1)
            : real;
    }
}
