using Reasoning.Models;
using Reasoning.Models.Prompts;
using Reasoning.Models.SafeTensors;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Training;

namespace Reasoning.Trainer.Tests.Runs;

/// <summary>What a run keeps under damage, other owners and changed inputs; attacks with real processes are in tests of their own.</summary>
public sealed class RunFolderTests
{
    private static readonly string[] s_steps = ["--set", "eval-samples=0", "--set", "checkpoint-every=1", "--set", "keep-checkpoints=3"];

    [Fact]
    public void A_run_has_one_owner_and_the_second_is_told_who_it_is()
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "tent", "run", ["--steps", "1", .. s_steps]).ExitCode);
        string run = folder.File("run");
        using (RunOwner.Take(new RunFolder(run)))
        {
            foreach (Cli second in (Cli[])[Cli.Run("train", "--resume", "--out", run), Cli.Train(folder, "tent", "run")])
            {
                if (second.BadInput().Contains("holds a run already", StringComparison.Ordinal)) continue; // a new run asks no further
                Assert.Contains($"process {Environment.ProcessId} on {Environment.MachineName}, since ", second.BadInput());
            }

            Assert.Equal(0, Cli.Run("inspect", run).ExitCode);
        }

        File.WriteAllText(Path.Combine(run, ".owner"), "process 1 on elsewhere\n"); // a killed owner's; the lock went with it
        Assert.Equal(0, Cli.Run("train", "--resume", "--out", run).ExitCode);
        Assert.False(File.Exists(Path.Combine(run, ".owner")));
    }

    [Fact]
    public void A_new_run_names_the_owner_of_its_folder_and_takes_one_that_was_killed_before_its_first_file()
    {
        using var folder = new TempFolder();
        string run = folder.File("run");
        using (RunOwner.Start(run))
            Assert.Contains($"process {Environment.ProcessId}", Assert.Throws<UserErrorException>(() => RunOwner.Start(run)).Message);
        File.WriteAllText(Path.Combine(run, ".owner"), "");
        File.WriteAllText(Path.Combine(run, ".run.json.tmp-1"), "");
        Assert.Equal(0, Cli.Train(folder, "tent", "run", ["--steps", "1", .. s_steps]).ExitCode);
    }

    [Fact]
    public void A_resume_sweeps_the_leftovers_of_dead_writers()
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "tent", "run", ["--steps", "1", .. s_steps]).ExitCode);
        string run = folder.File("run");
        string[] before = Entries(run);
        foreach (string place in (string[])["", "checkpoints", "model"])
        {
            File.WriteAllText(Path.Combine(run, place, ".a.json.tmp-1"), "");
            Directory.CreateDirectory(Path.Combine(run, place, ".step-000001.tmp-1"));
            File.WriteAllText(Path.Combine(run, place, ".probe"), "");
        }

        Assert.Equal(0, Cli.Run("train", "--resume", "--out", run).ExitCode);
        Assert.Equal(before, Entries(run));
    }

    [Fact]
    public void The_newest_intact_checkpoint_is_used_and_what_was_skipped_is_named_and_set_aside()
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "evol-rl", "run", ["--steps", "4", "--set", "updates-per-rollout=1", .. s_steps]).ExitCode);
        TempFolder.CopyAll(folder.File("run"), folder.File("whole"));
        RunFolder run = RunFolder.Open(folder.File("run"));
        Flip(Path.Combine(run.CheckpointFolder(4), "training.safetensors"));
        File.Delete(Path.Combine(run.CheckpointFolder(3), CheckpointFolder.ManifestName));

        Cli resumed = Cli.Run("train", "--resume", "--out", run.Path);
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        Assert.Contains("skipped " + run.CheckpointFolder(4) + ", which is damaged: " + run.CheckpointFolder(4) + "/training.safetensors: its content differs", resumed.Error);
        Assert.Contains("skipped " + run.CheckpointFolder(3) + ", which is damaged: " + run.CheckpointFolder(3) + "/manifest.json: no such file", resumed.Error);
        Assert.Contains("resume: " + run.CheckpointFolder(2) + ", after step 2", resumed.Error);
        Assert.Contains("is now damaged-step-000004", resumed.Error);
        Assert.Empty(SameRun.Differences(RunFolder.Open(folder.File("whole")), run, 4));
    }

    [Theory]
    [InlineData("flipped")]
    [InlineData("deleted")]
    public void A_run_without_an_intact_checkpoint_is_refused_and_left_as_it_is(string how)
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "tent", "run", ["--steps", "3", .. s_steps]).ExitCode);
        RunFolder run = RunFolder.Open(folder.File("run"));
        foreach (string checkpoint in run.Checkpoints())
        {
            if (how == "flipped") Flip(Path.Combine(checkpoint, "model.safetensors"));
            else Directory.Delete(checkpoint, recursive: true);
        }

        string[] before = Entries(run.Path);
        byte[] metrics = File.ReadAllBytes(run.MetricsFile);
        string error = Cli.Run("train", "--resume", "--out", run.Path).BadInput();
        Assert.Contains(how == "flipped" ? "none of the 3 checkpoints in " : "has done 3 steps, but no checkpoint is left", error);
        Assert.Equal(before, Entries(run.Path));
        Assert.Equal(metrics, File.ReadAllBytes(run.MetricsFile));
    }

    [Theory]
    [InlineData("model/photo.jpg", "model: exists and is not a checkpoint")]
    [InlineData("adapter/photo.jpg", "adapter: exists and is not a checkpoint")]
    [InlineData("eval-adapted-target.json/x", "eval-adapted-target.json: is a folder")]
    [InlineData("samples.jsonl/x", "samples.jsonl: is a folder")]
    [InlineData("episodes", "episodes: is a file")]
    public void A_target_that_cannot_be_written_at_the_end_is_refused_at_once(string obstacle, string expected)
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "tent", "run", ["--steps", "1", .. s_steps]).ExitCode);
        string run = folder.File("run"), place = Path.Combine(run, obstacle);
        Directory.Delete(Path.Combine(run, "model"), recursive: true);
        File.Delete(Path.Combine(run, "samples.jsonl"));
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        File.WriteAllText(place, "");
        Cli resumed = Cli.Run("train", "--resume", "--out", run, "--steps", "2");
        Assert.Contains(expected, resumed.BadInput());
        Assert.DoesNotContain("step 2/2", resumed.Error);
    }

    [Theory]
    [InlineData("--prompts", "prompts")]
    [InlineData("--heldout", "held-out prompts")]
    [InlineData("--source", "source prompts")]
    public void A_resume_with_changed_gold_answers_is_refused(string option, string what)
    {
        using var folder = new TempFolder();
        string other = folder.Write("other.jsonl", "{\"prompt\":\"Take 1 and 2\",\"answer\":\"1\"}\n");
        string[] more = option == "--prompts" ? [] : [option, other];
        Assert.Equal(0, Cli.Train(folder, "tent", "run", ["--steps", "1", .. s_steps, .. more]).ExitCode);
        string changed = option == "--prompts" ? folder.File("prompts.jsonl") : other;
        File.WriteAllText(changed, File.ReadAllText(changed).Replace("\"answer\":\"1\"", "\"answer\":\"2\"", StringComparison.Ordinal));
        Assert.Contains($"the {what} at {changed} are not those", Cli.Run("train", "--resume", "--out", folder.File("run")).BadInput());
    }

    [Fact]
    public void A_resume_with_a_changed_chat_template_is_refused()
    {
        using var folder = new TempFolder();
        string model = folder.Copy(TinyModel.Folder), template = Path.Combine(model, "chat_template.jinja");
        File.WriteAllText(template, "{{ messages[0].content }}");
        string[] args = ["train", "--recipe", "tent", "--model", model, "--prompts", TinyModel.Prompts(folder), "--out", folder.File("run"), "--steps", "1"];
        Assert.Equal(0, Cli.Run([.. args, .. Cli.Small, .. s_steps]).ExitCode);
        File.WriteAllText(template, "Please: {{ messages[0].content }}");
        Assert.Contains("the model at", Cli.Run("train", "--resume", "--out", folder.File("run")).BadInput());
    }

    [Fact]
    public void A_run_of_the_first_format_goes_on_with_the_hashes_it_has_and_gets_the_new_ones()
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "tent", "run", ["--steps", "1", .. s_steps]).ExitCode);
        RunFolder run = RunFolder.Open(folder.File("run"));
        RunRecord record = RunRecord.Read(run);
        string text = PromptSet.Load(record.Prompts.Path).TextHash, model = FolderHash.OfFormat1(TinyModel.Folder);
        string old = File.ReadAllText(run.RecordFile).Replace("\"format\": 2", "\"format\": 1", StringComparison.Ordinal)
            .Replace(record.Prompts.Hash, text, StringComparison.Ordinal).Replace(record.Model.Hash, model, StringComparison.Ordinal)
            .Replace($",\n  \"sha256\": \"{record.Sha256}\"", "", StringComparison.Ordinal);
        Assert.NotEqual(text, record.Prompts.Hash);
        File.WriteAllText(run.RecordFile, old);

        Cli resumed = Cli.Run("train", "--resume", "--out", run.Path, "--steps", "2");
        Assert.True(resumed.ExitCode == 0, resumed.Error);
        RunRecord now = RunRecord.Read(run);
        Assert.Equal((2, record.Prompts.Hash, record.Model.Hash), (now.Format, now.Prompts.Hash, now.Model.Hash));
        Assert.Equal(2, now.Started.Count);

        File.WriteAllText(run.RecordFile, old.Replace(text, text[..^1] + (text[^1] == '0' ? '1' : '0'), StringComparison.Ordinal));
        Assert.Contains("the prompts at", Cli.Run("train", "--resume", "--out", run.Path).BadInput());
    }

    [Fact]
    public void A_record_with_a_flipped_byte_is_refused()
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "tent", "run", ["--steps", "1", .. s_steps]).ExitCode);
        RunFolder run = RunFolder.Open(folder.File("run"));
        byte[] bytes = File.ReadAllBytes(run.RecordFile);
        for (int place = 0; place < bytes.Length; place += SlowFactAttribute.IsAsked ? 1 : 7)
        {
            bytes[place] ^= 1;
            File.WriteAllBytes(run.RecordFile, bytes);
            Assert.Contains("run.json", Assert.Throws<UserErrorException>(() => RunRecord.Read(run)).Message);
            bytes[place] ^= 1;
        }

        File.WriteAllBytes(run.RecordFile, bytes);
        RunRecord.Read(run);
    }

    [Theory]
    [InlineData("eval", "--prompts", "PROMPTS", "--samples", "1")]
    [InlineData("sample", "--prompt", "x")]
    [InlineData("score", "--text", "x")]
    [InlineData("export", "--out", "OUT.gguf")]
    [InlineData("chat", "--messages", "PROMPTS")]
    [InlineData("tokenize")]
    [InlineData("train", "--prompts", "PROMPTS", "--out", "OUT")]
    [InlineData("compare", "--recipes", "tent", "--prompts", "PROMPTS", "--out", "OUT")]
    [InlineData("verify-resume", "--prompts", "PROMPTS")]
    [InlineData("inspect")]
    public void A_flipped_byte_in_a_folder_with_a_manifest_is_refused(string command, params string[] more)
    {
        using var folder = new TempFolder();
        string model = folder.File("model"), prompts = TinyModel.Prompts(folder);
        TempFolder.CopyAll(TinyModel.Folder, model);
        foreach (string name in (string[])["model.safetensors", "tokenizer.json"])
        {
            string file = Path.Combine(model, name);
            byte[] whole = File.ReadAllBytes(file);
            Flip(file);
            string[] place = command == "inspect" ? [model] : ["--model", model];
            string error = Cli.Run([command, .. place, .. more.Select(word => word == "PROMPTS" ? prompts : word.StartsWith("OUT", StringComparison.Ordinal) ? folder.File("out" + word[3..]) : word)]).BadInput();
            Assert.Contains($"{file}: its content differs from what manifest.json says", error);
            if (command != "inspect") Assert.Contains("take its entry out of manifest.json", error);
            File.WriteAllBytes(file, whole);
        }

        Assert.Empty(Directory.GetFileSystemEntries(folder.Path, "out*"));
    }

    private static void Flip(string file)
    {
        using FileStream stream = File.Open(file, FileMode.Open);
        stream.Position = stream.Length * 3 / 4;
        int value = stream.ReadByte();
        stream.Position--;
        stream.WriteByte((byte)(value ^ 1));
    }

    private static string[] Entries(string folder) => [.. Directory.GetFileSystemEntries(folder, "*", SearchOption.AllDirectories).Order()];
}
