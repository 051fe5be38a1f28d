using System.Diagnostics;
using System.Globalization;
using Reasoning.Trainer.Measures;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Tests.Runs;

namespace Reasoning.Trainer.Tests.Distributed;

/// <summary>Processes that Open MPI's mpirun has started.</summary>
public sealed class MpiTests(ITestOutputHelper output)
{
    private const int Steps = 20;

    [Fact]
    public void Three_processes_have_the_losses_of_one_and_one_of_them_speaks()
    {
        using var folder = new TempFolder(inMemory: true);
        double[] alone = Losses(folder, "zerosiam", 1, 4);
        string error = "";
        double[] together = Losses(folder, "zerosiam", 3, 4, process => error = process.Error);
        AssertSame(alone, together, "3 ranks");
        double[] live = [.. JsonLines.Numbers(RunFolder.Open(folder.File("zerosiam-3")).MetricsFile).Select(step => step[Metrics.LiveTensors.Name])];
        Assert.Equal(live[2], live[3]);
        Assert.Contains("ranks     3 processes by Open MPI", error);
        Assert.Single(error.Split('\n'), line => line.StartsWith("step 4/4", StringComparison.Ordinal));
    }

    [SlowTheory]
    [InlineData("ttrl")]
    [InlineData("zerosiam")]
    [InlineData("sar")]
    public void Over_twenty_steps_any_number_of_processes_has_the_losses_of_one(string recipe)
    {
        using var folder = new TempFolder(inMemory: true);
        double[] alone = Losses(folder, recipe, 1, Steps);
        foreach (int count in (int[])[2, 3, 4]) AssertSame(alone, Losses(folder, recipe, count, Steps), $"{count} ranks");
    }

    [Fact]
    public void A_killed_rank_ends_all_with_one_line_and_another_number_of_them_goes_on() => Kill(1);

    [SlowFact]
    public void Twenty_killed_ranks_end_all_with_one_line_each() => Kill(20);

    [Fact]
    public void Asked_to_end_all_save_once()
    {
        using var folder = new TempFolder(inMemory: true);
        string run = folder.File("run");
        using OwnProcess process = StartProgram(2, [OwnProcess.File, .. OwnProcess.Training(folder, "sar", 5000), "--set", "checkpoint-every=0", "--out", run]);
        process.WaitFor(" 3/5000");
        process.Signal("USR1");
        Assert.Equal(1, process.Wait(60));
        RunFolder files = RunFolder.Open(run);
        int last = File.ReadLines(files.MetricsFile).Count();
        Assert.EndsWith($"step-{last:D6}", Assert.Single(files.CompleteCheckpoints()));
        Assert.Single(process.Error.Split('\n'), line => line.StartsWith($"interrupted after step {last};", StringComparison.Ordinal));
        Assert.DoesNotContain("error:", process.Error);
        Assert.DoesNotContain("finishing", process.Error);
    }

    [Fact]
    public void What_is_wrong_for_all_is_said_once_and_what_is_wrong_for_one_by_that_one()
    {
        using var folder = new TempFolder(inMemory: true);
        string[] train = [.. OwnProcess.Training(folder, "tent", 4), "--out", folder.File("run")];
        string prompts = folder.File("prompts.jsonl"), none = folder.File("none.jsonl");
        using (OwnProcess process = Start(2, [.. train.Select(word => word == prompts ? none : word)]))
        {
            Assert.Equal(2, process.Wait(60));
            Assert.DoesNotContain("rank", Assert.Single(Ours(process)));
        }

        string script = folder.Write("one.sh", $"[ $OMPI_COMM_WORLD_RANK = 1 ] && name=none || name=prompts\neval exec {OwnProcess.File} $(echo \"$@\" | sed s,/prompts.jsonl,/$name.jsonl,)\n");
        using (OwnProcess process = StartProgram(2, ["sh", script, .. train]))
        {
            Assert.Equal(2, process.Wait(60));
            string line = Assert.Single(Ours(process));
            Assert.Contains("none.jsonl", line);
            Assert.EndsWith("(rank 1 of 2)", line);
        }
    }

    [Fact]
    public void Where_ranks_cannot_meet_one_line_says_why()
    {
        using var folder = new TempFolder(inMemory: true);
        string[] train = [.. OwnProcess.Training(folder, "tent", 4), "--out", folder.File("run")];
        foreach (string name in (string[])["libmpi.so.40", "libmpi.40.dylib", "libmpi.so"]) folder.Write(name, "no library");
        Refused("another MPI than Open MPI", ["PMI_SIZE=2", "PMI_RANK=0"], train);
        Refused("MPI does not load", ["OMPI_COMM_WORLD_SIZE=2", "OMPI_COMM_WORLD_RANK=0", $"LD_LIBRARY_PATH={folder.Path}"], train);
        Refused("for one process", ["OMPI_COMM_WORLD_SIZE=2", "OMPI_COMM_WORLD_RANK=0"], [.. train, "--dry-run"]);
        Refused("only train divides its work", ["OMPI_COMM_WORLD_SIZE=2", "OMPI_COMM_WORLD_RANK=0"], ["recipes"]);

        static void Refused(string why, string[] variables, string[] args)
        {
            using OwnProcess process = OwnProcess.Start("env", [.. variables, OwnProcess.File, .. args]);
            Assert.Equal(2, process.Wait(60));
            Assert.Contains(why, Assert.Single(process.Error.Split('\n'), line => line.StartsWith("error: ", StringComparison.Ordinal)));
        }
    }

    /// <summary>A library that is loaded would be in the maps of the process.</summary>
    [Fact]
    public void One_process_loads_no_MPI()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "reads /proc");
        using var folder = new TempFolder(inMemory: true);
        using OwnProcess process = Start(1, [.. OwnProcess.Training(folder, "tent", 5000), "--set", "checkpoint-every=0", "--out", folder.File("run")]);
        process.WaitFor(" 2/5000");
        string maps = File.ReadAllText($"/proc/{Assert.Single(Ranks(process)).Process}/maps");
        Assert.Contains("libtorch_cpu", maps);
        Assert.DoesNotContain("libmpi.", maps);
    }

    /// <summary>Kills a random rank of two to four at a random moment, so often; then another number of ranks goes on to the end.</summary>
    private void Kill(int times)
    {
        using var folder = new TempFolder(inMemory: true);
        double[] alone = Losses(folder, "zerosiam", 1, Steps);
        for (int number = 0; number < times; number++)
        {
            var random = new Random(number);
            int count = random.Next(2, times == 1 ? 3 : 5), victim = random.Next(count), other = 1 + (count % 3);
            string run = folder.File("run");
            string[] train = OwnProcess.Training(folder, "zerosiam", Steps);
            using (OwnProcess process = Start(count, [.. train, "--out", run]))
            {
                process.WaitFor($" {random.Next(1, Steps - 4)}/{Steps} ");
                Thread.Sleep(random.Next(50));
                (int rank, int id) = Ranks(process).Single(pair => pair.Rank == victim);
                var clock = Stopwatch.StartNew();
                Process.GetProcessById(id).Kill();
                int code = process.Wait(60);
                double seconds = clock.Elapsed.TotalSeconds;
                output.WriteLine($"{number}: rank {rank} of {count}, {seconds:F1} s, exit code {code}");
                Assert.True(seconds < 10, $"{seconds} s");
                Assert.NotEqual(0, code);
                Assert.StartsWith($"error: rank {rank} (process {id} on ", Assert.Single(Ours(process)));
                Assert.DoesNotContain("interrupted", process.Error);
            }

            using OwnProcess rest = Start(other, ["train", "--resume", "--threads", "1", "--out", run]);
            Assert.True(rest.Wait() == 0, rest.Error);
            AssertSame(alone, Losses(RunFolder.Open(run)), $"kill {number}, {count} and then {other} ranks");
            Directory.Delete(run, recursive: true);
        }
    }

    private static OwnProcess Start(int count, string[] args) => StartProgram(count, [OwnProcess.File, .. args]);

    private static OwnProcess StartProgram(int count, string[] program)
    {
        Assert.SkipUnless(
            OtherProgram.Start("mpirun", ["--version"], "", 20).Output.Contains("Open MPI", StringComparison.Ordinal), "Open MPI is not installed (Debian: apt-get install openmpi-bin)");
        return OwnProcess.Start(
            "mpirun",
            ["--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-np", count.ToString(CultureInfo.InvariantCulture), .. program]);
    }

    /// <summary>The ranks among the children of mpirun, or of the env that has become it.</summary>
    private static (int Rank, int Process)[] Ranks(OwnProcess mpirun) =>
    [
        .. from folder in Directory.GetDirectories("/proc")
           where int.TryParse(Path.GetFileName(folder), out _)
           let environment = Read(Path.Combine(folder, "environ")).Split('\0')
           where Read(Path.Combine(folder, "stat")).Split(") ").Last().Split(' ') is [_, { } parent, ..] && parent == $"{mpirun.Id}"
           let rank = Array.Find(environment, entry => entry.StartsWith("OMPI_COMM_WORLD_RANK=", StringComparison.Ordinal))
           where rank is not null
           select (int.Parse(rank.Split('=')[1], CultureInfo.InvariantCulture), int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture)),
    ];

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // gone
        }
    }

    /// <summary>What our processes say is wrong; mpirun says more.</summary>
    private static string[] Ours(OwnProcess process) => [.. process.Error.Split('\n').Where(line => line.StartsWith("error: ", StringComparison.Ordinal))];

    private static double[] Losses(TempFolder folder, string recipe, int count, int steps, Action<OwnProcess>? look = null)
    {
        string run = folder.File($"{recipe}-{count}");
        using OwnProcess process = Start(count, [.. OwnProcess.Training(folder, recipe, steps), "--out", run]);
        Assert.True(process.Wait(240) == 0, process.Error);
        look?.Invoke(process);
        return Losses(RunFolder.Open(run));
    }

    private static double[] Losses(RunFolder run) => [.. JsonLines.Numbers(run.MetricsFile).Select(step => step[Metrics.Loss.Name])];

    private static void AssertSame(double[] expected, double[] actual, string what)
    {
        Assert.True(expected.Length == actual.Length, $"{what}: {actual.Length} steps, not {expected.Length}");
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-5 * Math.Max(1, Math.Abs(expected[i])), $"{what}, step {i + 1}: {actual[i]}, not {expected[i]}");
    }
}
