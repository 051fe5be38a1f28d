using Reasoning.Eval.Results;
using Reasoning.Models.Prompts;

namespace Reasoning.Trainer.Tests.Docs;

/// <summary>The programs in samples/ are short and do what their first lines say.</summary>
public sealed class SamplesTests
{
    private const int MostLines = 40;

    [Fact]
    public void Each_is_short()
    {
        string[] programs = Directory.GetFiles(Repository.Path("samples"), "*.cs", SearchOption.AllDirectories);
        Assert.Equal(4, programs.Length);
        Assert.All(programs, program => Assert.InRange(File.ReadLines(program).Count(), 1, MostLines));
    }

    [Fact]
    public void They_train_evaluate_select_and_export()
    {
        using var folder = new TempFolder();
        string prompts = TinyModel.Prompts(folder), run = folder.File("run"), model = Path.Combine(run, "model"), gguf = folder.File("mine.gguf");
        string trained = Sample("Train", TinyModel.Folder, prompts, run, "steps=1", "max-new-tokens=16", "samples-per-prompt=4", "eval-samples=2");
        Assert.StartsWith("target: ", trained);
        Assert.Contains($"Done after step 1, model {model}", trained);
        Assert.Contains("pass@4", Sample("Evaluate", prompts, TinyModel.Folder, model));
        var all = PromptSet.Load(prompts);
        EvalResult result = EvalFile.Read(Path.Combine(run, "eval-base-target.json"));
        string results = folder.File("results.json"), subset = folder.File("subset.jsonl");
        EvalFile.Write(results, result with { Problems = [.. result.Problems.Select(problem => problem with { Correct = [problem.PromptId == all.Prompts[1].Id, false] })] });
        Assert.Contains($"1 of {all.Prompts.Count} prompts have pass@1 from 0.2 to 0.8", Sample("Select", prompts, results, "pass@1", "0.2", "0.8", subset));
        Assert.Equal(all.Prompts[1], Assert.Single(PromptSet.Load(subset).Prompts));
        Assert.Contains("q8_0", Sample("Export", model, gguf));
        Assert.True(File.Exists(folder.File("mine-q8_0.gguf")));
    }

    [Fact]
    public void Errors_of_a_user_are_one_line()
    {
        foreach (string[] args in (string[][])
            [
                ["Train"], ["Evaluate", "no-such.jsonl", TinyModel.Folder],
                ["Select", "no-such.jsonl", "no-such.json", "pass@1", "0", "1", "subset.jsonl"], ["Export", "no-such-model", "mine.gguf"],
            ])
        {
            (int code, string output, string error) = Start(args[0], args[1..]);
            Assert.True(code == 2, $"{args[0]} ended with {code}: {error}");
            Assert.Empty(output);
            Assert.Single(error.TrimEnd().Split('\n'));
        }
    }

    private static string Sample(string name, params string[] args)
    {
        (int code, string output, string error) = Start(name, args);
        Assert.True(code == 0, $"{name} ended with {code}: {error}");
        return output;
    }

    private static (int Code, string Output, string Error) Start(string name, string[] args)
    {
        string folder = AppContext.BaseDirectory.Replace("Reasoning.Trainer.Tests", name, StringComparison.Ordinal);
        return OtherProgram.Start("dotnet", [Path.Combine(folder, $"{name}.dll"), .. args], "", 120);
    }
}
