using System.Text;
using System.Text.RegularExpressions;
using Reasoning.Trainer.Cli;

namespace Reasoning.Trainer.Tests.Docs;

/// <summary>Runs the commands of docs/GUIDE.md from top to bottom.</summary>
public sealed partial class GuideTests(ITestOutputHelper output)
{
    private const int Tasks = 11, MostLines = 15;

    /// <summary>What is put in place of what the page says, so that all of it takes seconds.</summary>
    private static readonly (string Written, string Small)[] s_smaller =
    [
        (" checkpoints/starter", " MODEL"),
        (" data/shifted-heldout.jsonl", " problems.jsonl"),
        (" --problems 32 --samples 8", " --problems 2 --samples 2 --max-new-tokens 8"),
        (" --samples 4", " --samples 2 --max-new-tokens 8"),
        (" --samples 2 --json", " --samples 2 --max-new-tokens 8 --json"),
    ];

    /// <summary>What new runs get beside what the page says.</summary>
    private static readonly string[] s_smallRun =
        ["--model", "MODEL", "--set", "samples-per-prompt=4", "--set", "max-new-tokens=8", "--set", "eval-samples=2", "--set", "updates-per-rollout=1"];

    [Fact]
    public void Each_task_is_short()
    {
        string[][] sections = [.. Regex.Split(File.ReadAllText(Page), @"^## ", RegexOptions.Multiline).Skip(1).Select(section => section.Split('\n'))];
        Assert.Equal(Tasks, sections.Length);
        Assert.All(sections, lines => Assert.InRange(lines.Skip(1).Count(line => line.Length > 0 && !line.StartsWith("```", StringComparison.Ordinal)), 1, MostLines));
    }

    /// <summary>In this process, on a tiny model.</summary>
    [Fact]
    public void Every_command_of_the_guide_works()
    {
        using var folder = new TempFolder();
        string[] lines = Commands();
        int run = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            if (HereDocument().Match(lines[i]) is { Success: true } file)
            {
                string[] content = [.. lines.Skip(i + 1).TakeWhile(line => line != "END")];
                folder.Write(file.Groups[1].Value, string.Join('\n', content) + "\n");
                i += content.Length + 1;
                continue;
            }

            Match command = Command().Match(lines[i]);
            Assert.True(command.Success, $"not a command that this test can run: {lines[i]}");
            List<string> args = Arguments(Smaller(command.Groups["args"].Value));
            bool isNewRun = args[0] is "train" or "compare" && !args.Contains("--resume") && !args.Contains("--help") && command.Groups["code"].Value.Length == 0;
            if (isNewRun) args.AddRange(args.Contains("--model") ? s_smallRun.Skip(2) : s_smallRun);
            if (args[0] == "eval" && !args.Contains("--model")) args.AddRange(["--model", "MODEL"]);
            Cli cli = Cli.Feed(command.Groups["input"].Value, [.. args.Select(Placed)]);
            int expected = command.Groups["code"].Value.Length == 0 ? 0 : int.Parse(command.Groups["code"].Value);
            Assert.True(cli.ExitCode == expected, $"{lines[i]}\nended with {cli.ExitCode}:\n{cli.Error}");
            Assert.Equal(expected == 2 ? 1 : 0, cli.Errors.Length);
            run++;
        }

        Assert.InRange(run, 20, 40);

        // The page's files and runs go to the folder of this test.
        string Placed(string argument) => argument == "MODEL" ? TinyModel.Folder : IsPlace().IsMatch(argument) ? folder.File(argument) : argument;
    }

    /// <summary>As it stands on the page: in bash, with the program itself, on the starter model.</summary>
    [SlowFact]
    public void Every_command_of_the_guide_works_as_it_is_written()
    {
        using var folder = new TempFolder();
        foreach (string name in (string[])["checkpoints", "data"]) Directory.CreateSymbolicLink(folder.File(name), Repository.Path(name));
        var script = new StringBuilder($"set -e\ncd '{folder.Path}'\nreasoning() {{ dotnet '{typeof(Terminal).Assembly.Location}' \"$@\"; }}\n");
        foreach (string line in Commands())
        {
            Match code = ExitsWith().Match(line);
            script.Append(code.Success ? $"(set +e; {line}\ntest $? -eq {code.Groups[1].Value})\n" : line + "\n");
        }

        (int end, string text, string error) = OtherProgram.Start("bash", ["-s"], script.ToString(), 1800);
        output.WriteLine(text);
        Assert.True(end == 0, error);
    }

    private static string Page => Repository.Path("docs/GUIDE.md");

    /// <summary>The lines of all blocks that are marked as shell.</summary>
    private static string[] Commands() => [.. ShellBlock().Matches(File.ReadAllText(Page)).SelectMany(block => block.Groups[1].Value.TrimEnd('\n').Split('\n'))];

    private static string Smaller(string text)
    {
        foreach ((string written, string small) in s_smaller)
        {
            if (text.Contains(written, StringComparison.Ordinal)) text = text.Replace(written, small, StringComparison.Ordinal);
        }

        return text;
    }

    private static List<string> Arguments(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)];

    [GeneratedRegex("^```sh\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ShellBlock();

    [GeneratedRegex("^cat > (\\S+) <<'END'$")]
    private static partial Regex HereDocument();

    // echo 'INPUT' | reasoning ARGS # exits with CODE
    [GeneratedRegex("^(?:echo '(?<input>[^']*)' \\| )?reasoning (?<args>[^'\"#|]*?)\\s*(?:# exits with (?<code>\\d))?$")]
    private static partial Regex Command();

    [GeneratedRegex("# exits with (\\d)")]
    private static partial Regex ExitsWith();

    [GeneratedRegex("^runs/|^(mine|problems|no-such-file)[^ ]*\\.")]
    private static partial Regex IsPlace();
}
