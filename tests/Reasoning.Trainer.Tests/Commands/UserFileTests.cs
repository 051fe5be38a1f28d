using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Reasoning.Models;
using Reasoning.Models.Tests.Mutation;

namespace Reasoning.Trainer.Tests.Commands;

/// <summary>
/// What may stand in the place of a file that a person hands in: a pipe that nobody writes to, a device without end, a folder, a file
/// larger than any of its kind, damaged bytes.
/// </summary>
public sealed class UserFileTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private static readonly Dictionary<string, string> s_inputs = new()
    {
        ["grade"] = """{"gold":"\\frac{1}{2}","response":"so \\boxed{0.5}","id":[1,{"a":null}]}""",
        ["tokenize"] = "Take 1 and 2\né 😀",
        ["tokenize --decode"] = "[1,2,3]\n[]",
    };

    private static readonly Dictionary<string, string[]> s_model = new()
    {
        ["grade"] = ["--json", "--explain"],
        ["tokenize"] = ["--model", TinyModel.Folder],
        ["tokenize --decode"] = ["--json", "--model", TinyModel.Folder],
    };

    public static TheoryData<string> All => [.. UserFiles.Read.Keys, .. UserFiles.Written.Keys];

    public static TheoryData<string> Read => [.. UserFiles.Read.Keys];

    [Theory]
    [MemberData(nameof(All))]
    public void A_pipe_a_device_or_a_folder_in_its_place_is_refused_in_one_line(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "mkfifo is a program of Linux");
        using var files = new UserFiles();
        string place = files.Place(name);
        File.Delete(place);
        using (var make = Process.Start("mkfifo", place)) make.WaitForExit();
        CheckRefused(files, name, "pipe or device");

        File.Delete(place);
        File.CreateSymbolicLink(place, "/dev/zero");
        CheckRefused(files, name, "pipe or device");
        Assert.Equal("/dev/zero", File.ResolveLinkTarget(place, returnFinalTarget: true)?.FullName);

        File.Delete(place);
        Directory.CreateDirectory(place);
        Cli run = Run(files, name);
        bool mayBeMissing = name.StartsWith("model/", StringComparison.Ordinal) || name is "run/samples.jsonl" or "run/eval-base-target.json";
        if (run.ExitCode != 0 || !mayBeMissing) run.BadInput();
    }

    [Theory]
    [MemberData(nameof(Read))]
    public void A_file_larger_than_its_kind_is_refused_before_it_is_read(string name)
    {
        using var files = new UserFiles();
        using (FileStream file = File.Create(files.Place(name))) file.SetLength(1L << 40); // takes no room on the disk
        Assert.Contains(Path.GetFileName(name), Run(files, name).BadInput());
    }

    [Fact]
    public void The_commands_succeed_with_files_that_are_not_damaged()
    {
        using var files = new UserFiles();
        foreach (string name in UserFiles.Made)
        {
            Cli run = files.Run(name);
            Assert.True(run.ExitCode == 0, $"{name}: {run.Error}");
        }
    }

    // A few of each in an ordinary run; Many_damaged_files_… in one with REASONING_SLOW=1.
    private const int Few = 6, Many = 1_000;

    public static TheoryData<string> Damaged => [.. UserFiles.Made, "grade", "tokenize", "tokenize --decode"];

    [Theory]
    [MemberData(nameof(Damaged))]
    public void Damaged_files_are_read_or_refused_in_one_line_by_commands(string name) => Damage(name, Few);

    [SlowTheory]
    [MemberData(nameof(Damaged))]
    public void Many_damaged_files_are_read_or_refused_in_one_line_by_commands(string name) => Damage(name, Many);

    private void Damage(string name, int count)
    {
        const long Most = 512L << 20;
        using var files = new UserFiles();
        bool isInput = !UserFiles.Read.ContainsKey(name);
        string place = isInput ? "" : files.Place(name);
        byte[] valid = isInput ? Encoding.UTF8.GetBytes(s_inputs[name]) : File.ReadAllBytes(place);
        ulong seed = 700 + (ulong)Array.IndexOf([.. Damaged.Select(row => (string)row.Data)], name);
        HostileInputs.Check([valid], count, seed, Most, output, bytes =>
        {
            if (!isInput) File.WriteAllBytes(place, bytes);
            Cli run = isInput ? Cli.Feed(Encoding.UTF8.GetString(bytes), [.. name.Split(' '), .. s_model[name]]) : files.Run(name);
            Assert.True(run.ExitCode is 0 or 2, $"exit code {run.ExitCode}: {run.Error}");
            if (run.ExitCode == 0) return;
            // grade goes on after a line that is none, so each of them has a line of error.
            throw new UserErrorException(name == "grade" && run.ExitCode == 2 ? string.Join('\n', run.Errors) : run.BadInput());
        }, seconds: 2, refused: 0);
    }

    [Fact]
    public void A_null_among_the_settings_of_a_run_is_named()
    {
        using var files = new UserFiles();
        string place = files.Place("run/run.json");
        JsonNode record = JsonNode.Parse(File.ReadAllText(place))!;
        record["settings"]!["steps"] = null;
        File.WriteAllText(place, record.ToJsonString());
        Assert.Contains("setting 'steps' is null", files.Run("run/run.json").BadInput());
    }

    [Theory]
    [InlineData("""{"step":2,"prompts":null,"skipped":null}""", 0)]
    [InlineData("""{"step":2,"prompts":[null],"skipped":{"a":null}}""", 0)]
    [InlineData("""{"step":null,"prompts":[]}""", 0)]
    [InlineData("""{"step":2,"prompts":{}}""", 2)]
    [InlineData("""{"step":2,"prompts":[1]}""", 2)]
    [InlineData("[]", 2)]
    [InlineData("null", 2)]
    public void Any_line_of_metrics_is_a_row_or_one_line(string line, int code)
    {
        using var files = new UserFiles();
        File.AppendAllText(files.Place("run/metrics.jsonl"), line + "\n");
        Cli run = files.Run("run/metrics.jsonl");
        Assert.True(run.ExitCode == code, run.Error);
        if (code == 2) Assert.Contains("metrics.jsonl", run.BadInput());
    }

    private static void CheckRefused(UserFiles files, string name, string expected)
    {
        string error = Run(files, name).BadInput();
        Assert.Contains(Path.GetFileName(name), error);
        Assert.Contains(expected, error);
    }

    private static Cli Run(UserFiles files, string name)
    {
        Task<Cli> task = Task.Factory.StartNew(() => files.Run(name), TaskCreationOptions.LongRunning);
        Assert.True(task.Wait(s_limit), $"{name}: hangs");
        return task.Result;
    }
}
