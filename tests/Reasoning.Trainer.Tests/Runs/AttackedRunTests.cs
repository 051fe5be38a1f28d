using Reasoning.Models.SafeTensors;

namespace Reasoning.Trainer.Tests.Runs;

/// <summary>
/// Every file of a run folder, one after the other, damaged in six ways; then the commands that read it. Each is done without the file, or
/// ends with 2 and one line; none waits, and no step is trained again in silence.
/// </summary>
public sealed class AttackedRunTests(ITestOutputHelper output)
{
    private static readonly string[] s_attacks = ["flipped", "cut", "deleted", "pipe", "zero", "folder"];

    [Fact]
    public void A_damaged_file_of_a_run_is_named_or_not_needed() => Attack(every: 23);

    [SlowFact]
    public void Every_file_of_a_run_damaged_in_six_ways_is_named_or_not_needed() => Attack(every: 1);

    private void Attack(int every)
    {
        using var folder = new TempFolder(inMemory: true);
        Cli whole = Cli.Train(
            folder, "tent", "whole", "--steps", "2", "--set", "checkpoint-every=1", "--set", "eval-samples=1", "--set", "trainable=lora");
        Assert.True(whole.ExitCode == 0, whole.Error);
        string origin = folder.File("whole"), prompts = folder.File("prompts.jsonl");
        string[] files = [.. Directory.GetFiles(origin, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(origin, file)).Order(StringComparer.Ordinal)];
        string[] results = [.. Directory.GetFiles(Path.Combine(origin, "model")).Select(File.ReadAllText)];
        var counts = new SortedDictionary<string, int>();
        int number = 0;
        foreach (string file in files)
        {
            foreach (string attack in s_attacks)
            {
                if (number++ % every != 0) continue;
                string run = folder.File("run"), what = $"{file} {attack}";
                TempFolder.CopyAll(origin, run);
                Damage(Path.Combine(run, file), attack);

                Cli inspect = Timed(what, "inspect", run);
                Cli eval = Timed(what, "eval", "--model", Path.Combine(run, "model"), "--prompts", prompts, "--samples", "1", "--max-new-tokens", "8");
                Cli resume = Timed(what, "train", "--resume", "--out", run);
                foreach ((string name, Cli command) in new[] { ("inspect", inspect), ("eval", eval), ("resume", resume) })
                {
                    bool isTold = command.ExitCode == 2 && command.Errors.Length == 1;
                    Assert.True((command.ExitCode == 0 && command.Errors.Length == 0) || isTold, $"{what}, {name}: {command.ExitCode} {command.Error}");
                    string key = $"{name} {(isTold ? "refused" : "done")}";
                    counts[key] = counts.GetValueOrDefault(key) + 1;
                }

                // A folder with a manifest is as it was written, or refused.
                bool isModel = file.StartsWith("model/", StringComparison.Ordinal) && Path.GetFileName(file) != "README.md";
                bool isManifestGone = Path.GetFileName(file) == CheckpointFolder.ManifestName && attack == "deleted"; // then it is as one of the Hub
                if (isModel && !isManifestGone) Assert.True(eval.ExitCode == 2, what);

                // What trains again says so: the newest checkpoint was skipped.
                if (resume.Error.Contains("step 2/2", StringComparison.Ordinal)) Assert.Contains("skipped " + Path.Combine(run, "checkpoints/step-000002"), resume.Error);
                Assert.DoesNotContain("step 1/2", resume.Error);
                if (file is "run.json") Assert.Equal(2, resume.ExitCode);
                if (resume.ExitCode == 0)
                {
                    // Evaluations are text without a checksum: a changed digit in that of the base is believed.
                    CheckpointFolder.Verify(Path.Combine(run, "model"));
                    if (file != "eval-base-target.json") Assert.Equal(results.Order(), Directory.GetFiles(Path.Combine(run, "model")).Select(File.ReadAllText).Order());
                }

                Directory.Delete(run, recursive: true);
            }
        }

        output.WriteLine($"{files.Length} files: {string.Join(", ", counts.Select(pair => $"{pair.Value} × {pair.Key}"))}");
    }

    private static Cli Timed(string what, params string[] args)
    {
        Task<Cli> task = Task.Run(() => Cli.Run(args));
        Assert.True(task.Wait(TimeSpan.FromSeconds(60)), $"{what}: {args[0]} hangs");
        return task.Result;
    }

    private static void Damage(string file, string attack)
    {
        byte[] bytes = File.ReadAllBytes(file);
        File.Delete(file);
        switch (attack)
        {
            case "flipped":
                if (bytes.Length > 0) bytes[bytes.Length / 2] ^= 1;
                File.WriteAllBytes(file, bytes);
                break;
            case "cut":
                File.WriteAllBytes(file, bytes[..(bytes.Length / 2)]);
                break;
            case "pipe":
                OtherProgram.Run("mkfifo", [file], "", seconds: 10);
                break;
            case "zero":
                File.CreateSymbolicLink(file, "/dev/zero");
                break;
            case "folder":
                Directory.CreateDirectory(file);
                break;
        }
    }
}
