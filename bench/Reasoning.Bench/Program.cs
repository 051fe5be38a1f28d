using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Reasoning.Bench;
using Reasoning.Bench.Benches;
using Reasoning.Bench.Harness;
using Reasoning.Models.Devices;
using TorchSharp;

var benches = new Dictionary<string, (string Title, Action<Report, BenchOptions> Run)>
{
    ["product"] = (ProductBench.Title, ProductBench.Run),
    ["kernels"] = (KernelsBench.Title, KernelsBench.Run),
    ["train"] = (TrainBench.Title, TrainBench.Run),
    ["sample"] = (SampleBench.Title, SampleBench.Run),
    ["head"] = (HeadBench.Title, HeadBench.Run),
    ["zerosiam"] = (ZeroSiamBench.Title, ZeroSiamBench.Run),
    ["loop"] = (LoopBench.Title, LoopBench.Run),
    ["large"] = (LargeBench.Title, LargeBench.Run),
    ["bfloat16"] = (Bfloat16Bench.Title, Bfloat16Bench.Run),
    ["tokenize"] = (TokenizeBench.Title, TokenizeBench.Run),
    ["grade"] = (GradeBench.Title, GradeBench.Run),
    ["guard"] = (GuardBench.Title, GuardBench.Run),
    ["guard-probe"] = (GuardProbeBench.Title, GuardProbeBench.Run),
    ["collapse-stream"] = (CollapseBench.StreamTitle, CollapseBench.Stream),
    ["collapse-ordered"] = (CollapseBench.OrderedTitle, CollapseBench.Ordered),
    ["collapse-shortcut"] = (CollapseBench.ShortcutTitle, CollapseBench.Shortcut),
    ["startup"] = (StartupBench.Title, StartupBench.Run),
};

var name = new Argument<string>("name") { Description = $"What to measure: {string.Join(", ", benches.Keys)}, all." };
name.AcceptOnlyFromAmong([.. benches.Keys, "all"]);
var rounds = new Option<int>("--rounds")
{
    HelpName = "N",
    Description = "Rounds of all sides in turn; the median counts.",
    DefaultValueFactory = _ => 7,
};
var threads = new Option<int>("--threads")
{
    HelpName = "N",
    Description = "Threads of every side.",
    DefaultValueFactory = _ => Environment.ProcessorCount,
};
var record = new Option<bool>("--record") { Description = "Replace the section of each benchmark in bench/RESULTS.md." };
var only = new Option<string>("--only")
{
    HelpName = "TEXT",
    Description = "Measure only the rows whose names contain this.",
    DefaultValueFactory = _ => "",
};
var alone = new Option<bool>("--alone") { Description = "Leave the peers out." };
var json = new Option<string?>("--json") { HelpName = "FILE", Description = "Append each row as a line of JSON; 'all' prints them at its end." };
var command = new RootCommand("Times what this project does beside what people would otherwise use, in turn, in one process.")
{
    name, rounds, threads, only, alone, record, json,
};
command.SetAction(parsed =>
{
    string chosen = parsed.GetValue(name)!;
    var options = new BenchOptions(parsed.GetValue(rounds), parsed.GetValue(threads), parsed.GetValue(only)!, parsed.GetValue(alone));
    if (parsed.GetValue(record) && (options.Only.Length > 0 || options.Alone))
    {
        Console.Error.WriteLine("error: --record replaces whole sections: leave --only and --alone away");
        return 2;
    }

    return chosen == "all" ? All(options, parsed.GetValue(record)) : One(chosen, options, parsed.GetValue(record), parsed.GetValue(json));
});
return command.Parse(args).Invoke();

// Each in a process of its own: machine code, memory and threads of one benchmark are nothing to the next. The runs of guard and
// collapse take hours, guard-probe reads what compare left, and they time nothing: they are made by name.
int All(BenchOptions options, bool keep)
{
    int worst = 0;
    string lines = Path.GetTempFileName();
    foreach (string each in benches.Keys.Where(each => !each.StartsWith("guard", StringComparison.Ordinal) && !each.StartsWith("collapse", StringComparison.Ordinal)))
    {
        string[] arguments =
        [
            each, "--rounds", options.Rounds.ToString(CultureInfo.InvariantCulture), "--threads",
            options.Threads.ToString(CultureInfo.InvariantCulture), "--only", options.Only, .. options.Alone ? (string[])["--alone"] : [],
            .. keep ? (string[])["--record"] : [], "--json", lines,
        ];
        using Process process = Process.Start(Environment.ProcessPath!, arguments);
        process.WaitForExit();
        worst = Math.Max(worst, process.ExitCode);
    }

    Console.Write(File.ReadAllText(lines));
    File.Delete(lines);
    return worst;
}

int One(string chosen, BenchOptions options, bool keep, string? lines)
{
    torch.set_num_threads(options.Threads);
    Workers.Count = options.Threads;
    (string title, Action<Report, BenchOptions> run) = benches[chosen];
    var report = new Report(chosen, title, Console.Out);
    string stamp = Stamp.Of(options.Threads);
    Console.WriteLine(stamp);
    run(report, options);
    if (keep) ResultsFile.Write(Path.Combine(BenchModels.Root, "bench", "RESULTS.md"), chosen, report.Markdown(stamp));
    if (lines is not null) File.AppendAllLines(lines, report.JsonLines());
    return 0;
}
