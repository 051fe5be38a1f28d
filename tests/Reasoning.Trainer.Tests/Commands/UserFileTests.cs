using System.Diagnostics;
using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.Gguf.Export;

namespace Reasoning.Trainer.Tests.Commands;

/// <summary>
/// Every file that a person can name or hand in, and what may stand in its place: a pipe that nobody writes to, a device without end, a
/// folder, a file larger than any of its kind.
/// </summary>
public sealed class UserFileTests : IDisposable
{
    private const string Conversation = """[{"role":"user","content":"Hi"}]""";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    // A run with all its files, made once; each test takes a copy.
    private static readonly Lazy<string> s_run = new(MakeRun);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>By file: the command that reads it, in a folder with <c>model</c>, <c>run</c> and files of prompts.</summary>
    private static readonly Dictionary<string, string[]> s_read = new()
    {
        ["model/config.json"] = ["score", "--text", "x", "--model", "model"],
        ["model/tokenizer.json"] = ["score", "--text", "x", "--model", "model"],
        ["model/tokenizer_config.json"] = ["score", "--text", "x", "--model", "model"],
        ["model/special_tokens_map.json"] = ["score", "--text", "x", "--model", "model"],
        ["model/generation_config.json"] = ["score", "--text", "x", "--model", "model"],
        ["model/reasoning.json"] = ["score", "--text", "x", "--model", "model"],
        ["model/chat_template.jinja"] = ["score", "--text", "x", "--model", "model"],
        ["model/chat_template.json"] = ["score", "--text", "x", "--model", "model"],
        ["model/README.md"] = ["score", "--text", "x", "--model", "model"],
        ["model/LICENSE"] = ["score", "--text", "x", "--model", "model"],
        ["model/merges.txt"] = ["score", "--text", "x", "--model", "model"],
        ["model/model.safetensors"] = ["score", "--text", "x", "--model", "model"],
        ["model/model.safetensors.index.json"] = ["score", "--text", "x", "--model", "model"],
        ["model/manifest.json"] = ["inspect", "model"],
        ["model/adapter_config.json"] = ["inspect", "model"],
        ["weights.safetensors"] = ["inspect", "weights.safetensors"],
        ["model.gguf"] = ["inspect", "model.gguf"],
        ["recipe.yaml"] = ["config", "show", "--recipe", "recipe.yaml"],
        ["prompts.jsonl"] = ["eval", "--model", "model", "--samples", "1", "--max-new-tokens", "8", "--prompts", "prompts.jsonl"],
        ["prompts.json"] = ["eval", "--model", "model", "--samples", "1", "--max-new-tokens", "8", "--prompts", "prompts.json"],
        ["prompts.parquet"] = ["eval", "--model", "model", "--samples", "1", "--max-new-tokens", "8", "--prompts", "prompts.parquet"],
        ["heldout.jsonl"] = ["train", "--model", "model", "--out", "new", "--steps", "0", "--set", "max-new-tokens=8", "--set", "eval-samples=1", "--prompts", "prompts.jsonl", "--heldout", "heldout.jsonl"],
        ["source.jsonl"] = ["train", "--model", "model", "--out", "new", "--steps", "0", "--set", "max-new-tokens=8", "--set", "eval-samples=1", "--prompts", "prompts.jsonl", "--source", "source.jsonl"],
        ["messages.json"] = ["chat", "--model", "talk", "--messages", "messages.json"],
        ["run/run.json"] = ["inspect", "run"],
        ["run/eval-base-prompts.json"] = ["inspect", "run"],
        ["run/metrics.jsonl"] = ["inspect", "run", "--to-parquet", "tables"],
        ["run/samples.jsonl"] = ["inspect", "run", "--to-parquet", "tables"],
    };

    /// <summary>Files that are written where something stands already.</summary>
    private static readonly Dictionary<string, string[]> s_written = new()
    {
        ["out.json"] = ["eval", "--model", "model", "--samples", "1", "--max-new-tokens", "8", "--problems", "1", "--prompts", "prompts.jsonl", "--out", "out.json"],
        ["out.gguf"] = ["export", "--model", "model", "--out", "out.gguf"],
        ["tables/metrics.parquet"] = ["inspect", "run", "--to-parquet", "tables"],
        ["data/shifted.jsonl"] = ["pretrain", "--data", "data"],
    };

    public static TheoryData<string> Files => [.. s_read.Keys, .. s_written.Keys];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_pipe_a_device_or_a_folder_in_its_place_is_refused_in_one_line(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "mkfifo is a program of Linux");
        string place = Prepare(name);
        using (var make = Process.Start("mkfifo", place)) make.WaitForExit();
        CheckRefused(name, "pipe or device");

        File.Delete(place);
        File.CreateSymbolicLink(place, "/dev/zero");
        CheckRefused(name, "pipe or device");
        Assert.True(File.ResolveLinkTarget(place, returnFinalTarget: true)?.FullName == "/dev/zero", "the link was replaced");

        File.Delete(place);
        Directory.CreateDirectory(place);
        Cli run = Run(name);
        // What need not be there is not there where there is a folder of its name.
        if (run.ExitCode != 0) run.BadInput();
        else Assert.Contains(name, s_read.Keys.Where(file => file.StartsWith("model/", StringComparison.Ordinal) || file == "run/samples.jsonl" || file.Contains("eval-", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_larger_than_its_kind_is_refused_before_it_is_read(string name)
    {
        if (s_written.ContainsKey(name)) return; // replaced without a look
        string place = Prepare(name);
        using (FileStream file = File.Create(place)) file.SetLength(1L << 40); // takes no room on the disk
        Cli run = Run(name);
        string error = run.BadInput();
        Assert.Contains(Path.GetFileName(place), error);
    }

    [Fact]
    public void Every_command_with_these_files_succeeds_before_they_are_damaged()
    {
        foreach (string name in s_read.Keys.Where(name => File.Exists(_folder.File(name))).Prepend("prompts.jsonl"))
        {
            Prepare(name, delete: false);
            Cli run = Run(name);
            Assert.True(run.ExitCode == 0, $"{name}: {run.Error}");
            if (Directory.Exists(_folder.File("new"))) Directory.Delete(_folder.File("new"), recursive: true);
        }
    }

    private void CheckRefused(string name, string expected)
    {
        string error = Run(name).BadInput();
        Assert.Contains(Path.GetFileName(name), error);
        Assert.Contains(expected, error);
    }

    private Cli Run(string name)
    {
        string[] args = (s_read.GetValueOrDefault(name) ?? s_written[name])
            .Select(arg => Path.Exists(_folder.File(arg)) || arg is "new" or "tables" or "data" || arg.StartsWith("out.", StringComparison.Ordinal) ? _folder.File(arg) : arg).ToArray();
        Task<Cli> task = Task.Factory.StartNew(() => Cli.Run(args), TaskCreationOptions.LongRunning);
        Assert.True(task.Wait(s_limit), $"{string.Join(' ', args)} hangs");
        return task.Result;
    }

    private string Prepare(string name, bool delete = true)
    {
        CopyTree(s_run.Value, _folder.Path);
        string place = _folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        if (name == "model/model.safetensors.index.json") File.Delete(_folder.File("model/model.safetensors"));
        if (name == "model/adapter_config.json") File.Delete(_folder.File("model/config.json"));
        if (delete) File.Delete(place);
        return place;
    }

    private static string MakeRun()
    {
        string place = Directory.CreateTempSubdirectory("reasoning-files-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(place, recursive: true);
        using var folder = new TempFolder();
        string prompts = Path.Combine(place, "prompts.jsonl");
        File.Copy(TinyModel.Prompts(folder), prompts);
        foreach (string name in (string[])["heldout.jsonl", "source.jsonl"]) File.Copy(prompts, Path.Combine(place, name));
        File.WriteAllText(Path.Combine(place, "prompts.json"), """[{"prompt":"Take 1"}]""");
        File.WriteAllText(Path.Combine(place, "messages.json"), Conversation);
        File.WriteAllText(Path.Combine(place, "recipe.yaml"), "summary: mine\nobjective: entropy\n");
        CopyTree(TinyModel.Folder, Path.Combine(place, "model"));
        CopyTree(TinyModel.Folder, Path.Combine(place, "talk"));
        File.WriteAllText(Path.Combine(place, "talk", "chat_template.jinja"), "{{ messages[0].content }}");
        File.Copy(Path.Combine(place, "model", "model.safetensors"), Path.Combine(place, "weights.safetensors"));
        GgufExport.Write(TinyModel.Folder, Path.Combine(place, "model.gguf"), [GgufTensorType.F32]);
        Cli run = Cli.Run(
            ["train", "--recipe", "ttrl", "--model", TinyModel.Folder, "--prompts", prompts, "--steps", "1", "--out", Path.Combine(place, "run"), .. Cli.Small,
            "--set", "updates-per-rollout=1"]);
        Assert.True(run.ExitCode == 0, run.Error);
        return place;
    }

    private static void CopyTree(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string inner in Directory.EnumerateDirectories(from)) CopyTree(inner, Path.Combine(to, Path.GetFileName(inner)));
        foreach (string file in Directory.EnumerateFiles(from)) File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
    }
}
