using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Reasoning.Models.Files;

/// <summary>A file mapped into memory. Its readers ask for the length it has now, for it may have been cut.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly byte* _start;

    private MappedFile(string file, SafeFileHandle handle)
    {
        File = file;
        _handle = handle;
        Length = RandomAccess.GetLength(handle);
        if (Length == 0) return; // nothing can be mapped
        _map = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _view = _map.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    public string File { get; }

    /// <summary>Length of the file when it was opened.</summary>
    public long Length { get; }

    /// <summary>Length it has now. The system ends a program that touches a page of the map behind the end.</summary>
    public long CurrentLength => RandomAccess.GetLength(_handle);

    /// <param name="path">Where the file is.</param>
    /// <param name="name">What messages call it, where that is not the path.</param>
    /// <exception cref="UserErrorException">The file is missing or cannot be read.</exception>
    public static MappedFile Open(string path, string? name = null)
    {
        name ??= path;
        SafeFileHandle handle = RegularFile.OpenHandle(path, name);
        try
        {
            return new MappedFile(name, handle);
        }
        catch (Exception e)
        {
            handle.Dispose();
            if (e is IOException or UnauthorizedAccessException) throw new UserErrorException($"{name}: cannot be read: {e.Message}", e);
            throw;
        }
    }

    /// <summary>The bytes of a stretch that was found to lie inside the file.</summary>
    public ReadOnlySpan<byte> At(long offset, int count)
    {
        if (offset < 0 || count < 0 || offset > Length - count) throw new ArgumentOutOfRangeException(nameof(offset));
        return count == 0 ? [] : new ReadOnlySpan<byte>(_start + offset, count);
    }

    /// <summary>Refuses a file that became shorter than it was.</summary>
    /// <exception cref="UserErrorException">It was cut since it was opened.</exception>
    public void CheckLength()
    {
        long length = CurrentLength;
        if (length < Length) throw new UserErrorException($"{File}: ends at byte {length}, it was cut while it was read");
    }

    public void Dispose()
    {
        if (_handle.IsClosed) return;
        if (_view is not null)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _map!.Dispose();
        }

        _handle.Dispose();
    }
}
