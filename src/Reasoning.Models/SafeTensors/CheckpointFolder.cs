using System.Security.Cryptography;
using System.Text.Json;
using Reasoning.Models.Files;
using Reasoning.Models.Policies;

namespace Reasoning.Models.SafeTensors;

/// <summary>
/// Folders that are complete or do not exist. A folder is written under a temporary name beside its place, every file flushed to the disk,
/// the list of files with their SHA-256 written last, and then renamed. A process killed at any moment leaves the earlier folder, or the
/// new one, and at most a temporary folder that the next writer removes. The model card is not in the list, for people edit it.
/// </summary>
public static class CheckpointFolder
{
    /// <summary>The list of files, written last.</summary>
    public const string ManifestName = "manifest.json";

    private const int FormatVersion = 1;
    private static readonly JsonSerializerOptions s_format = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>Writes a folder, replacing an earlier one of the same name in one step.</summary>
    /// <param name="folder">Where it will be. Its parent is created if needed.</param>
    /// <param name="write">Gets the path of an empty folder and puts the files into it; sub-folders are allowed.</param>
    /// <param name="cancel">Gives the writing up while the list is made; the earlier folder stays.</param>
    /// <exception cref="UserErrorException">The place is taken by something that is not a checkpoint, or cannot be written.</exception>
    public static void Write(string folder, Action<string> write, CancellationToken cancel = default)
    {
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        string parent = Path.GetDirectoryName(target) ?? throw new UserErrorException($"{folder}: cannot be a checkpoint folder");
        CheckTarget(folder);
        string temporary = Durable.Temporary(target);
        try
        {
            Directory.CreateDirectory(parent);
            Durable.Sweep(parent, Path.GetFileName(target));
            Directory.CreateDirectory(temporary);
            write(temporary);
            WriteManifest(temporary, cancel);
            Durable.Replace(temporary, target);
            Durable.SyncFolder(parent);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Durable.NotWritten(folder, e, temporary);
        }
        finally
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
        }
    }

    /// <summary>Refuses a place that <see cref="Write"/> would refuse.</summary>
    /// <exception cref="UserErrorException">It is taken by something that is not a checkpoint.</exception>
    public static void CheckTarget(string folder)
    {
        if (File.Exists(folder)) throw new UserErrorException($"{folder}: is a file, and a checkpoint folder is to be written there; move it away");
        if (IsForeign(folder))
            throw new UserErrorException($"{folder}: exists and is not a checkpoint of this program; choose another folder, or empty it");
    }

    /// <summary>Deletes a folder. Who is killed meanwhile leaves none that looks like a checkpoint, only what the next writer removes.</summary>
    public static void Delete(string folder)
    {
        string temporary = Durable.Temporary(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        if (Directory.Exists(folder)) Directory.Move(folder, temporary);
        else File.Delete(folder);
        if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
    }

    /// <summary>
    /// Whether a folder has a manifest and all files in it with the right sizes. Contents are not read; <see cref="Verify"/> does that.
    /// </summary>
    internal static bool IsComplete(string folder)
    {
        try
        {
            return ReadManifest(folder).TrueForAll(HasItsLength);
        }
        catch (UserErrorException)
        {
            return false;
        }

        bool HasItsLength(CheckpointFile entry)
            => new FileInfo(PathOf(folder, entry)) is { Exists: true } file && file.Length == entry.Bytes;
    }

    /// <summary>
    /// The complete folders directly inside <paramref name="parent"/> whose name begins with <paramref name="prefix"/>, by name.
    /// </summary>
    public static IReadOnlyList<string> Complete(string parent, string prefix)
    {
        if (!Directory.Exists(parent)) return [];
        return [.. Directory.EnumerateDirectories(parent, prefix + "*").Where(IsComplete).Order(StringComparer.Ordinal)];
    }

    /// <summary>
    /// Checks every file that the manifest lists, where there is one; a folder from elsewhere has none, and a file has nothing beside it.
    /// </summary>
    /// <exception cref="UserErrorException">A file is not as it was written; the message says what to do.</exception>
    public static void VerifyIfListed(string folder, CancellationToken cancel = default)
    {
        if (!Path.Exists(Path.Combine(folder, ManifestName))) return;
        try
        {
            Verify(folder, cancel);
        }
        catch (UserErrorException e)
        {
            throw new UserErrorException(
                $"{e.Message}; fetch the file again, or, if you changed it yourself, take its entry out of {ManifestName} (without that file nothing is checked)", e);
        }
    }

    /// <summary>Checks that a folder is complete and every file is as it was written.</summary>
    /// <returns>The names of the files, relative to the folder.</returns>
    /// <exception cref="UserErrorException">It is not; the message names the first file that is missing or different.</exception>
    public static IReadOnlyList<string> Verify(string folder, CancellationToken cancel = default)
    {
        List<CheckpointFile> files = ReadManifest(folder);
        foreach (CheckpointFile entry in files)
        {
            string path = PathOf(folder, entry);
            if (!File.Exists(path))
                throw new UserErrorException($"{path}: no such file; {ManifestName} lists it, so the checkpoint is damaged");
            try
            {
                using var stream = new FileStream(RegularFile.OpenHandle(path), FileAccess.Read);
                if (stream.Length != entry.Bytes)
                    throw new UserErrorException($"{path}: has {stream.Length} bytes, {ManifestName} says {entry.Bytes}");
                if (Hash(stream, cancel) != entry.Sha256)
                    throw new UserErrorException($"{path}: its content differs from what {ManifestName} says (SHA-256)");
            }
            catch (IOException e)
            {
                throw new UserErrorException($"{path}: cannot be read: {e.Message}", e);
            }
        }
        return [.. files.Select(entry => entry.Name)];
    }

    private static void WriteManifest(string folder, CancellationToken cancel)
    {
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(path => Path.GetRelativePath(folder, path) != ModelCard.FileName)
            .Select(path => Measure(folder, path, cancel)).ToList();
        if (files.Exists(entry => entry.Name == ManifestName))
            throw new InvalidOperationException($"{ManifestName} is written by {nameof(CheckpointFolder)}");
        files.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        foreach (CheckpointFile entry in files) Durable.SyncFile(PathOf(folder, entry));
        string card = Path.Combine(folder, ModelCard.FileName);
        if (File.Exists(card)) Durable.SyncFile(card);
        var entries = files.Select(entry => new { name = entry.Name, bytes = entry.Bytes, sha256 = entry.Sha256 });
        byte[] manifest = [.. JsonSerializer.SerializeToUtf8Bytes(new { format = FormatVersion, files = entries }, s_format), (byte)'\n'];
        string list = Path.Combine(folder, ManifestName);
        File.WriteAllBytes(list, manifest);
        Durable.SyncFile(list);
        foreach (string inner in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories)) Durable.SyncFolder(inner);
        Durable.SyncFolder(folder);
    }

    private static List<CheckpointFile> ReadManifest(string folder)
    {
        string path = Path.Combine(folder, ManifestName);
        if (!Directory.Exists(folder)) throw new UserErrorException($"{folder}: no such folder");
        if (!File.Exists(path))
            throw new UserErrorException($"{path}: no such file; the checkpoint is incomplete or was not written by this program");
        using JsonDocument document = JsonFile.LoadObject(path, FileLimits.Document);
        var fields = new JsonFields(path, document.RootElement);
        int format = fields.Int("format", 1, int.MaxValue);
        if (format > FormatVersion) throw fields.Error("format", $"is {format}; this program knows formats up to {FormatVersion}");
        fields.Require("files");
        return [.. fields.Objects("files").Select(CheckpointFile.Read)];
    }

    private static CheckpointFile Measure(string folder, string path, CancellationToken cancel)
    {
        using FileStream stream = RegularFile.Open(path);
        string name = Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/');
        return new CheckpointFile(name, stream.Length, Hash(stream, cancel));
    }

    private static string Hash(Stream stream, CancellationToken cancel) =>
        Convert.ToHexStringLower(SHA256.HashDataAsync(stream, cancel).AsTask().GetAwaiter().GetResult()); // HashData cannot be cancelled

    private static string PathOf(string folder, CheckpointFile entry) => Path.Combine(folder, entry.Name);

    private static bool IsForeign(string target)
    {
        if (!Directory.Exists(target) || File.Exists(Path.Combine(target, ManifestName))) return false;
        return Directory.EnumerateFileSystemEntries(target).Any();
    }

    /// <summary>One line of a checkpoint's manifest.</summary>
    /// <param name="Name">Relative to the folder, with forward slashes.</param>
    /// <param name="Bytes">Length.</param>
    /// <param name="Sha256">64 lower-case hexadecimal digits.</param>
    private sealed record CheckpointFile(string Name, long Bytes, string Sha256)
    {
        public static CheckpointFile Read(JsonFields fields)
        {
            string name = fields.String("name");
            bool isInside = !name.AsSpan().ContainsAny('\\', ':', '\0') && name.Split('/').All(part => part is not ("" or "." or ".."));
            if (!isInside) throw fields.Error("name", $"is '{name}', which is not a path inside the folder");
            JsonElement bytes = fields.Require("bytes");
            bool isLength = bytes.ValueKind == JsonValueKind.Number && bytes.TryGetInt64(out long length) && length >= 0;
            if (!isLength) throw fields.Wrong("bytes", bytes, "a length");
            return new CheckpointFile(name, bytes.GetInt64(), fields.String("sha256"));
        }
    }
}
