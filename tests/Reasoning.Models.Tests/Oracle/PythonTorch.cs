using System.Diagnostics;

namespace Reasoning.Models.Tests.Oracle;

/// <summary>Runs our oracle scripts on PyTorch (Debian's python3-torch) where it is installed.</summary>
internal static class PythonTorch
{
    private const string Python = "/usr/bin/python3";

    private static readonly Lazy<string?> s_missing = new(FindMissing);

    /// <summary>Why the oracle cannot run here, or null when it can.</summary>
    internal static string? Missing => s_missing.Value;

    /// <summary>Runs a script of tests/oracles; a failing script fails the test with its output.</summary>
    internal static void Run(string script, params string[] arguments)
    {
        (int code, string output) = Start([Path.Combine(AppContext.BaseDirectory, "oracles", script), .. arguments]);
        Assert.True(code == 0, $"{script} ended with {code}:\n{output}");
    }

    private static string? FindMissing()
    {
        if (!File.Exists(Python))
            return $"{Python} is not installed";
        (int code, string output) = Start(["-c", "import torch, numpy"]);
        return code == 0 ? null : $"python3-torch and python3-numpy are not installed: {output.Trim().Split('\n')[^1]}";
    }

    private static (int Code, string Output) Start(string[] arguments)
    {
        var info = new ProcessStartInfo(Python, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(info)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }
}
