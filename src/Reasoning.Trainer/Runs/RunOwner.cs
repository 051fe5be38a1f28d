using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Reasoning.Models;
using Reasoning.Models.Files;

namespace Reasoning.Trainer.Runs;

/// <summary>
/// The one process that writes to the folder of a run. It holds an exclusive lock on a file there, which the system takes back when the
/// process ends, however it ends, and which programs that it starts do not inherit. So a lock file alone never blocks anybody.
/// </summary>
/// <remarks>
/// On Linux and macOS the lock is flock, on Windows a share mode. NFS keeps it between machines too, unless it is mounted with
/// local_lock or nolock; then, as on file systems without locks, it holds between the processes of one machine or not at all.
/// </remarks>
internal sealed class RunOwner : IDisposable
{
    private const string LockName = ".lock";
    private const string OwnerName = ".owner";
    private const int MostBytes = 300;

    // What the system says where someone else has the lock: EWOULDBLOCK on Linux and on macOS, a sharing violation on Windows.
    private static readonly int[] s_taken = [11, 35, unchecked((int)0x80070020)];

    private readonly FileStream _lock;

    private RunOwner(RunFolder run, FileStream taken) => (Run, _lock) = (run, taken);

    /// <summary>The folder.</summary>
    public RunFolder Run { get; }

    private string OwnerFile => Path.Combine(Run.Path, OwnerName);

    /// <summary>Makes the folder of a new run.</summary>
    /// <exception cref="UserErrorException">It holds something already, belongs to another process, or cannot be written.</exception>
    public static RunOwner Start(string path)
    {
        var run = new RunFolder(path);
        bool isTouched = File.Exists(Path.Combine(path, LockName)); // by a run that has just begun, or that was killed before its first file
        if (File.Exists(path) || (!isTouched && Contents(path).Any())) throw Taken(run);
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(path, e);
        }

        RunOwner owner = Take(run);
        if (!Contents(path).Any(name => name is not (LockName or OwnerName))) return owner;
        owner.Dispose();
        throw Taken(run);
    }

    /// <summary>Makes the folder of a new run, the first <c>PARENT/NAME-N</c> that nobody has, N from 1.</summary>
    /// <exception cref="UserErrorException">It cannot be written.</exception>
    public static RunOwner StartFree(string parent, string name)
    {
        while (true)
        {
            string path = RunFolder.FirstFree(parent, name);
            try
            {
                return Start(path);
            }
            catch (UserErrorException) when (Contents(path).Any())
            {
                // Another run has taken it since.
            }
        }
    }

    /// <summary>Becomes the owner of a folder, and removes what writers that were killed left there.</summary>
    /// <exception cref="UserErrorException">It belongs to another process, or cannot be written.</exception>
    public static RunOwner Take(RunFolder run)
    {
        try
        {
            var owner = new RunOwner(run, RegularFile.OpenAlone(Path.Combine(run.Path, LockName)));
            try
            {
                owner.Sign();
                run.Sweep();
                return owner;
            }
            catch
            {
                owner.Dispose();
                throw;
            }
        }
        catch (IOException e) when (s_taken.Contains(e.HResult))
        {
            throw new UserErrorException(
                $"{run.Path}: {Describe(run)} is writing to this run; wait for it to end, or stop it, and then go on with --resume", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(run.Path, e);
        }
    }

    public void Dispose()
    {
        try
        {
            File.Delete(OwnerFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The lock counts, not the text about it.
        }

        _lock.Dispose();
    }

    // A disk that is too full for a line will say so at the first file that matters.
    private void Sign()
    {
        string time = DateTimeOffset.UtcNow.ToString("u", CultureInfo.InvariantCulture);
        string text = $"process {Environment.ProcessId} on {Environment.MachineName}, since {time}";
        try
        {
            Durable.Write(OwnerFile, file => File.WriteAllText(file, text + "\n"));
        }
        catch (UserErrorException e) when (e.InnerException is IOException)
        {
        }
    }

    private static string Describe(RunFolder run)
    {
        try
        {
            using SafeFileHandle handle = RegularFile.OpenHandle(Path.Combine(run.Path, OwnerName));
            byte[] text = new byte[MostBytes];
            return Encoding.UTF8.GetString(text, 0, RandomAccess.Read(handle, text, 0)).Trim();
        }
        catch (Exception e) when (e is UserErrorException or IOException)
        {
            return "another process";
        }
    }

    private static IEnumerable<string> Contents(string path) =>
        Directory.Exists(path) ? Directory.EnumerateFileSystemEntries(path).Select(entry => Path.GetFileName(entry)!) : [];

    private static UserErrorException Taken(RunFolder run) => new(File.Exists(run.RecordFile)
        ? $"{run.Path}: holds a run already; choose another --out, or go on with --resume"
        : $"{run.Path}: exists and is not a run folder; choose another --out");

    private static UserErrorException NotWritten(string path, Exception e) =>
        new($"{path}: cannot be written: {e.Message.ReplaceLineEndings(" ")}; choose another --out", e);
}
