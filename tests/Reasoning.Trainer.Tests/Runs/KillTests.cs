using System.Diagnostics;
using System.Globalization;

namespace Reasoning.Trainer.Tests.Runs;

/// <summary>Real processes that are killed, asked to end, and started side by side.</summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Steps = 8;

    /// <summary>With state of their own: an archive of embeddings, Fisher weights, a teacher, a history of entropies.</summary>
    private static readonly string[] s_recipes = ["evol-rl", "eata", "cotta", "epo"];

    private static readonly string[] s_signals = ["KILL", "KILL", "TERM", "KILL", "INT", "KILL", "HUP", "KILL", "QUIT"];

    [Fact]
    public void A_run_killed_at_a_random_moment_ends_as_an_unbroken_one() => Kill(2);

    /// <summary>The count is REASONING_KILLS; 100 by default.</summary>
    [SlowFact]
    public void A_hundred_runs_killed_at_random_moments_end_as_unbroken_ones() =>
        Kill(int.Parse(Environment.GetEnvironmentVariable("REASONING_KILLS") ?? "100", CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("QUIT", 3)]
    [InlineData("HUP", 1)]
    public void The_first_signal_saves_and_the_second_ends_at_once_with_128_and_its_number(string signal, int number) => AskTwice(signal, number);

    [SlowTheory]
    [InlineData("INT", 2)]
    [InlineData("TERM", 15)]
    [InlineData("USR1", 10)]
    public void The_signals_that_everybody_sends_do_the_same(string signal, int number) => AskTwice(signal, number);

    [Fact]
    public void A_run_whose_terminal_is_closed_saves()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "the program script is not installed");
        using var folder = new TempFolder(inMemory: true);
        string run = folder.File("run"), args = string.Join(' ', OwnProcess.Training(folder, "tent", 5000));
        using (OwnProcess terminal = OwnProcess.Start("/usr/bin/script", "-qfc", $"{OwnProcess.File} {args} --set checkpoint-every=0 --out {run}", "/dev/null"))
        {
            string metrics = Path.Combine(run, "metrics.jsonl");
            Until(() => File.Exists(metrics) && File.ReadLines(metrics).Count() >= 2);
            terminal.Signal("KILL");
            terminal.Wait();
        }

        Until(() => !File.Exists(Path.Combine(run, ".owner")));
        Trainer.Runs.RunFolder files = Trainer.Runs.RunFolder.Open(run);
        Assert.EndsWith($"step-{File.ReadLines(files.MetricsFile).Count():D6}", Assert.Single(files.CompleteCheckpoints()));
    }

    /// <summary>Two in one process are in <see cref="RunFolderTests"/>.</summary>
    [SlowFact]
    public void Six_processes_on_one_folder_have_one_owner_and_log_no_line_twice()
    {
        using var folder = new TempFolder(inMemory: true);
        string[] train = OwnProcess.Training(folder, "evol-rl", Steps);
        string whole = folder.File("whole"), run = folder.File("run"), prompts = folder.File("prompts.jsonl");
        Assert.Equal(0, OwnProcess.Run([.. train, "--out", whole]).Wait());
        string[] resume = ["train", "--resume", "--threads", "1", "--out", run];
        string[] eval = ["eval", "--model", TinyModel.Folder, "--prompts", prompts, "--samples", "2", "--max-new-tokens", "16", "--out", Path.Combine(run, "mine.json")];

        // Four that would write and two that look: first at its beginning, then when it is to go on.
        using (OwnProcess first = OwnProcess.Start([.. train, "--out", run]))
        {
            first.WaitFor("step 1/8");
            Together([.. train, "--out", run], resume, resume, eval, ["inspect", run]);
            first.Wait();
            Assert.True(first.HasEnded);
        }

        File.Delete(Path.Combine(run, "mine.json"));
        OwnProcess.AssertSame(whole, run, Steps, "the first of six");

        string[] more = [.. resume, "--steps", $"{2 * Steps}"];
        List<(int Code, string Error)> all = Together(more, more, more, [.. train, "--out", run], eval, ["inspect", run]);
        Assert.Contains(all, end => end.Code == 0 && end.Error.Contains($"step {2 * Steps}/", StringComparison.Ordinal));
        File.Delete(Path.Combine(run, "mine.json"));
        Assert.Equal(0, OwnProcess.Run("train", "--resume", "--threads", "1", "--out", whole, "--steps", $"{2 * Steps}").Wait());
        OwnProcess.AssertSame(whole, run, 2 * Steps, "six at once");
    }

    /// <summary>Starts processes at the same time and waits for all: each is done, or ends with 2 and says who was first.</summary>
    private static List<(int Code, string Error)> Together(params string[][] commands)
    {
        var ends = new List<(int, string)>();
        foreach (OwnProcess started in commands.Select(args => OwnProcess.Start(args)).ToArray())
        {
            using OwnProcess process = started;
            int code = process.Wait();
            string[] errors = [.. process.Error.Split('\n').Where(line => line.StartsWith("error:", StringComparison.Ordinal))];
            bool isTold = code == 2 && errors.Length == 1
                && (errors[0].Contains("is writing to this run", StringComparison.Ordinal) || errors[0].Contains("holds a run already", StringComparison.Ordinal));
            Assert.True((code == 0 && errors.Length == 0) || isTold, $"{code}: {process.Error}");
            ends.Add((code, process.Error));
        }

        return ends;
    }

    /// <summary>Kills so many runs, each third a second time while it resumes, and compares each with an unbroken one.</summary>
    private void Kill(int count)
    {
        using var folder = new TempFolder(inMemory: true);
        var unbroken = new Dictionary<string, (string Folder, TimeSpan Time)>();
        string[] Train(string recipe) => OwnProcess.Training(folder, recipe, Steps);
        string[] recipes = [.. s_recipes.Take(count)];
        foreach (string recipe in recipes)
        {
            string whole = folder.File($"{recipe}-whole");
            long start = Stopwatch.GetTimestamp();
            using OwnProcess process = OwnProcess.Run([.. Train(recipe), "--out", whole]);
            Assert.True(process.Wait() == 0, process.Error);
            unbroken[recipe] = (whole, Stopwatch.GetElapsedTime(start));
        }

        var kills = new Dictionary<string, int>();
        int whileResuming = 0, late = 0;
        for (int number = 0; kills.Values.Sum() - whileResuming < count; number++)
        {
            string recipe = recipes[number % recipes.Length], run = folder.File("run");
            var random = new Random(number);
            if (!KillOne([.. Train(recipe), "--out", run], s_signals[number % s_signals.Length], 0.2))
            {
                late++;
                if (Directory.Exists(run)) Directory.Delete(run, recursive: true);
                continue;
            }

            if (number % 3 == 0 && KillOne(["train", "--resume", "--threads", "1", "--out", run], "KILL", 0)) whileResuming++;
            bool isBegun = File.Exists(Path.Combine(run, "run.json"));
            using OwnProcess last = OwnProcess.Run(isBegun ? ["train", "--resume", "--threads", "1", "--out", run] : [.. Train(recipe), "--out", run]);
            Assert.True(last.Wait() == 0, $"kill {number}, {recipe}: {last.Error}");
            OwnProcess.AssertSame(unbroken[recipe].Folder, run, Steps, $"kill {number}, {recipe}");
            Directory.Delete(run, recursive: true);
            output.WriteLine($"{kills.Values.Sum() - whileResuming} of {count}: {recipe}");

            // A moment between a part of the usual time and its end; whether the program was still there.
            bool KillOne(string[] args, string signal, double from)
            {
                using OwnProcess process = OwnProcess.Start(args);
                TimeSpan moment = unbroken[recipe].Time * (from + ((1 - from) * random.NextDouble()));
                long start = Stopwatch.GetTimestamp();
                while (Stopwatch.GetElapsedTime(start) < moment && !process.HasEnded) Thread.Sleep(2);
                if (process.HasEnded)
                {
                    unbroken[recipe] = (unbroken[recipe].Folder, Stopwatch.GetElapsedTime(start)); // the machine has become faster
                    return false;
                }

                process.Signal(signal);
                if (process.Wait() == 0) return false;
                kills[signal] = kills.GetValueOrDefault(signal) + 1;
                return true;
            }
        }

        output.WriteLine($"{count} runs of {string.Join(", ", recipes)} killed, {whileResuming} of them twice: all byte-equal, no leftovers; "
            + $"{string.Join(", ", kills.Select(pair => $"{pair.Value} {pair.Key}"))}; {late} had ended before");
    }

    private static void AskTwice(string signal, int number)
    {
        using var folder = new TempFolder(inMemory: true);
        string[] args = [.. OwnProcess.Training(folder, "tent", 5000), "--set", "checkpoint-every=0", "--set", "samples-per-prompt=64", "--out"];
        using (OwnProcess asked = OwnProcess.Start([.. args, folder.File("asked")]))
        {
            asked.WaitFor(" 2/5000");
            asked.Signal(signal);
            Assert.Equal(1, asked.Wait());
            Assert.Contains("interrupted after step", asked.Error);
        }

        Trainer.Runs.RunFolder run = Trainer.Runs.RunFolder.Open(folder.File("asked"));
        Assert.EndsWith($"step-{File.ReadLines(run.MetricsFile).Count():D6}", Assert.Single(run.CompleteCheckpoints()));

        // The second signal may come when the first has ended the program already.
        for (int attempt = 1; ; attempt++)
        {
            using OwnProcess ended = OwnProcess.Start([.. args, folder.File($"ended-{attempt}")]);
            ended.WaitFor(" 1/5000");
            OtherProgram.Start("bash", ["-c", $"kill -TERM {ended.Id}; sleep 0.01; kill -{signal} {ended.Id}"], "", seconds: 20);
            int code = ended.Wait();
            if (code == 1 && attempt < 10) continue;
            Assert.Equal(128 + number, code);
            break;
        }
    }

    private static void Until(Func<bool> condition)
    {
        for (long start = Stopwatch.GetTimestamp(); !condition(); Thread.Sleep(20))
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(120));
    }
}
