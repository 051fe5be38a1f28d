using System.Globalization;

namespace Reasoning.Trainer.Tests.Runs;

/// <summary>Runs on a disk of a few kilobytes: a tmpfs in a namespace of its own, which needs no rights.</summary>
public sealed class FullDiskTests(ITestOutputHelper output)
{
    private const int Steps = 2;
    private const int PageBytes = 4096;

    // Arguments: mount point, size in kilobytes, place of the result, program, and what it is given.
    private const string Script = """
        mount -t tmpfs -o size=${1}k tmpfs $0 || exit 77
        run=$0/run; result=$2; shift 2
        "$@" --out $run >/dev/null 2>$0.first; code=$?
        mount -o remount,size=64m $0
        if [ -f $run/run.json ]; then "$1" train --resume --threads 1 --out $run >/dev/null 2>$0.second; else "$@" --out $run >/dev/null 2>$0.second; fi
        echo $code $?
        cp -r $run $result
        """;

    [Fact]
    public void A_run_whose_disk_is_full_says_so_in_one_line_and_goes_on_when_there_is_space() => Fill(every: 6);

    /// <summary>At least nine sizes, chosen so that each kind of file is the one that finds no room.</summary>
    [SlowFact]
    public void A_disk_that_is_full_at_any_file_of_a_run_loses_nothing() => Fill(every: 1);

    private void Fill(int every)
    {
        using var folder = new TempFolder(inMemory: true);
        string[] train = [.. OwnProcess.Training(folder, "evol-rl", Steps), "--set", "eval-samples=1"];
        (int probe, _, string why) = OtherProgram.Start("unshare", ["-rm", "mount", "-t", "tmpfs", "tmpfs", folder.Path], "", seconds: 20);
        Assert.SkipUnless(probe == 0, $"no file system can be mounted here: {why}");
        string whole = folder.File("whole");
        using (OwnProcess first = OwnProcess.Run([.. train, "--out", whole])) Assert.True(first.Wait() == 0, first.Error);

        // In the order of writing, each once with a page too few.
        string[] places = ["run.json", "eval-base-target.json", "metrics.jsonl", "samples.jsonl", "checkpoints/step-000001", "checkpoints/step-000002", "model", "eval-adapted-target.json"];
        long pages = 1; // of the line that names the owner
        var sizes = new List<long>();
        foreach (string place in places)
        {
            string path = Path.Combine(whole, place);
            long here = Directory.Exists(path) ? Directory.GetFiles(path).Sum(Pages) : Pages(path);
            pages += here;
            sizes.Add(Math.Max(1, pages - 1));
            if (Directory.Exists(path)) sizes.Add(pages - (here / 2));
        }

        var hit = new List<string>();
        foreach (long size in sizes.Where((_, number) => number % every == 0))
        {
            string disk = Directory.CreateDirectory(folder.File($"disk-{size}")).FullName, result = folder.File($"run-{size}");
            (int code, string codes, string error) = OtherProgram.Start(
                "unshare", ["-rm", "bash", "-c", Script, disk, (size * PageBytes / 1024).ToString(CultureInfo.InvariantCulture), result, OwnProcess.File, .. train], "", seconds: 240);
            Assert.True(code == 0, error);
            string first = File.ReadAllText(disk + ".first"), second = File.ReadAllText(disk + ".second");
            string line = Assert.Single(first.Split('\n'), line => line.StartsWith("error:", StringComparison.Ordinal));
            Assert.DoesNotContain("   at ", first);
            Assert.Contains("No space left", line);
            Assert.True(codes.Trim() == "1 0", $"{size} pages: {codes.Trim()}\n{first}\n{second}");
            OwnProcess.AssertSame(whole, result, Steps, $"{size} pages");
            hit.Add($"{size} pages: {Path.GetFileName(places.FirstOrDefault(place => line.Contains(place, StringComparison.Ordinal))) ?? line}");
        }

        output.WriteLine(string.Join("\n", hit));
        if (every > 1) return;
        Assert.True(hit.Count >= 9);
        foreach (string place in places) Assert.Contains(hit, line => line.EndsWith(Path.GetFileName(place), StringComparison.Ordinal));
    }

    private static long Pages(string file) => (new FileInfo(file).Length + PageBytes - 1) / PageBytes;
}
