using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Microsoft.Win32.SafeHandles;

namespace Reasoning.Models.Files;

/// <summary>
/// The one way to open a file that a person names or hands in: it may turn out to be a folder, a pipe, a device or gigabytes. Links are
/// followed, and what is not a regular file, or is larger than its kind ever is, is refused in one line before a byte is read.
/// </summary>
public static partial class RegularFile
{
    private const int AtCurrentFolder = -100, ModeOffset = 28, StatusBytes = 256;
    private const uint AskForType = 1;

    /// <summary>Opens a file to be read or written from its beginning, or to be continued.</summary>
    /// <param name="file">Where it is.</param>
    /// <param name="mode">Whether it must be there, and what becomes of its content.</param>
    /// <param name="access">Whether it is read or written.</param>
    /// <exception cref="UserErrorException">There is no such file, it is not a regular one, or it cannot be opened.</exception>
    public static FileStream Open(string file, FileMode mode = FileMode.Open, FileAccess access = FileAccess.Read) =>
        Try(file, access == FileAccess.Read ? "read" : "written", () => OpenCore(file, mode, access));

    /// <summary>Opens a file for reading at any place.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="name">What messages call it, where that is not the path.</param>
    /// <exception cref="UserErrorException">There is no such file, it is not a regular one, or it cannot be read.</exception>
    public static SafeFileHandle OpenHandle(string path, string? name = null) => Try(name ?? path, "read", () =>
    {
        _ = Length(path);
        return File.OpenHandle(path, options: FileOptions.RandomAccess);
    });

    /// <summary>Opens a file that no other process has open like this, or makes it: a lock that ends with the process.</summary>
    /// <exception cref="IOException">Another process has it, or it cannot be opened.</exception>
    public static FileStream OpenAlone(string file)
    {
        RefuseSpecial(file);
        return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
    }

    /// <summary>All bytes of a file.</summary>
    /// <param name="file">Where it is.</param>
    /// <param name="most">One of <see cref="FileLimits"/>.</param>
    /// <exception cref="UserErrorException">As <see cref="OpenHandle"/>; or the file is longer.</exception>
    public static byte[] ReadAllBytes(string file, long most)
    {
        using SafeFileHandle handle = OpenHandle(file);
        return Try(file, "read", () =>
        {
            long length = RandomAccess.GetLength(handle);
            if (length > most) throw new UserErrorException($"{file}: has {length} bytes; at most {most} are read of a file of this kind");
            byte[] bytes = new byte[length];
            int at = 0;
            for (int read; at < bytes.Length && (read = RandomAccess.Read(handle, bytes.AsSpan(at), at)) > 0;) at += read;
            return at == length ? bytes : throw new UserErrorException($"{file}: ends at byte {at}, it was cut while it was read");
        });
    }

    /// <summary>The text of a file in UTF-8, without a byte order mark.</summary>
    /// <inheritdoc cref="ReadAllBytes" path="/param"/>
    /// <exception cref="UserErrorException">As <see cref="ReadAllBytes"/>; or it is not UTF-8.</exception>
    public static string ReadAllText(string file, long most)
    {
        ReadOnlySpan<byte> bytes = ReadAllBytes(file, most);
        if (bytes.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : throw new UserErrorException($"{file}: not valid UTF-8");
    }

    /// <summary>The lines of a file, one after the other, so that it need not fit into memory.</summary>
    /// <exception cref="UserErrorException">As <see cref="Open"/>; or a line is longer than <see cref="FileLimits.Line"/>.</exception>
    public static IEnumerable<string> ReadLines(string file)
    {
        using var reader = new StreamReader(Open(file));
        foreach (string line in BoundedLines.Of(reader, file, FileLimits.Line)) yield return line;
    }

    /// <summary>Refuses what is there and is neither a regular file nor a folder. Who asks first never waits for the other end of a pipe.</summary>
    /// <exception cref="IOException">It is a pipe, a socket or a device.</exception>
    internal static void RefuseSpecial(string file)
    {
        if (IsSpecial(file)) throw new IOException("it is a pipe or device; a file was expected");
    }

    private static FileStream OpenCore(string file, FileMode mode, FileAccess access)
    {
        const int Buffer = 1 << 16;
        if (mode == FileMode.Open || File.Exists(file) || Directory.Exists(file)) _ = Length(file);
        return new FileStream(file, mode, access, access == FileAccess.Read ? FileShare.ReadWrite : FileShare.Read, Buffer);
    }

    // Bytes of a file, links followed; without waiting for the writer of a pipe.
    private static long Length(string file)
    {
        string real = RealPath(file);
        if (Directory.Exists(real)) throw new IOException("it is a folder; a file was expected");
        long length = new FileInfo(real).Length; // 0 for pipes and devices
        if (length == 0) RefuseSpecial(file);
        return length;
    }

    private static T Try<T>(string name, string what, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            bool isMissing = e is FileNotFoundException or DirectoryNotFoundException;
            throw new UserErrorException(isMissing ? $"{name}: no such file" : $"{name}: cannot be {what}: {e.Message}", e);
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
