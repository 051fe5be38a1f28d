using System.Diagnostics;
using Reasoning.Bench.Harness;

namespace Reasoning.Bench.Benches;

/// <summary>How long a person waits for the program to say anything, beside the SDK's own shortest command.</summary>
internal static class StartupBench
{
    public const string Title = "startup, whole processes";

    public static void Run(Report report, BenchOptions options)
    {
        string program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "reasoning.exe" : "reasoning");
        double[][] seconds = Contest.Run(
            3 * options.Rounds,
            [
                new("reasoning --help", () => Start(program, "--help")),
                new("dotnet --version", () => Start("dotnet", "--version")),
                new("reasoning recipes", () => Start(program, "recipes")),
            ]);
        report.Columns("command", "median", "/ dotnet --version");
        report.Row("`reasoning --help`", Stats.Time(seconds[0]), Stats.Ratio(seconds[1], seconds[0]));
        report.Row("`reasoning recipes`", Stats.Time(seconds[2]), Stats.Ratio(seconds[1], seconds[2]));
        report.Row("`dotnet --version`", Stats.Time(seconds[1]), "1");
        report.Note("the built program, not `dotnet run`, which asks MSBuild first");
    }

    private static double Start(string program, string argument)
    {
        var info = new ProcessStartInfo(program, [argument]) { RedirectStandardOutput = true, RedirectStandardError = true };
        long start = Stopwatch.GetTimestamp();
        using Process process = Process.Start(info)!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return process.ExitCode == 0 ? seconds : throw new InvalidOperationException($"{program} {argument} ended with {process.ExitCode}");
    }
}
