using Reasoning.Models.SafeTensors;

namespace Reasoning.Trainer.Tests;

/// <summary>A folder that goes away with the test.</summary>
/// <param name="inMemory">Where possible in memory, where nobody waits for a disk.</param>
internal sealed class TempFolder(bool inMemory = false) : IDisposable
{
    private const string Memory = "/dev/shm";

    public string Path { get; } = inMemory && Directory.Exists(Memory)
        ? Directory.CreateDirectory(System.IO.Path.Combine(Memory, $"reasoning-test-{Guid.NewGuid():N}")).FullName
        : Directory.CreateTempSubdirectory("reasoning-test-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a text file and returns its path.</summary>
    public string Write(string name, string text)
    {
        System.IO.File.WriteAllText(File(name), text);
        return File(name);
    }

    /// <summary>Copies a checkpoint, so that a test can change it; without its manifest, which would tell.</summary>
    public string Copy(string folder)
    {
        string target = File("copy");
        CopyAll(folder, target);
        System.IO.File.Delete(System.IO.Path.Combine(target, CheckpointFolder.ManifestName));
        return target;
    }

    /// <summary>Copies a folder with all that is in it.</summary>
    public static void CopyAll(string folder, string target)
    {
        Directory.CreateDirectory(target);
        foreach (string file in Directory.EnumerateFiles(folder)) System.IO.File.Copy(file, System.IO.Path.Combine(target, System.IO.Path.GetFileName(file)));
        foreach (string inner in Directory.EnumerateDirectories(folder)) CopyAll(inner, System.IO.Path.Combine(target, System.IO.Path.GetFileName(inner)));
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
