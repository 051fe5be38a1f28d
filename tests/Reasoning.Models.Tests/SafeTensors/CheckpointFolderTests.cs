using System.Text;
using Reasoning.Models.Files;
using Reasoning.Models.SafeTensors;

namespace Reasoning.Models.Tests.Formats;

public sealed class CheckpointFolderTests
{
    [Fact]
    public void A_written_folder_verifies()
    {
        using var parent = new TemporaryFolder();
        string folder = parent.File("runs/step-000010");
        Write(folder, "one");
        Assert.True(CheckpointFolder.IsComplete(folder));
        Assert.Equal(["a.txt", "inner/b.txt"], CheckpointFolder.Verify(folder));
        Assert.Equal("one", File.ReadAllText(Path.Combine(folder, "a.txt")));
        Assert.Equal([folder], Directory.GetFileSystemEntries(parent.File("runs")));
    }

    [Fact]
    public void Writing_again_replaces_the_folder()
    {
        using var parent = new TemporaryFolder();
        string folder = parent.File("last");
        Write(folder, "one");
        File.WriteAllText(Path.Combine(folder, "extra.txt"), "not in the manifest");
        Write(folder, "two");
        Assert.Equal("two", File.ReadAllText(Path.Combine(folder, "a.txt")));
        Assert.False(File.Exists(Path.Combine(folder, "extra.txt")));
        Assert.Equal([folder], Directory.GetFileSystemEntries(parent.Path));
    }

    [Fact]
    public void A_failure_while_writing_leaves_the_earlier_folder_and_nothing_else()
    {
        using var parent = new TemporaryFolder();
        string folder = parent.File("last");
        Write(folder, "one");
        Assert.Throws<InvalidOperationException>(() => CheckpointFolder.Write(folder, temporary =>
        {
            File.WriteAllText(Path.Combine(temporary, "a.txt"), "half");
            throw new InvalidOperationException("stopped");
        }));
        CheckpointFolder.Verify(folder);
        Assert.Equal("one", File.ReadAllText(Path.Combine(folder, "a.txt")));
        Assert.Equal([folder], Directory.GetFileSystemEntries(parent.Path));
    }

    [Fact]
    public void The_remains_of_a_killed_writer_are_no_checkpoint_and_are_removed()
    {
        using var parent = new TemporaryFolder();
        string remains = Directory.CreateDirectory(parent.File(".last.tmp-99")).FullName;
        File.WriteAllText(Path.Combine(remains, "a.txt"), "half");
        Assert.False(CheckpointFolder.IsComplete(remains));
        Assert.Empty(CheckpointFolder.Complete(parent.Path, ""));
        Write(parent.File("last"), "one");
        Assert.Equal([parent.File("last")], Directory.GetFileSystemEntries(parent.Path));
    }

    [Fact]
    public void A_folder_is_renamed_before_it_is_deleted_and_what_a_kill_leaves_of_it_is_swept()
    {
        using var parent = new TemporaryFolder();
        string folder = parent.File("step-000001");
        Write(folder, "one");
        Directory.Move(folder, parent.File(".step-000001.tmp-99")); // killed in the middle of a deletion
        File.Delete(parent.File(".step-000001.tmp-99/a.txt"));
        Assert.Empty(CheckpointFolder.Complete(parent.Path, ""));

        Write(folder, "two");
        CheckpointFolder.Delete(folder + "/");
        Assert.Empty(Directory.GetFileSystemEntries(parent.Path));
    }

    [Fact]
    public void A_sweep_removes_what_dead_writers_left_and_nothing_else()
    {
        using var parent = new TemporaryFolder();
        string[] foreign = [".a.tmp-", ".a.tmp-x", ".tmp-1", "a.tmp-1", ".a.tmp-1.txt", ".a.tmp-1-new", ".a.tmp1", "b"];
        foreach (string name in foreign) parent.Write(name, "");
        parent.Write(".a.tmp-1", "");
        parent.Write(".a.b.tmp-22", "");
        Directory.CreateDirectory(parent.File(".c.tmp-3/inner"));
        Directory.CreateDirectory(parent.File(".d.tmp-4-old"));
        Directory.CreateDirectory(parent.File(".e.tmp-5-old"));
        Directory.CreateDirectory(parent.File("e"));

        Durable.Sweep(parent.Path);
        Assert.Equal(foreign.Append("d").Append("e").Order(), Directory.GetFileSystemEntries(parent.Path).Select(path => Path.GetFileName(path)!).Order());
    }

    [Theory]
    [InlineData("pipe")]
    [InlineData("zero")]
    [InlineData("folder")]
    public async Task What_is_no_regular_file_is_damage_and_is_not_waited_for(string what)
    {
        using var parent = new TemporaryFolder();
        foreach (string name in (string[])["a.txt", CheckpointFolder.ManifestName])
        {
            string folder = parent.File("c"), file = Path.Combine(folder, name);
            Write(folder, "one");
            File.Delete(file);
            if (what == "folder") Directory.CreateDirectory(file);
            else if (what == "zero") File.CreateSymbolicLink(file, "/dev/zero");
            else OtherProgram.Run("mkfifo", [file], "", seconds: 10);
            Assert.Contains(name, await Task.Run(() => Message(folder)).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
            Assert.False(CheckpointFolder.IsComplete(folder));
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_writer_killed_between_two_renames_loses_nothing()
    {
        using var parent = new TemporaryFolder();
        string folder = parent.File("last");
        Write(folder, "one");
        Directory.Move(folder, parent.File(".last.tmp-99-old"));
        Assert.Throws<InvalidOperationException>(() => CheckpointFolder.Write(folder, _ => throw new InvalidOperationException("stopped")));
        CheckpointFolder.Verify(folder);
        Assert.Equal("one", File.ReadAllText(Path.Combine(folder, "a.txt")));
    }

    [Fact]
    public void Complete_folders_are_listed_in_order()
    {
        using var parent = new TemporaryFolder();
        foreach (int step in (int[])[30, 10, 20]) Write(parent.File($"step-{step:D6}"), "x");
        Directory.CreateDirectory(parent.File("step-000040"));
        File.Delete(Path.Combine(parent.File("step-000020"), "a.txt"));
        Assert.Equal([parent.File("step-000010"), parent.File("step-000030")], CheckpointFolder.Complete(parent.Path, "step-"));
    }

    [Fact]
    public void Damage_is_found_and_named()
    {
        using var parent = new TemporaryFolder();
        string folder = parent.File("c");

        Write(folder, "one");
        File.WriteAllText(Path.Combine(folder, "a.txt"), "on3");
        Assert.True(CheckpointFolder.IsComplete(folder));
        Assert.Contains("a.txt: its content differs", Message(folder));

        File.WriteAllText(Path.Combine(folder, "a.txt"), "longer");
        Assert.False(CheckpointFolder.IsComplete(folder));
        Assert.Contains("has 6 bytes", Message(folder));

        File.Delete(Path.Combine(folder, "a.txt"));
        Assert.Contains("a.txt: no such file", Message(folder));

        File.Delete(Path.Combine(folder, CheckpointFolder.ManifestName));
        Assert.Contains("incomplete", Message(folder));
    }

    [Fact]
    public void Foreign_folders_and_files_are_not_replaced()
    {
        using var parent = new TemporaryFolder();
        Directory.CreateDirectory(parent.File("photos"));
        File.WriteAllText(parent.File("photos/1.jpg"), "dear to someone");
        Assert.Contains("not a checkpoint", UserError.Message(() => Write(parent.File("photos"), "x")));
        Assert.True(File.Exists(parent.File("photos/1.jpg")));
        Assert.Contains("is a file", UserError.Message(() => Write(parent.File("photos/1.jpg"), "x")));
        Directory.CreateDirectory(parent.File("empty"));
        Write(parent.File("empty"), "x");
        CheckpointFolder.Verify(parent.File("empty"));
    }

    [Theory]
    [InlineData("../a.txt")]
    [InlineData("/etc/passwd")]
    [InlineData("inner/../../x")]
    [InlineData("a\\\\b")]
    [InlineData("")]
    public void A_manifest_does_not_lead_out_of_its_folder(string name)
    {
        using var folder = new TemporaryFolder();
        folder.Write(CheckpointFolder.ManifestName, $$"""{"format":1,"files":[{"name":"{{name}}","bytes":1,"sha256":""}]}""");
        Assert.Contains("not a path inside", Message(folder.Path));
    }

    [Fact]
    public void A_later_format_is_refused()
    {
        using var folder = new TemporaryFolder();
        folder.Write(CheckpointFolder.ManifestName, """{"format":2,"files":[]}""");
        Assert.Contains("formats up to 1", Message(folder.Path));
    }

    [Fact]
    public void Damaged_manifests_only_give_user_errors()
    {
        using var parent = new TemporaryFolder();
        string folder = parent.File("c");
        Write(folder, "one");
        string manifest = Path.Combine(folder, CheckpointFolder.ManifestName);
        Mutations.AssertOnlyUserErrors(File.ReadAllBytes(manifest), 1500, 4, bytes =>
        {
            File.WriteAllBytes(manifest, bytes);
            CheckpointFolder.IsComplete(folder);
            CheckpointFolder.Verify(folder);
        });
    }

    private static string Message(string folder) => UserError.Message(() => CheckpointFolder.Verify(folder));

    private static void Write(string folder, string content) => CheckpointFolder.Write(folder, temporary =>
    {
        File.WriteAllText(Path.Combine(temporary, "a.txt"), content);
        Directory.CreateDirectory(Path.Combine(temporary, "inner"));
        File.WriteAllBytes(Path.Combine(temporary, "inner", "b.txt"), Encoding.UTF8.GetBytes(content + content));
    });
}
