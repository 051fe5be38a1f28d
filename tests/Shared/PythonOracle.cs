using System.Collections.Concurrent;

namespace Reasoning.Tests;

/// <summary>Runs our scripts of tests/oracles on a Python that has the modules they need; without one, the test is skipped.</summary>
internal static class PythonOracle
{
    // What is first on the path may lack what the system's packages brought.
    private static readonly string[] s_pythons = ["python3", "/usr/bin/python3"];
    private static readonly ConcurrentDictionary<string, string?> s_found = new();

    /// <summary>Runs a script and returns its standard output; a failing script fails the test with its messages.</summary>
    /// <param name="modules">What it imports, with commas between.</param>
    internal static string Run(string modules, string script, IReadOnlyList<string> arguments, string input = "")
    {
        string? python = s_found.GetOrAdd(modules, _ =>
            Array.Find(s_pythons, name => OtherProgram.Start(name, ["-c", $"import {modules}"], "", 120).Code == 0));
        Assert.SkipUnless(python is not null, $"python3 with {modules} is not installed (Debian: apt-get install python3-{modules.Split(',', '.')[0]})");
        return OtherProgram.Run(python, [Path.Combine(Repository.Tests, "oracles", script), .. arguments], input, 240);
    }
}
