using Reasoning.Models.SafeTensors;

namespace Reasoning.Trainer.Tests;

/// <summary>A folder that goes away with the test.</summary>
internal sealed class TempFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("reasoning-test-").FullName;

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
