using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Reasoning.Models.Files;

/// <summary>Reads files that may turn out to be links, pipes or devices.</summary>
public static partial class RegularFile
{
    private const int AtCurrentFolder = -100, ModeOffset = 28, StatusBytes = 256;
    private const uint AskForType = 1;

    /// <summary>Bytes of a file, links followed. Who asks first never waits for the writer of a pipe, and never reads without end.</summary>
    /// <exception cref="IOException">There is no such file, or it is a pipe or device.</exception>
    internal static long Length(string file)
    {
        long length = new FileInfo(RealPath(file)).Length; // 0 for pipes and devices
        return length > 0 || !IsSpecial(file) ? length : throw new IOException("it is a pipe or device; a file was expected");
    }

    /// <summary>All bytes of a file.</summary>
    /// <exception cref="IOException">As <see cref="Length"/>.</exception>
    internal static byte[] ReadAllBytes(string file) => Length(file) == 0 ? [] : File.ReadAllBytes(file);

    /// <summary>Opens a file for reading at any place.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="name">What messages call it, where that is not the path.</param>
    /// <exception cref="UserErrorException">There is no such file, it is not a regular one, or it cannot be read.</exception>
    public static SafeFileHandle OpenHandle(string path, string? name = null)
    {
        name ??= path;
        try
        {
            _ = Length(path);
            return File.OpenHandle(path, options: FileOptions.RandomAccess);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            bool isMissing = e is FileNotFoundException or DirectoryNotFoundException;
            throw new UserErrorException(isMissing ? $"{name}: no such file" : $"{name}: cannot be read: {e.Message}", e);
        }
    }

    /// <summary>
    /// The path without links. The base library resolves the <c>..</c> of a link by its text, which is another place than the system's
    /// where the folder of the link is a link itself.
    /// </summary>
    /// <exception cref="IOException">Links lead in a circle.</exception>
    internal static string RealPath(string path) => Resolve(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)), 0);

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

    // The base library does not tell pipes and devices from empty files, and elsewhere than on Linux neither do we: both have no bytes.
    private static bool IsSpecial(string file)
    {
        if (!OperatingSystem.IsLinux()) return false;
        Span<byte> status = stackalloc byte[StatusBytes];
        try
        {
            if (Status(AtCurrentFolder, file, 0, AskForType, ref MemoryMarshal.GetReference(status)) != 0) return false;
        }
        catch (EntryPointNotFoundException)
        {
            return false; // a C library without statx
        }

        const int TypeMask = 0xF000, Regular = 0x8000, Folder = 0x4000;
        return (BinaryPrimitives.ReadUInt16LittleEndian(status[ModeOffset..]) & TypeMask) is not (Regular or Folder);
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int folder, string path, int flags, uint asked, ref byte status);
}
