using System.Security.Cryptography;
using System.Text;
using Reasoning.Models;
using Reasoning.Models.Files;
using Reasoning.Models.Gguf.Format;

namespace Reasoning.Trainer.Runs;

/// <summary>Identifies a model by its content: config, weights and tokenizer of a folder, or one GGUF file.</summary>
internal static class FolderHash
{
    private static readonly string[] s_parts =
        ["config.json", "tokenizer.json", "*.safetensors", "reasoning.json", "generation_config.json"];

    private static readonly string[] s_more = ["tokenizer_config.json", "chat_template.jinja", "chat_template.json"];

    /// <summary>32 hexadecimal digits.</summary>
    /// <exception cref="UserErrorException">There is no such folder.</exception>
    public static string Of(string folder, CancellationToken cancel = default) => Of(folder, [.. s_parts, .. s_more], cancel);

    /// <summary>As records of runs had it in their format 1, without what the chat template comes from.</summary>
    /// <exception cref="UserErrorException">There is no such folder.</exception>
    public static string OfFormat1(string folder) => Of(folder, s_parts, default);

    private static string Of(string folder, string[] parts, CancellationToken cancel)
    {
        bool isFile = GgufReader.IsGguf(folder) && File.Exists(folder);
        if (!isFile && !Directory.Exists(folder)) throw new UserErrorException($"{folder}: no such folder");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 20];
        IEnumerable<string> files = isFile ? [folder] : parts.SelectMany(part => Directory.EnumerateFiles(folder, part));
        foreach (string file in files.Distinct().Order(StringComparer.Ordinal))
        {
            using FileStream stream = RegularFile.Open(file);
            hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetFileName(file)}\n{stream.Length}\n"));
            for (int read; (read = stream.Read(buffer)) > 0; cancel.ThrowIfCancellationRequested()) hash.AppendData(buffer, 0, read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }
}
