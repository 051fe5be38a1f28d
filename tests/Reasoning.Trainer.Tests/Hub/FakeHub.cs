using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Reasoning.Trainer.Tests.Network;

namespace Reasoning.Trainer.Tests.Hub;

/// <summary>The part of the Hub's API that the program uses.</summary>
internal sealed class FakeHub : FakeServer
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    /// <summary>Path and content.</summary>
    public Dictionary<string, byte[]> Files { get; } = [];

    public IEnumerable<Request> Downloads => Asked.Where(request => request.Path.Contains("/resolve/", StringComparison.Ordinal));

    public static byte[] Packed(byte[] body)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(body);
        return packed.ToArray();
    }

    public override Answer Decent(Request request)
    {
        string path = request.Path.Split('?')[0];
        if (path.Contains("/revision/", StringComparison.Ordinal)) return Json(new { sha = Commit });
        if (path.Contains("/tree/", StringComparison.Ordinal)) return Json(Files.Select(file => Listed(file.Key, file.Value)).Prepend(new { type = "directory", path = "folder" }));
        string name = Uri.UnescapeDataString(path.Split($"/resolve/{Commit}/")[^1]);
        if (!Files.TryGetValue(name, out byte[]? content)) return new Answer(404, []);
        if (request.From is not { } from) return new Answer(200, content);
        return from >= content.Length
            ? new Answer(416, [])
            : new Answer(206, content[from..]) { Headers = { ["Content-Range"] = $"bytes {from}-{content.Length - 1}/{content.Length}" } };
    }

    /// <summary>An entry of the list of files: large ones have a SHA-256, others what Git calls them.</summary>
    public static object Listed(string path, byte[] content)
    {
        if (path.EndsWith(".safetensors", StringComparison.Ordinal) || path.EndsWith(".bin", StringComparison.Ordinal))
            return new { type = "file", path, size = content.Length, oid = new string('1', 40), lfs = new { oid = Convert.ToHexStringLower(SHA256.HashData(content)), size = content.Length } };
        byte[] git = [.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content];
#pragma warning disable CA5350 // As Git does.
        return new { type = "file", path, size = content.Length, oid = Convert.ToHexStringLower(SHA1.HashData(git)) };
#pragma warning restore CA5350
    }
}
