using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reasoning.Bench.Harness;

/// <summary>
/// Another program to compare with: a script of bench/peers in a process of its own, which does one run for each line it reads and
/// answers with a line of JSON. Between runs it waits for input and costs nothing.
/// </summary>
internal sealed class Peer : IDisposable
{
    private static readonly string s_folder = FindFolder();

    private readonly Process _process;

    private Peer(Process process, JsonNode ready)
    {
        _process = process;
        Name = (string?)ready["name"] ?? "peer";
        Note = (string?)ready["note"] ?? "";
    }

    /// <summary>Name and version, as the peer says them.</summary>
    public string Name { get; }

    /// <summary>What a reader of the figures must know of the peer.</summary>
    public string Note { get; }

    /// <summary>What the last run answered.</summary>
    public JsonNode Last { get; private set; } = new JsonObject();

    /// <summary>Root of the repository.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(s_folder, "..", ".."));

    /// <summary>Starts a script; null, with the reason on the report, when something it needs is missing here.</summary>
    /// <param name="options">May say that there shall be no peers.</param>
    /// <param name="script">File in bench/peers; .py runs on Debian's Python, .mjs on Node.js.</param>
    /// <param name="configuration">Given to the script as JSON.</param>
    /// <param name="report">Told why there is no peer.</param>
    public static Peer? Start(BenchOptions options, string script, JsonObject configuration, Report report)
    {
        if (options.Alone) return null;
        string interpreter = script.EndsWith(".py", StringComparison.Ordinal) ? "/usr/bin/python3" : "node";
        var info = new ProcessStartInfo(interpreter, [Path.Combine(s_folder, script), configuration.ToJsonString()])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            // What a peer complains about is for whoever watches, not for the results.
            RedirectStandardError = false,
            WorkingDirectory = s_folder,
        };
        Process process;
        try
        {
            process = Process.Start(info)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            report.Skip($"{script}: {interpreter} is not installed");
            return null;
        }

        JsonNode? ready = Read(process);
        if (ready is not null && (bool?)ready["ready"] == true) return new Peer(process, ready);
        report.Skip($"{script}: {(string?)ready?["reason"] ?? "ended without an answer, see its messages above"}");
        process.Dispose();
        return null;
    }

    /// <summary>Does one run and returns its seconds, measured by the peer around its work alone.</summary>
    /// <exception cref="InvalidOperationException">The peer ended, or answered something else.</exception>
    public double Run()
    {
        _process.StandardInput.WriteLine("run");
        _process.StandardInput.Flush();
        Last = Read(_process) ?? throw new InvalidOperationException($"{Name} ended in the middle of a run");
        return (double?)Last["seconds"] ?? throw new InvalidOperationException($"{Name} answered {Last.ToJsonString()}");
    }

    /// <summary>This peer as a side of a comparison.</summary>
    public Contestant AsContestant() => new(Name, Run);

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(20))) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private static JsonNode? Read(Process process)
    {
        string? line = process.StandardOutput.ReadLine();
        try
        {
            return line is null ? null : JsonNode.Parse(line);
        }
        catch (JsonException)
        {
            throw new InvalidOperationException($"a peer wrote '{line}' where its answer was due");
        }
    }

    private static string FindFolder([CallerFilePath] string source = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", "..", "peers"));
}
