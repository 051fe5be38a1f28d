using System.IO.Enumeration;
using System.Security.Cryptography;
using System.Text;
using Reasoning.Models;
using Reasoning.Models.Files;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Network;

namespace Reasoning.Trainer.Hub;

/// <summary>
/// Fetches the files of a repository into a folder. Each grows under another name, which has its hash in it, so that only the same content
/// is ever continued, and gets its own name when length and hash are those of the list. Only data is fetched: safetensors, texts and
/// tables; never files that can hold programs.
/// </summary>
/// <param name="client">Asks the server.</param>
/// <param name="terminal">Hears how far it is.</param>
/// <param name="room">Free bytes where a folder is.</param>
internal sealed class Pull(HubClient client, Terminal terminal, Func<string, long> room)
{
    private const string Weights = ".safetensors";

    private static readonly HashSet<string> s_kinds =
        new(StringComparer.OrdinalIgnoreCase) { Weights, ".json", ".jsonl", ".parquet", ".txt", ".md", ".jinja" };

    /// <summary>Fetches what is missing.</summary>
    /// <param name="repository">From where.</param>
    /// <param name="includes">Patterns of the paths, with * and ?; empty for all that is data.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="cancel">Stops; what is there is gone on with the next time.</param>
    /// <returns>The commit, and the files that are now in the folder.</returns>
    /// <exception cref="UserErrorException">The server refuses or sends something else than it lists, or the place does not take it.</exception>
    public async Task<(string Commit, IReadOnlyList<HubFile> Files)> Run(
        HubRepository repository, IReadOnlyList<string> includes, string folder, CancellationToken cancel)
    {
        (string commit, IReadOnlyList<HubFile> all) = await client.List(repository, cancel);
        IReadOnlyList<HubFile> files = Choose(repository, all, includes);
        if (File.Exists(folder)) throw new UserErrorException($"{folder}: is a file; name a folder with --out");
        List<HubFile> missing = [.. files.Where(file => !IsThere(Path.Combine(folder, file.Path), file))];
        long needed = missing.Sum(file => file.Bytes - Length(Partial(folder, file))), free = room(folder);
        if (needed > free) throw new UserErrorException($"{folder}: {needed >> 20} MiB are to be fetched, and its disk has {free >> 20} MiB free; make room, or name another --out");
        foreach (HubFile file in missing) await Fetch(repository, commit, file, folder, cancel);
        return (commit, files);
    }

    /// <summary>Free bytes of the disk that a folder, or the nearest one above that is there, is on.</summary>
    public static long FreeBytes(string folder)
    {
        string at = Path.GetFullPath(folder);
        while (!Directory.Exists(at)) at = Path.GetDirectoryName(at)!;
        return new DriveInfo(at).AvailableFreeSpace;
    }

    private List<HubFile> Choose(HubRepository repository, IReadOnlyList<HubFile> all, IReadOnlyList<string> includes)
    {
        foreach (string include in includes)
        {
            if (!all.Any(file => FileSystemName.MatchesSimpleExpression(include, file.Path)))
                throw new UserErrorException($"--include {include}: no file of {repository.Page} has such a path; it has {Show.Names([.. all.Select(file => file.Path)], 5)}");
        }

        ILookup<bool, HubFile> kinds = all.Where(file => includes.Count == 0 || includes.Any(include => FileSystemName.MatchesSimpleExpression(include, file.Path))).ToLookup(IsData);
        List<HubFile> data = [.. kinds[true]], others = [.. kinds[false]];
        string refused = others.Count == 0 ? "" : $"only safetensors, texts and tables are fetched, not {Show.Names([.. others.Select(file => file.Path)], 5)}";
        if (data.Count == 0 || (includes.Count > 0 && others.Count > 0))
            throw new UserErrorException(refused.Length > 0 ? $"{repository.Page}: {refused}" : $"{repository.Page}: has no files at revision {repository.Revision}");
        bool isModel = !repository.IsDataSet && includes.Count == 0;
        if (isModel && others.Count > 0 && !data.Exists(file => file.Path.EndsWith(Weights, StringComparison.OrdinalIgnoreCase)))
            throw new UserErrorException($"{repository.Page}: has no safetensors; {refused}: files of other kinds can hold programs. --include '*.json' fetches the rest");
        if (others.Count > 0) terminal.Progress($"left out: {refused}");
        return data;
    }

    private static bool IsData(HubFile file)
    {
        string name = file.Path[(file.Path.LastIndexOf('/') + 1)..];
        return s_kinds.Contains(Path.GetExtension(name)) || name is "LICENSE" or "NOTICE";
    }

    private static bool IsThere(string place, HubFile file)
    {
        if (!Path.Exists(place)) return false;
        return Length(place) == file.Bytes && Hash(place, file) == file.Hash ? true
            : throw new UserErrorException($"{place}: is there and is not what the repository has; name another --out, or move it away");
    }

    private async Task Fetch(HubRepository repository, string commit, HubFile file, string folder, CancellationToken cancel)
    {
        string place = Path.Combine(folder, file.Path), partial = Partial(folder, file);
        bool isContinued = Length(partial) > 0;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            await Receive(repository, commit, file, partial, cancel);
            if (Hash(partial, file) != file.Hash)
            {
                File.Delete(partial);
                if (isContinued) await Receive(repository, commit, file, partial, cancel); // what was there may have been damaged since
                if (!File.Exists(partial) || Hash(partial, file) != file.Hash)
                {
                    File.Delete(partial);
                    throw new UserErrorException($"{file.Path}: what came is not what {repository.Page} lists ({(file.IsLarge ? "SHA-256" : "SHA-1 of Git")}); it was deleted: try again later");
                }
            }

            Durable.SyncFile(partial);
            File.Move(partial, place);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{place}: cannot be written: {e.Message.Replace(partial, place, StringComparison.Ordinal)}; give the command again: it goes on where it stopped", e);
        }

        terminal.Progress($"{file.Path}  {file.Bytes:N0} bytes");
    }

    /// <summary>Gets all bytes of a file, those that are there already left out.</summary>
    private async Task Receive(HubRepository repository, string commit, HubFile file, string partial, CancellationToken cancel)
    {
        if (Length(partial) > file.Bytes) File.Delete(partial);
        while (!File.Exists(partial) || Length(partial) < file.Bytes)
        {
            await client.Patiently(
                async () =>
                {
                    long before = Length(partial);
                    try
                    {
                        await Continue(repository, commit, file, partial, cancel);
                    }
                    catch (HubRangeException e)
                    {
                        File.Delete(partial);
                        throw new RetryException(e.Message);
                    }
                    catch (RetryException) when (Length(partial) > before)
                    {
                        // It broke off, but went on before: that may happen as often as it likes.
                    }

                    return true;
                },
                cancel);
        }
    }

    private async Task Continue(HubRepository repository, string commit, HubFile file, string partial, CancellationToken cancel)
    {
        long have = Length(partial);
        using HubAnswer answer = await client.Open(repository, commit, file, have, cancel);
        if (answer.From != 0 && answer.From != have) throw new HubRangeException($"{file.Path}: the server goes on elsewhere");
        have = answer.From;
        long shown = 0;
        using FileStream stream = RegularFile.Open(partial, have == 0 ? FileMode.Create : FileMode.Append, FileAccess.Write);
        await foreach (ReadOnlyMemory<byte> part in answer.Read(cancel))
        {
            have += part.Length;
            if (have > file.Bytes)
            {
                stream.SetLength(0);
                throw new UserErrorException($"{file.Path}: the server sends more than the {file.Bytes} bytes that it lists; nothing of it was kept");
            }

            stream.Write(part.Span);
            if (Environment.TickCount64 - shown < 200) continue;
            shown = Environment.TickCount64;
            terminal.Show($"{file.Path} {Show.Bar((double)have / file.Bytes)} {have >> 20}/{file.Bytes >> 20} MiB");
        }

        if (have < file.Bytes) throw new RetryException($"{file.Path}: ended at byte {have} of {file.Bytes}");
    }

    private static string Partial(string folder, HubFile file)
    {
        string place = Path.Combine(folder, file.Path);
        return Path.Combine(Path.GetDirectoryName(place)!, $".{Path.GetFileName(place)}.{file.Hash[..16]}.partial");
    }

    private static long Length(string file) => new FileInfo(file) is { Exists: true } info ? info.Length : 0;

    private static string Hash(string path, HubFile file)
    {
        using FileStream stream = RegularFile.Open(path);
        if (file.IsLarge) return Convert.ToHexStringLower(SHA256.HashData(stream));
#pragma warning disable CA5350 // It is what Git calls a file by; of files that matter, the hub has the SHA-256 too.
        using var git = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
        git.AppendData(Encoding.ASCII.GetBytes($"blob {stream.Length}\0"));
        byte[] buffer = new byte[1 << 16];
        for (int read; (read = stream.Read(buffer)) > 0;) git.AppendData(buffer, 0, read);
        return Convert.ToHexStringLower(git.GetHashAndReset());
    }
}
