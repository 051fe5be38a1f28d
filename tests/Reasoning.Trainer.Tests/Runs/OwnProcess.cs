using System.Diagnostics;
using System.Globalization;
using System.Text;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Training;

namespace Reasoning.Trainer.Tests.Runs;

/// <summary>The program in a process of its own, so that it can be killed.</summary>
internal sealed class OwnProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _error = new();
    private readonly StringBuilder _output = new();

    private OwnProcess(Process process)
    {
        _process = process;
        process.ErrorDataReceived += (_, line) => Add(_error, line.Data);
        process.OutputDataReceived += (_, line) => Add(_output, line.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
    }

    /// <summary>Where the program lies.</summary>
    public static string File { get; } = Path.Combine(AppContext.BaseDirectory, "reasoning");

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public string Error => Read(_error);

    public string Out => Read(_output);

    /// <summary>Arguments of a run of a few seconds with much writing in it: every step saves.</summary>
    public static string[] Training(TempFolder folder, string recipe, int steps) =>
    [
        "train", "--recipe", recipe, "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--threads", "1", "--steps",
        steps.ToString(CultureInfo.InvariantCulture), .. Settings,
    ];

    private static string[] Settings { get; } =
    [
        "--set", "prompts-per-step=2", "--set", "samples-per-prompt=4", "--set", "max-new-tokens=8", "--set", "updates-per-rollout=1", "--set",
        "eval-samples=0", "--set", "eval-problems=2", "--set", "checkpoint-every=1", "--set", "keep-checkpoints=2", "--set", "guard=false",
    ];

    public static OwnProcess Start(params string[] args) => Start(File, args);

    public static OwnProcess Start(string program, params string[] args)
    {
        // What runs in the background of a shell, or under nohup, hands on that it ignores signals, and .NET leaves it at that.
        string[] start = OperatingSystem.IsLinux() ? ["env", "--default-signal=HUP,INT,QUIT,TERM", program, .. args] : [program, .. args];
        var info = new ProcessStartInfo(start[0], start[1..]) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        return new OwnProcess(Process.Start(info)!);
    }

    /// <summary>Runs to the end; a hang fails the test.</summary>
    public static OwnProcess Run(params string[] args)
    {
        OwnProcess process = Start(args);
        process.Wait();
        return process;
    }

    /// <summary>Sends a signal, named as kill names it; one that comes too late is none.</summary>
    public void Signal(string name) => OtherProgram.Start("kill", [$"-{name}", Id.ToString(CultureInfo.InvariantCulture)], "", seconds: 20);

    /// <summary>Waits until a text was printed on standard error.</summary>
    public void WaitFor(string text)
    {
        for (long start = Stopwatch.GetTimestamp(); !Error.Contains(text, StringComparison.Ordinal); Thread.Sleep(5))
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(120) && !HasEnded, $"'{text}' did not come: {Error[..Math.Min(Error.Length, 2000)]}");
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code; 128 and its number for a signal.</returns>
    public int Wait(int seconds = 120)
    {
        if (!_process.WaitForExit(TimeSpan.FromSeconds(seconds)))
        {
            _process.Kill(entireProcessTree: true);
            Assert.Fail($"no end within {seconds} s: {Error}");
        }

        _process.WaitForExit(); // for the rest of its output
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!HasEnded) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    /// <summary>That two runs left the same: names of all files, checkpoint, logs without times, and the model.</summary>
    public static void AssertSame(string whole, string other, int steps, string what)
    {
        RunFolder a = RunFolder.Open(whole), b = RunFolder.Open(other);
        Assert.True(Names(whole).SequenceEqual(Names(other)), $"{what}: other files: {string.Join(" ", Names(whole).Except(Names(other)).Concat(Names(other).Except(Names(whole))))}");
        List<string> different = SameRun.Differences(a, b, steps);
        foreach (string name in Directory.GetFiles(a.ModelFolder).Select(file => Path.GetFileName(file)!))
        {
            if (!System.IO.File.ReadAllBytes(Path.Combine(a.ModelFolder, name)).SequenceEqual(System.IO.File.ReadAllBytes(Path.Combine(b.ModelFolder, name))))
                different.Add($"model/{name}");
        }

        Assert.True(different.Count == 0, $"{what}: {string.Join(" ", different)}");
    }

    private static IEnumerable<string> Names(string folder) =>
        Directory.GetFileSystemEntries(folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(folder, path)).Order(StringComparer.Ordinal);

    private static void Add(StringBuilder text, string? line)
    {
        lock (text) text.Append(line).Append('\n');
    }

    private static string Read(StringBuilder text)
    {
        lock (text) return text.ToString();
    }
}
