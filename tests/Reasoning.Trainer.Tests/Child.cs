using System.Diagnostics;
using Reasoning.Trainer.Commands;

namespace Reasoning.Trainer.Tests;

/// <summary>The program in a process of its own, whose time and memory are nobody else's.</summary>
internal static class Child
{
    /// <summary>What it printed, how long it took, and the most memory that was resident.</summary>
    public static (string Out, double Seconds, long Peak) Run(IReadOnlyList<string> args)
    {
        var clock = Stopwatch.StartNew();
        using var process = new Process
        {
            StartInfo = new ProcessStartInfo("dotnet", [typeof(CommandLine).Assembly.Location, .. args])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                UseShellExecute = false,
            },
        };
        process.ErrorDataReceived += (_, _) => { };
        process.Start();
        process.BeginErrorReadLine();
        Task<string> text = process.StandardOutput.ReadToEndAsync();
        long peak = 0;
        while (!process.WaitForExit(100))
        {
            process.Refresh();
            if (!process.HasExited) peak = Math.Max(peak, process.PeakWorkingSet64);
        }

        Assert.Equal(0, process.ExitCode);
        return (text.Result, clock.Elapsed.TotalSeconds, peak);
    }
}
