using System.CommandLine;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Reports;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Commands;

/// <summary><c>report</c>: what runs did, as one page.</summary>
internal static class ReportCommand
{
    public static Command Create(Terminal terminal)
    {
        var runs = new Argument<string[]>("RUN") { Description = "Folder of a run, or of several as compare and train --seeds make it.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--out")
        {
            HelpName = "FILE",
            Description = $"The page; its tables go as CSV and JSON into a folder of its name beside it. Default: {Report.PageName} in the folder of the run; "
                + "for several, in the current one.",
        };
        Option<string> against = Against();
        var command = new Command("report", "Writes one self-contained HTML page about a run, or several side by side.") { runs, output, against };
        command.SetAction(parsed =>
        {
            string[] folders = parsed.GetValue(runs)!;
            string file = parsed.GetValue(output) ?? (folders.Length == 1 ? Path.Combine(folders[0], Report.PageName) : Report.PageName);
            Report.Write(folders, file, against: parsed.GetValue(against));
            terminal.Out.WriteLine(file);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>What recipes are compared with beside the base.</summary>
    public static Option<string> Against() => new("--against")
    {
        HelpName = "RECIPE",
        Description = "Compare the other recipes with this one as well, seed by seed.",
    };

    /// <summary>How often <c>train</c> and <c>compare</c> write their page while they go on.</summary>
    public static Option<int> Every() => new("--report-every")
    {
        HelpName = "N",
        Description = $"Write {Report.PageName} anew every N steps, so that the open page follows (steps). Default: 0, at the end alone.",
        DefaultValueFactory = _ => 0,
    };

    /// <summary>What to do after each step so that a page follows.</summary>
    /// <param name="every">Steps; 0 for none.</param>
    /// <param name="terminal">Told where the page cannot be written.</param>
    /// <param name="more">The folder that holds the run among others, which has a page of its own; null for none.</param>
    public static Action<RunFolder, int>? Follow(int every, Terminal terminal, string? more = null)
    {
        if (CommonOptions.InRange(every, 0, int.MaxValue, "--report-every") == 0) return null;
        long last = TimeProvider.System.GetTimestamp();
        return (run, step) =>
        {
            if (step % every != 0) return;
            TimeSpan again = TimeProvider.System.GetElapsedTime(last);
            last = TimeProvider.System.GetTimestamp();
            Report.Beside(run.Path, terminal, again);
            if (more is not null) Report.Beside(more, terminal, again);
        };
    }
}
