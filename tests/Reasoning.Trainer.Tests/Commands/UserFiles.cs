using Reasoning.Models.Gguf.Codecs;
using Reasoning.Models.Gguf.Export;

namespace Reasoning.Trainer.Tests.Commands;

/// <summary>Every file that a person can name or hand in, each with the command that reads it.</summary>
internal sealed class UserFiles : IDisposable
{
    private static readonly string[] s_score = ["score", "--text", "x", "--model", "model"], s_report = ["report", "run", "--out", "page.html"];

    /// <summary>By file: the command that reads it, in a folder with models, a run and files of prompts.</summary>
    public static readonly Dictionary<string, string[]> Read = new()
    {
        ["model/config.json"] = s_score,
        ["model/tokenizer.json"] = s_score,
        ["model/tokenizer_config.json"] = s_score,
        ["model/special_tokens_map.json"] = s_score,
        ["model/generation_config.json"] = s_score,
        ["model/reasoning.json"] = s_score,
        ["model/chat_template.jinja"] = s_score,
        ["model/chat_template.json"] = s_score,
        ["model/README.md"] = s_score,
        ["model/LICENSE"] = s_score,
        ["model/merges.txt"] = s_score,
        ["model/model.safetensors"] = s_score,
        ["model/model.safetensors.index.json"] = s_score,
        ["model/manifest.json"] = ["inspect", "model"],
        ["model/adapter_config.json"] = ["inspect", "model"],
        ["weights.safetensors"] = ["inspect", "weights.safetensors"],
        ["model.gguf"] = ["inspect", "model.gguf"],
        ["recipe.yaml"] = ["config", "show", "--recipe", "recipe.yaml"],
        ["prompts.jsonl"] = Eval("prompts.jsonl"),
        ["prompts.json"] = Eval("prompts.json"),
        ["prompts.parquet"] = Eval("prompts.parquet"),
        ["heldout.jsonl"] = Train("--heldout", "heldout.jsonl"),
        ["source.jsonl"] = Train("--source", "source.jsonl"),
        ["messages.json"] = ["chat", "--model", "talk", "--messages", "messages.json"],
        ["talk/chat_template.jinja"] = ["chat", "--model", "talk", "--messages", "messages.json"],
        ["run/run.json"] = ["inspect", "run"],
        ["run/eval-base-target.json"] = ["inspect", "run"],
        ["run/eval-adapted-target.json"] = s_report,
        ["run/eval-matched-target.json"] = s_report,
        ["run/guard.jsonl"] = s_report,
        ["run/metrics.jsonl"] = ["inspect", "run", "--to-parquet", "tables"],
        ["run/samples.jsonl"] = ["inspect", "run", "--to-parquet", "tables"],
    };

    /// <summary>Those that are there; the others could be.</summary>
    public static IEnumerable<string> Made => Read.Keys.Where(name => !s_missing.Contains(name));

    /// <summary>Files that are written where something stands already.</summary>
    public static readonly Dictionary<string, string[]> Written = new()
    {
        ["out.json"] = [.. Eval("prompts.jsonl"), "--problems", "1", "--out", "out.json"],
        ["out.gguf"] = ["export", "--model", "model", "--out", "out.gguf"],
        ["tables/metrics.parquet"] = ["inspect", "run", "--to-parquet", "tables"],
        ["data/shifted.jsonl"] = ["pretrain", "--data", "data"],
    };

    private static readonly string[] s_missing =
    [
        "model/special_tokens_map.json", "model/chat_template.jinja", "model/chat_template.json", "model/LICENSE", "model/merges.txt",
        "model/model.safetensors.index.json", "model/adapter_config.json", "prompts.parquet", "run/guard.jsonl",
    ];

    // Made once; each test takes a copy.
    private static readonly Lazy<string> s_all = new(Make);

    private readonly TempFolder _folder = new();

    public UserFiles() => CopyTree(s_all.Value, _folder.Path);

    public string Path => _folder.Path;

    /// <summary>Where a file is or could be; what would be read in its stead is taken away.</summary>
    public string Place(string name)
    {
        string place = _folder.File(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(place)!);
        if (name == "model/model.safetensors.index.json")
        {
            File.Delete(_folder.File("model/model.safetensors"));
            File.Delete(_folder.File("model/manifest.json")); // which names the file that is gone before anything else is read
        }

        if (name == "model/adapter_config.json") File.Delete(_folder.File("model/config.json"));
        return place;
    }

    /// <summary>Runs the command that reads or writes a file.</summary>
    public Cli Run(string name)
    {
        string[] own = ["new", "tables", "data", "out.json", "out.gguf", "page.html"];
        if (Directory.Exists(_folder.File("new"))) Directory.Delete(_folder.File("new"), recursive: true);
        return Cli.Run([.. (Read.GetValueOrDefault(name) ?? Written[name])
            .Select((arg, i) => i > 0 && (own.Contains(arg) || System.IO.Path.Exists(_folder.File(arg))) ? _folder.File(arg) : arg)]);
    }

    public void Dispose() => _folder.Dispose();

    private static string[] Eval(string prompts) => ["eval", "--model", "model", "--samples", "1", "--max-new-tokens", "8", "--prompts", prompts];

    private static string[] Train(string option, string file) =>
    [
        "train", "--model", "model", "--out", "new", "--steps", "0", "--set", "max-new-tokens=8", "--set", "eval-samples=1",
        "--prompts", "prompts.jsonl", option, file,
    ];

    private static string Make()
    {
        string place = Directory.CreateTempSubdirectory("reasoning-files-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(place, recursive: true);
        using var folder = new TempFolder();
        string prompts = In("prompts.jsonl");
        File.Copy(TinyModel.Prompts(folder), prompts);
        foreach (string name in (string[])["heldout.jsonl", "source.jsonl"]) File.Copy(prompts, In(name));
        File.WriteAllText(In("prompts.json"), """[{"prompt":"Take 1"},{"problem":[{"role":"user","content":"Take 2"}],"answer":3,"id":"b"}]""");
        File.WriteAllText(In("messages.json"), """{"messages":[{"role":"user","content":"Hi"}],"variables":{"a":[1,{"b":null}]}}""");
        File.WriteAllText(In("recipe.yaml"), "summary: mine\nobjective: entropy # a method\nlora-targets: [q_proj, 'v_proj']\nsteps: 3\n");
        CopyTree(TinyModel.Folder, In("model"));
        File.WriteAllText(In("model/README.md"), "---\nlicense: mit\n---\n# A model\n");
        CopyTree(TinyModel.Folder, In("talk"));
        File.WriteAllText(In("talk/chat_template.jinja"), "{% for m in messages %}{{ m.role + ': ' + m['content'] | trim }}\n{% endfor %}{{ a[1] | tojson }}");
        File.Copy(In("model/model.safetensors"), In("weights.safetensors"));
        GgufExport.Write(TinyModel.Folder, In("model.gguf"), [GgufTensorType.F32]);
        Cli run = Cli.Run(
            ["train", "--recipe", "ttrl", "--model", TinyModel.Folder, "--prompts", prompts, "--steps", "1", "--out", In("run"), .. Cli.Small,
            "--set", "updates-per-rollout=1"]);
        Assert.True(run.ExitCode == 0, run.Error);
        return place;

        string In(string name) => System.IO.Path.Combine(place, name);
    }

    private static void CopyTree(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string inner in Directory.EnumerateDirectories(from)) CopyTree(inner, System.IO.Path.Combine(to, System.IO.Path.GetFileName(inner)));
        foreach (string file in Directory.EnumerateFiles(from)) File.Copy(file, System.IO.Path.Combine(to, System.IO.Path.GetFileName(file)), overwrite: true);
    }
}
