using System.CommandLine;
using Reasoning.Trainer.Cli;
using Reasoning.Trainer.Commands;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Tests.Commands;

/// <summary>Every option of every command, and every setting, with values that nobody should give.</summary>
public sealed class OptionValueTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3), s_hang = TimeSpan.FromSeconds(30);

    private static readonly string[] s_values =
    [
        "", " ", "-1", "0", "0.5", "1e300", "-1e300", "1e-300", "NaN", "Infinity", "2147483647", "9223372036854775807", "18446744073709551616",
        "a\0b", "\n", "é😀", "=", ",", "[", "{}", "/", "/dev/null", "/proc/self/mem", new string('x', 100_000), new string('9', 100_000),
    ];

    // What makes each command do its work where one more option is given.
    private static readonly Dictionary<string, string[]> s_work = new()
    {
        ["train"] = ["--model", "MODEL", "--prompts", "PROMPTS", "--out", "RUN", "--recipe", "tent", "--steps", "1", .. Cli.Small],
        ["compare"] = ["--recipes", "tent", "--seeds", "1", "--model", "MODEL", "--prompts", "PROMPTS", "--out", "RUN", "--set", "steps=1", .. Cli.Small],
        ["eval"] = ["--model", "MODEL", "--prompts", "PROMPTS", "--samples", "2", "--max-new-tokens", "8"],
        ["sample"] = ["--model", "MODEL", "--prompt", "Take 1", "--max-new-tokens", "8"],
        ["score"] = ["--model", "MODEL", "--text", "Take 1"],
        ["tokenize"] = ["--model", "MODEL"],
        ["chat"] = ["--model", "MODEL", "--messages", "MESSAGES"],
        ["grade"] = [],
        ["export"] = ["--model", "MODEL", "--out", "OUT.gguf"],
        ["inspect"] = ["MODEL"],
        ["report"] = ["MODEL"],
        ["pretrain"] = ["--out", "RUN", "--steps", "1", "--problems-per-step", "1"],
        ["recipes"] = [],
        ["config show"] = [],
        ["config diff"] = ["ttrl", "tent"],
        ["doctor"] = [],
        ["verify-resume"] = ["--model", "MODEL", "--prompts", "PROMPTS", "--steps", "1", .. Cli.Small],
    };

    [Theory]
    [InlineData("temperature=1e-300", "allowed: 0.001 to 100")]
    [InlineData("loss-temperature=1e-30", "allowed: 0.001 to 100")]
    [InlineData("eval-temperature=0", "allowed: 0.001 to 100")]
    [InlineData("cold-temperature=0.001", "allowed: 0.01 to 100")]
    [InlineData("guard=1", "allowed: true | false")]
    [InlineData("predictor-steps=2147483647", "allowed: 1 to 1000")]
    public void A_value_that_means_nothing_is_out_of_range(string setting, string expected) =>
        Assert.Contains(expected, Cli.Run("config", "show", "--set", setting).BadInput());

    [Fact]
    public void Factors_of_the_temperature_leave_a_temperature() => Assert.Contains(
        "at least 0.001 is needed", Cli.Run("config", "show", "--recipe", "aepo", "--set", "temperature=0.01", "--set", "cold-temperature=0.01").BadInput());

    [Fact]
    public void A_share_below_the_resolution_of_one_is_a_share()
    {
        using var folder = new TempFolder();
        Cli run = Cli.Train(folder, "cotta", "run", "--steps", "1", "--set", "eval-samples=0", "--set", "restore-share=1e-300");
        Assert.True(run.ExitCode == 0, run.Error);
    }

    [Fact]
    public void A_name_of_nothing_is_refused_before_any_work()
    {
        var failures = new List<string>();
        int tried = 0;
        foreach ((string name, Command command) in Leaves(Root(), ""))
        {
            foreach (Option option in command.Options.Where(option => option.HelpName is "DIR" or "FILE" or "DIR|FILE" or "FILE.gguf" or "FOLDER" or "RUN"))
            {
                foreach (string value in (string[])["", " ", "a\0b"])
                {
                    Cli run = Cli.Run([.. name.Split(' '), option.Name, value, .. Required(command, option)]);
                    if (run.ExitCode != 2 || !run.Error.Contains("names no file or folder")) failures.Add($"{name} {option.Name} '{value}': {run.Error}");
                    tried++;
                }
            }
        }

        Assert.Contains("names no file or folder", Cli.Run("inspect", "").BadInput());
        Assert.True(tried > 60 && failures.Count == 0, $"{tried}: {string.Join('\n', failures)}");

        static IEnumerable<string> Required(Command command, Option tested) => command.Options
            .Where(option => option.Required && option != tested).SelectMany(option => (string[])[option.Name, "x"])
            .Concat(command.Arguments.Select(_ => "x"));
    }

    [SlowFact]
    public void Every_option()
    {
        var failures = new List<string>();
        foreach ((string name, Command command) in Leaves(Root(), ""))
        {
            foreach (Option option in command.Options.Where(option => option.Action is null))
            {
                foreach (string value in s_values) Try(name, option.Name, value, failures);
            }

            foreach (string value in command.Arguments.Count > 0 ? s_values : []) Try(name, null, value, failures);
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    [SlowFact]
    public void Every_setting()
    {
        var failures = new List<string>();
        foreach (Setting setting in Setting.All)
        {
            foreach (string value in s_values.Append(setting.Name.Contains("steps", StringComparison.Ordinal) ? "1" : "1e9"))
            {
                string recipe = RecipeFile.Shipped.FirstOrDefault(name => setting.Concerns(EffectiveRecipe.Build(RecipeFile.Load(name), []).Recipe)) ?? "tent";
                Try("train", "--set", $"{setting.Name}={value}", failures, "--recipe", recipe);
            }
        }

        Assert.True(failures.Count == 0, string.Join('\n', failures));
    }

    private void Try(string command, string? option, string value, List<string> failures, params string[] more)
    {
        using var folder = new TempFolder();
        var args = new List<string>(command.Split(' '));
        string[] work = s_work[command];
        for (int i = 0; i < work.Length; i++)
        {
            bool isTested = work[i] == option && option != "--set", isReplaced = more.Contains(work[i]) && work[i] != "--set";
            if (isTested || isReplaced) i++;
            else if (option is not null || work[i] != "MODEL") args.Add(work[i]);
        }

        args.AddRange(more);
        if (option is not null) args.Add(option);
        args.Add(value);
        Fill(args, folder);
        using var cancel = new CancellationTokenSource(s_patience);
        string before = Directory.GetCurrentDirectory();
        using var text = new StringWriter();
        using var error = new StringWriter();
        int code = -1;
        var thread = new Thread(() => code = CommandLine.Run(
            args, new Terminal(text, error, new StringReader("{\"gold\":\"1\",\"answer\":\"1\"}"), false, 100), cancel.Token))
        { IsBackground = true };
        Directory.SetCurrentDirectory(Directory.CreateDirectory(folder.File("here")).FullName);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        thread.Start();
        bool ended = thread.Join(s_hang);
        Directory.SetCurrentDirectory(before);
        string shown = $"{command} {option} '{(value.Length > 60 ? value[..60] + "…" : value)}'";
        string messages = error.ToString();
        // 1 is the end of what ran: interrupted here, or not finite any more.
        bool isFine = ended && (code is 0 or 2 or 3 || (code == 1 && (cancel.IsCancellationRequested || messages.Contains("error: failed while running"))))
            && !messages.Contains("\n   at ");
        if (clock.Elapsed.TotalSeconds > 2) output.WriteLine($"{clock.Elapsed.TotalSeconds:F1} s: {shown}");
        if (isFine) return;
        failures.Add($"{shown}: {(ended ? $"exit code {code}" : "hangs")}: {messages[..Math.Min(1500, messages.Length)]}");
        output.WriteLine(failures[^1]);
    }

    private static void Fill(List<string> args, TempFolder folder)
    {
        for (int i = 0; i < args.Count; i++)
        {
            args[i] = args[i] switch
            {
                "MODEL" => TinyModel.Folder,
                "PROMPTS" => TinyModel.Prompts(folder),
                "RUN" => folder.File("run"),
                "OUT.gguf" => folder.File("out.gguf"),
                "MESSAGES" => folder.Write("messages.json", """[{"role":"user","content":"Hi"}]"""),
                string other => other,
            };
        }
    }

    private static RootCommand Root() => CommandLine.Commands(new Terminal(TextWriter.Null, TextWriter.Null, TextReader.Null, false, 100), default);

    private static IEnumerable<(string Name, Command Command)> Leaves(Command command, string path) => command.Subcommands.Count == 0
        ? [(path, command)]
        : command.Subcommands.SelectMany(sub => Leaves(sub, $"{path} {sub.Name}".Trim()));
}
