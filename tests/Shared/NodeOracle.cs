using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Reasoning.Tests;

/// <summary>
/// Runs our scripts of tests/oracles on Node.js, where they compare with packages of npm: other people's tokenizers, template engine,
/// file readers and llama.cpp. <c>npm install --no-package-lock --ignore-scripts --prefix tests/oracles</c> installs them.
/// </summary>
internal static class NodeOracle
{
    private static readonly string s_folder = FindFolder();
    private static readonly Lazy<bool> s_hasNode = new(() => Start("--version", [], null, TimeSpan.FromSeconds(20)).Code == 0);

    /// <summary>Folder of the scripts, with node_modules in it once the packages are installed.</summary>
    internal static string Folder => s_folder;

    /// <summary>Why a script that needs these packages cannot run here, or null when it can.</summary>
    internal static string? Missing(params string[] packages)
    {
        foreach (string package in packages)
        {
            if (!File.Exists(Path.Combine(s_folder, "node_modules", package, "package.json")))
                return $"the npm package {package} is not installed: npm install --no-package-lock --ignore-scripts --prefix tests/oracles";
        }

        return s_hasNode.Value ? null : "node is not installed";
    }

    /// <summary>Path of a file of an installed package.</summary>
    internal static string PackageFile(string package, string file) => Path.Combine(s_folder, "node_modules", package, file);

    /// <summary>Runs a script with standard input and returns its standard output; a failing script fails the test with its messages.</summary>
    internal static string Run(string script, IReadOnlyList<string> arguments, string? input = null, int seconds = 240)
    {
        (int code, string output, string error) = Start(Path.Combine(s_folder, script), arguments, input, TimeSpan.FromSeconds(seconds));
        Assert.True(code == 0, $"{script} ended with {code}:\n{error}\n{output}");
        return output;
    }

    private static (int Code, string Output, string Error) Start(string script, IReadOnlyList<string> arguments, string? input, TimeSpan limit)
    {
        var info = new ProcessStartInfo("node", [script, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = s_folder,
        };
        Process process;
        try
        {
            process = Process.Start(info)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (-1, "", e.Message);
        }

        using (process)
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> error = process.StandardError.ReadToEndAsync();
            if (input is not null) process.StandardInput.Write(input);
            process.StandardInput.Close();
            if (!process.WaitForExit(limit))
            {
                process.Kill(entireProcessTree: true);
                return (-1, "", $"no answer within {limit.TotalSeconds} s");
            }

            return (process.ExitCode, output.Result, error.Result);
        }
    }

    // The packages stand beside the scripts in the source tree, not beside the test assembly.
    private static string FindFolder([CallerFilePath] string source = "") =>
        Environment.GetEnvironmentVariable("REASONING_ORACLES") ?? Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", "oracles"));
}
