using System.Text.Json;

namespace Reasoning.Trainer.Tests.Commands;

public sealed class ExportCommandTests
{
    [Fact]
    public void Export_prints_the_checklist_of_each_file()
    {
        using var folder = new TempFolder();
        Cli export = Cli.Run("export", "--model", TinyModel.Folder, "--out", folder.File("tiny.gguf"), "--type", "f32,q8_0,q4_K");
        Assert.True(export.ExitCode == 0, export.Error);
        foreach (string type in (string[])["f32", "q8_0", "q4_K"])
        {
            Assert.True(File.Exists(folder.File($"tiny-{type}.gguf")));
            Assert.Contains($"tiny-{type}.gguf: {type}, ", export.Out);
        }

        Assert.Equal(3, export.Out.Split("  ok   read back ").Length - 1);
        Assert.Contains("  ok   pre-tokenizer  smollm: model type qwen3", export.Out);
        Assert.Contains("  note fallback", export.Out);
        foreach (string type in (string[])["f32", "q8_0", "q4_K"])
        {
            Assert.Contains($"FROM ./tiny-{type}.gguf", File.ReadAllText(folder.File($"tiny-{type}.Modelfile")));
            Assert.Contains($"\n    ollama create tiny-{type.ToLowerInvariant()} -f {folder.File($"tiny-{type}.Modelfile")} && ollama run ", export.Out);
            Assert.Contains($"\n    llama-completion -m {folder.File($"tiny-{type}.gguf")} -no-cnv -n 160 -p 'Question: What is 3 + 4?\\nAnswer:'\n", export.Out);
        }
    }

    [Fact]
    public void What_is_replaced_is_named()
    {
        using var folder = new TempFolder();
        string file = folder.File("it's.gguf");
        string[] export = ["export", "--model", TinyModel.Folder, "--out", file, "--type", "f32"];
        Cli first = Cli.Run(export), second = Cli.Run(export);
        Assert.DoesNotContain("replaced", first.Out);
        Assert.Contains($"note replaced       {file}, which was there before", second.Out);
        Assert.Contains($"note replaced       {folder.File("it's.Modelfile")}, which was there before", second.Out);
        Assert.Contains(@"it'\''s.gguf'", second.Out);
    }

    [Fact]
    public void Export_prints_the_same_for_machines()
    {
        using var folder = new TempFolder();
        Cli export = Cli.Run("export", "--model", TinyModel.Folder, "--out", folder.File("tiny.gguf"), "--type", "bf16", "--json");
        JsonElement report = JsonDocument.Parse(export.Out).RootElement;
        Assert.Equal(folder.File("tiny.gguf"), report.GetProperty("file").GetString());
        Assert.Equal(new FileInfo(folder.File("tiny.gguf")).Length, report.GetProperty("bytes").GetInt64());
        Assert.Equal(("bf16", "smollm"), (report.GetProperty("type").GetString(), report.GetProperty("pre").GetString()));
        Assert.Contains(report.GetProperty("checks").EnumerateArray(), check => check.GetProperty("name").GetString() == "values");
    }

    [Fact]
    public void Every_command_that_takes_a_model_takes_the_file()
    {
        using var folder = new TempFolder();
        string file = folder.File("tiny.gguf");
        Assert.Equal(0, Cli.Run("export", "--model", TinyModel.Folder, "--out", file, "--type", "f32").ExitCode);
        foreach (string[] command in (string[][])[["score", "--text", "Take 1 and 2", "--json"], ["sample", "--prompt", "Take 1 and 2", "-n", "2", "--json"]])
        {
            Cli ofFile = Cli.Run([command[0], "--model", file, .. command[1..]]), ofFolder = Cli.Run([command[0], "--model", TinyModel.Folder, .. command[1..]]);
            Assert.True(ofFile.ExitCode == 0, ofFile.Error);
            Assert.Equal(ofFolder.Out, ofFile.Out);
        }

        Assert.Equal(Cli.Feed("so 12\n", "tokenize", "--model", TinyModel.Folder).Out, Cli.Feed("so 12\n", "tokenize", "--model", file).Out);
        Cli inspect = Cli.Run("inspect", file);
        Assert.Contains("general.architecture", inspect.Out);
        Assert.Contains("blk.1.ffn_down.weight", inspect.Out);
        Cli eval = Cli.Run(
            "eval", "--model", file, "--prompts", TinyModel.Prompts(folder), "--samples", "2", "--k", "1", "--max-new-tokens", "8", "--out",
            folder.File("eval.json"));
        Assert.True(eval.ExitCode == 0, eval.Error);
        Cli train = Cli.Run(
            ["train", "--recipe", "ttrl", "--model", file, "--prompts", TinyModel.Prompts(folder), "--out", folder.File("run"), "--steps", "1",
            "--set", "updates-per-rollout=1", .. Cli.Small]);
        Assert.True(train.ExitCode == 0, train.Error);
    }

    [Fact]
    public void Bad_requests_end_in_one_line()
    {
        using var folder = new TempFolder();
        Assert.Contains("must end in .gguf", Cli.Run("export", "--model", TinyModel.Folder, "--out", folder.File("x.bin")).BadInput());
        Assert.Contains(
            "--type q5_K: unknown; did you mean 'q4_K'?; choose from f32, f16, bf16, q8_0, q4_0, q4_K",
            Cli.Run("export", "--model", TinyModel.Folder, "--out", folder.File("x.gguf"), "--type", "f32,q5_K").BadInput());
        Assert.Contains("names f16 twice", Cli.Run("export", "--model", TinyModel.Folder, "--out", folder.File("x.gguf"), "--type", "f16,f16").BadInput());
        Assert.Contains(
            "--pre nonsense: unknown; known names are",
            Cli.Run("export", "--model", TinyModel.Folder, "--out", folder.File("x.gguf"), "--pre", "nonsense").BadInput());
        File.WriteAllText(folder.File("bad.gguf"), "GGUF and nothing else that makes sense");
        foreach (string command in (string[])["inspect", "score", "tokenize"])
        {
            string[] args = command == "inspect" ? [folder.File("bad.gguf")] : ["--model", folder.File("bad.gguf")];
            Assert.StartsWith("error:", Cli.Run([command, .. args, .. command == "score" ? (string[])["--text", "x"] : []]).BadInput(), StringComparison.Ordinal);
        }

        Assert.Empty(Directory.EnumerateFiles(folder.File("."), "x*"));
    }
}
