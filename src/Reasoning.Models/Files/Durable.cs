using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Reasoning.Models.Files;

/// <summary>The one way to write what must survive a power cut: whole files, flushed before they get their name.</summary>
public static partial class Durable
{
    /// <summary>Ends the name under which the earlier folder waits between the two renames.</summary>
    internal const string OldSuffix = "-old";

    private const string TemporaryInfix = ".tmp-";
    private const int AtCurrentFolder = -100;
    private const uint Exchange = 2;

    /// <summary>Writes a file, whose folder is created if needed; one of the same name is replaced in one step.</summary>
    /// <param name="file">Where it will be.</param>
    /// <param name="write">Gets the name of a file beside it, makes that, and may read it again; what it throws leaves no file behind.</param>
    /// <exception cref="NotWrittenException">The place cannot be written.</exception>
    public static void Write(string file, Action<string> write)
    {
        string target = Path.GetFullPath(file);
        string parent = Path.GetDirectoryName(target) ?? throw new UserErrorException($"{file}: cannot be written: it is a folder");
        string temporary = Temporary(target);
        try
        {
            RegularFile.RefuseSpecial(target); // a rename would put the file in the place of the device
            Directory.CreateDirectory(parent);
            write(temporary);
            SyncFile(temporary);
            File.Move(temporary, target, overwrite: true);
            SyncFolder(parent);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(file, e, temporary);
        }
        finally
        {
            if (File.Exists(temporary)) File.Delete(temporary);
        }
    }

    /// <summary>Where a file or folder is made before it gets its name.</summary>
    internal static string Temporary(string target) => Path.Combine(
        Path.GetDirectoryName(target)!, FormattableString.Invariant($".{Path.GetFileName(target)}{TemporaryInfix}{Environment.ProcessId}"));

    /// <summary>
    /// Removes what writers that were killed left in a folder; a folder whose place is empty gets it back. Only where nobody writes at this
    /// moment.
    /// </summary>
    /// <param name="folder">Exists.</param>
    /// <param name="name">Of the file or folder that they wrote; null for any.</param>
    public static void Sweep(string folder, string? name = null)
    {
        foreach (string leftover in Directory.GetFileSystemEntries(folder, $".*{TemporaryInfix}*"))
        {
            string file = Path.GetFileName(leftover);
            int end = file.LastIndexOf(TemporaryInfix, StringComparison.Ordinal);
            ReadOnlySpan<char> number = file.AsSpan(end + TemporaryInfix.Length);
            bool isOld = number.EndsWith(OldSuffix, StringComparison.Ordinal);
            if (isOld) number = number[..^OldSuffix.Length];
            if (end < 2 || number.IsEmpty || number.ContainsAnyExceptInRange('0', '9') || (name is not null && file[1..end] != name)) continue;
            string target = Path.Combine(folder, file[1..end]);
            if (isOld && !Directory.Exists(target)) Directory.Move(leftover, target);
            else if (Directory.Exists(leftover)) Directory.Delete(leftover, recursive: true);
            else File.Delete(leftover);
        }
    }

    /// <summary>The error for a place that could not be written. It names the place, never the temporary one beside it.</summary>
    internal static NotWrittenException NotWritten(string place, Exception e, string temporary)
        => new($"{place}: cannot be written: {e.Message.Replace(temporary, place, StringComparison.Ordinal)}", e);

    /// <summary>Waits until the content of a file is on the disk.</summary>
    public static void SyncFile(string file)
    {
        // Windows flushes only through a writable handle; elsewhere a file may be read-only.
        FileAccess access = OperatingSystem.IsWindows() ? FileAccess.ReadWrite : FileAccess.Read;
        using SafeFileHandle handle = File.OpenHandle(file, FileMode.Open, access, FileShare.ReadWrite);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>Waits until the entries of a folder are on the disk; on Windows, where renames are journaled, does nothing.</summary>
    internal static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        int descriptor = Open(folder, 0);
        if (descriptor < 0) return;
        _ = Sync(descriptor);
        _ = Close(descriptor);
    }

    /// <summary>
    /// Puts the folder <paramref name="source"/> in the place of <paramref name="target"/>, which may exist. On Linux the two are exchanged
    /// in one step; elsewhere there is a moment between two renames at which <paramref name="target"/> does not exist.
    /// </summary>
    internal static void Replace(string source, string target)
    {
        if (!Directory.Exists(target))
        {
            Directory.Move(source, target);
            return;
        }
        if (!TryExchange(source, target))
        {
            string old = source + OldSuffix;
            Directory.Move(target, old);
            Directory.Move(source, target);
            Directory.Move(old, source);
        }
        Directory.Delete(source, recursive: true);
    }

    private static bool TryExchange(string first, string second)
    {
        if (!OperatingSystem.IsLinux()) return false;
        try
        {
            return RenameAt2(AtCurrentFolder, first, AtCurrentFolder, second, Exchange) == 0;
        }
        catch (EntryPointNotFoundException)
        {
            return false; // a C library without renameat2
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt2(int oldFolder, string oldPath, int newFolder, string newPath, uint flags);
}
