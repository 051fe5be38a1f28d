using Reasoning.Models.Files;

namespace Reasoning.Models.Policies;

/// <summary>
/// The files of a checkpoint folder that pass through unchanged: everything about the tokenizer, the chat template, the generation settings
/// and the license. They are kept in memory, so that what is saved after hours of training is what was there at the start.
/// </summary>
internal static class SideFiles
{
    private static readonly string[] s_patterns =
    [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt", "vocab.txt",
        "tokenizer.model", "tokenizer.model.v*", "spiece.model", "sentencepiece.bpe.model", "tekken.json", "*.tiktoken",
        "chat_template.jinja", "chat_template.json", "additional_chat_templates/*.jinja", PolicyFiles.GenerationConfig,
        "LICENSE", "LICENSE.*", "NOTICE", "NOTICE.*", "USE_POLICY.*",
    ];

    /// <summary>Path inside the folder, with forward slashes, and content, byte for byte.</summary>
    /// <exception cref="UserErrorException">A file cannot be read, or is larger than any of these should be.</exception>
    internal static IReadOnlyDictionary<string, byte[]> Read(string folder)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        _ = ModelCard.LicenseOf(folder); // needed when a run ends, which is too late to find a pipe there
        foreach (string pattern in s_patterns)
        {
            string place = Path.Combine(folder, Path.GetDirectoryName(pattern)!);
            if (!Directory.Exists(place)) continue;
            foreach (string file in Directory.EnumerateFiles(place, Path.GetFileName(pattern)))
                files[Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '/')] = RegularFile.ReadAllBytes(file, FileLimits.ModelFile);
        }

        return files;
    }

    /// <summary>Writes the files into a folder, over those of the same name.</summary>
    internal static void Write(IReadOnlyDictionary<string, byte[]> files, string folder)
    {
        foreach ((string name, byte[] bytes) in files)
        {
            string file = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, bytes);
        }
    }
}
