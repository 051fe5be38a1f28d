namespace Reasoning.Trainer.Tests.Starter;

/// <summary>Finds files of the repository from the folder of the running test.</summary>
internal static class Repository
{
    internal static string Path(params string[] parts)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Reasoning.sln")))
                return System.IO.Path.Combine([folder.FullName, .. parts]);
        }

        // Build outputs may lie outside the repository; the source file of this class does not.
        return System.IO.Path.Combine([Root(), .. parts]);
    }

    private static string Root([System.Runtime.CompilerServices.CallerFilePath] string file = "") =>
        System.IO.Path.GetFullPath(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(file)!, "..", "..", ".."));
}
