using System.Text;
using Reasoning.Models;
using Reasoning.Models.Files;
using Reasoning.Trainer.Cli;

namespace Reasoning.Trainer.Reports;

/// <summary>Writes the page of runs, and every table of it as CSV and JSON in a folder beside.</summary>
internal static class Report
{
    /// <summary>Name of the page in the folder of a run.</summary>
    public const string PageName = "report.html";

    private const int ShortestWait = 5, LongestWait = 120;

    /// <summary>Writes a page.</summary>
    /// <param name="runs">Folders of runs, or folders that hold those.</param>
    /// <param name="file">The page.</param>
    /// <param name="again">After how long it is expected to be written anew; null for the last time, when the tables are written as well.</param>
    /// <param name="against">The recipe that the others are compared with beside the base, or the folder of one of its runs; null for none.</param>
    /// <exception cref="UserErrorException">A folder is no run, a file of it is damaged, or the page cannot be written.</exception>
    public static void Write(IEnumerable<string> runs, string file, TimeSpan? again = null, string? against = null)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        IReadOnlyList<Arm> arms = Arm.Read(runs);
        string? other = against is null ? null : arms.FirstOrDefault(arm => arm.IsCalled(against))?.Name ?? against;
        var page = new Page(arms, run => Link(folder, run), other);
        int? seconds = again is { } wait ? (int)Math.Clamp(wait.TotalSeconds, ShortestWait, LongestWait) : null;
        string text = page.Write(TimeProvider.System.GetUtcNow(), seconds);
        Durable.Write(file, temporary => File.WriteAllText(temporary, text));
        if (again is not null) return;
        string tables = Path.Combine(folder, Path.GetFileNameWithoutExtension(file));
        foreach (Table table in page.Tables.Where(table => table.Rows.Count > 0)) Put(Path.Combine(tables, table.Name + ".csv"), table.Csv());
        foreach (Table table in page.Tables.Where(table => table.Rows.Count > 0)) Put(Path.Combine(tables, table.Name + ".json"), Page.Json([table]));
    }

    /// <summary>Writes the page into the folder of the runs. It is a view of what is there: where it cannot be written the run is as good, and the terminal says so.</summary>
    public static void Beside(string folder, Terminal terminal, TimeSpan? again = null, string? against = null)
    {
        string file = Path.Combine(folder, PageName);
        try
        {
            Write([folder], file, again, against);
            if (again is null) terminal.Progress($"report: {file}");
        }
        catch (Exception e)
        {
            // Whatever it is, a fault of the page's own code among it: hours of training do not end for a picture of them.
            bool isExpected = e is UserErrorException or IOException or UnauthorizedAccessException;
            terminal.Progress($"warning: no report: {(isExpected ? e.Message : e.ToString()).ReplaceLineEndings(" ")}");
        }
    }

    private static void Put(string file, string text)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            using FileStream stream = RegularFile.Open(file, FileMode.Create, FileAccess.Write);
            stream.Write(Encoding.UTF8.GetBytes(text));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserErrorException($"{file}: cannot be written: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private static string? Link(string folder, RunData run)
    {
        string page = Path.Combine(run.Folder.Path, PageName);
        return File.Exists(page) ? string.Join('/', Path.GetRelativePath(folder, page).Split(Path.DirectorySeparatorChar).Select(Uri.EscapeDataString)) : null;
    }
}
