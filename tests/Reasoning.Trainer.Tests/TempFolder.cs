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

    /// <summary>Copies a checkpoint, so that a test can damage it.</summary>
    public string Copy(string folder)
    {
        string target = Directory.CreateDirectory(File("copy")).FullName;
        foreach (string file in Directory.EnumerateFiles(folder)) System.IO.File.Copy(
            file, System.IO.Path.Combine(target, System.IO.Path.GetFileName(file)));
        return target;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
