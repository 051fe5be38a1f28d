using System.Diagnostics;
using System.Text;

namespace Reasoning.Tests;

/// <summary>A program that is asked on its standard input and answers on its standard output.</summary>
internal static class OtherProgram
{
    /// <summary>The answer; a program that fails, fails the test with its messages.</summary>
    internal static string Run(
        string program, IEnumerable<string> arguments, string input, int seconds, params ReadOnlySpan<(string Name, string Value)> environment)
    {
        (int code, string output, string error) = Start(program, arguments, input, seconds, environment);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)} ended with {code}:\n{error}\n{output}");
        return output;
    }

    internal static (int Code, string Output, string Error) Start(
        string program, IEnumerable<string> arguments, string input, int seconds, params ReadOnlySpan<(string Name, string Value)> environment)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
        };
        foreach ((string name, string value) in environment) info.Environment[name] = value;
        try
        {
            using Process process = Process.Start(info)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
            process.StandardInput.Write(input);
            process.StandardInput.Close();
            if (process.WaitForExit(TimeSpan.FromSeconds(seconds))) return (process.ExitCode, output.Result, error.Result);
            process.Kill(entireProcessTree: true);
            return (-1, "", $"no answer within {seconds} s");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (-1, "", e.Message);
        }
    }
}
