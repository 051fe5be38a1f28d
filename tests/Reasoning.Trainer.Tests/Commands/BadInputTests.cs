using Reasoning.Models.Tokenization;

namespace Reasoning.Trainer.Tests.Commands;

public sealed class BadInputTests
{
    [Theory]
    [InlineData("unknown command 'trian'; did you mean 'train'?", "trian")]
    [InlineData("unknown option '--modle'; did you mean '--model'?", "eval", "--modle", "x")]
    [InlineData("unknown command 'sow'; did you mean 'show'?", "config", "sow")]
    [InlineData("it is the setting learning-rate: --set learning-rate=VALUE", "train", "--lr", "1e-5")]
    [InlineData("it is the setting learning-rate: --set learning-rate=VALUE", "compare", "--recipes", "tent", "--learning-rate", "1e-5")]
    [InlineData("it is the setting prompts-per-step", "train", "--batch-size=8")]
    [InlineData("it is the setting samples-per-prompt", "train", "--num_generations", "8")]
    [InlineData("here it is 'max-new-tokens'", "train", "--set", "max_completion_length=100")]
    [InlineData("here it is 'kl-coefficient'", "config", "show", "--set", "actor.kl_loss_coef=0")]
    [InlineData("fetch it first", "eval", "--model", "Qwen/Qwen3-0.6B")]
    [InlineData("'more' is an unexpected argument", "doctor", "more")]
    [InlineData("did you mean --recipe ttrl?", "train", "ttrl")]
    [InlineData("did you mean --show ttrl?", "recipes", "ttrl")]
    [InlineData("did you mean --prompt 'What is 3 + 4?'?", "sample", "What is 3 + 4?")]
    [InlineData("lists have commas", "eval", "--k", "1", "4")]
    [InlineData("it reads standard input: reasoning grade < file.jsonl", "grade", "file.jsonl")]
    [InlineData("it belongs behind a command: reasoning train --recipe", "--recipe", "ttrl")]
    [InlineData("--steps is '1e3'; write a whole number", "train", "--steps", "1e3")]
    [InlineData("--temperature is 'warm'; write a number", "eval", "--temperature", "warm")]
    [InlineData("here it is --prompts", "train", "--dataset_name", "x")]
    [InlineData("here it is --out", "eval", "--output_dir=x")]
    [InlineData("here it is --device", "train", "--gpu")]
    [InlineData("it is the setting learning-rate", "train", "--learning_rate", "1")]
    [InlineData("here it is 'learning-rate'", "train", "--set", "learning_rate=1")]
    [InlineData("did you mean 'q4_K'?", "export", "--out", "x.gguf", "--type", "q4_k_m")]
    [InlineData("unknown recipe 'zero'; did you mean 'zerosiam'?", "train", "--recipe", "zero")]
    [InlineData("no such recipe file", "train", "--recipe", "mine.yaml")]
    [InlineData("a whole number", "eval", "--samples", "many")]
    [InlineData("--samples is 0; allowed: 1 to 1000", "eval", "--samples", "0")]
    [InlineData("--k is 'x'", "eval", "--k", "x")]
    [InlineData("did you mean 'learning-rate'?", "train", "--set", "learningrate=1")]
    [InlineData("allowed: 0 to 1000", "config", "show", "--set", "learning-rate=-3")]
    [InlineData("steps is '-1'", "train", "--steps", "-1")]
    [InlineData("--resume: say which run", "train", "--resume")]
    [InlineData("not a run folder", "train", "--resume", "--out", "/nonexistent")]
    [InlineData("Option '--text' is required", "score")]
    [InlineData("--device is 'gpu'", "score", "--text", "a", "--device", "gpu")]
    [InlineData("docs/devices.md", "score", "--text", "a", "--device", "cuda:99")]
    public void A_mistake_on_the_command_line_is_one_line_that_helps(string expected, params string[] args) =>
        Assert.Contains(expected, Cli.Run(args).BadInput());

    [Fact]
    public void A_missing_checkpoint_is_named() =>
        Assert.Contains("/nonexistent", Score("/nonexistent"));

    [Fact]
    public void A_truncated_checkpoint_is_named()
    {
        using var folder = new TempFolder();
        string copy = folder.Copy(TinyModel.Folder);
        using (FileStream weights = File.OpenWrite(Path.Combine(copy, "model.safetensors"))) weights.SetLength(weights.Length / 2);

        Assert.Contains("model.safetensors", Score(copy));
    }

    [Fact]
    public void An_unknown_model_type_is_named()
    {
        using var folder = new TempFolder();
        string copy = folder.Copy(TinyModel.Folder), config = Path.Combine(copy, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("\"qwen3\"", "\"mamba\"", StringComparison.Ordinal));

        string error = Score(copy);
        Assert.Contains("config.json", error);
        Assert.Contains("mamba", error);
    }

    [Fact]
    public void A_tokenizer_that_does_not_belong_to_the_embedding_is_refused()
    {
        using var folder = new TempFolder();
        string copy = folder.Copy(TinyModel.Folder);
        string corpus = string.Join(' ', Enumerable.Range(0, 400).Select(i => $"word{(char)('a' + (i % 26))}{(char)('a' + (i / 26))}x"));
        File.WriteAllText(Path.Combine(copy, "tokenizer.json"), BpeTrainer.Train([corpus, corpus], 500, ["<|endoftext|>"]));

        Assert.Contains("they do not belong together", Score(copy));
    }

    [Theory]
    [InlineData("{\"prompt\":\"one\"}\n{\"prompt\":\n", ":2")]
    [InlineData("{\"prompt\":\"one\"}\n\n{\"text\":\"two\"}\n", ":3")]
    [InlineData("", "empty")]
    public void A_malformed_prompt_file_is_named_with_the_line(string content, string place)
    {
        using var folder = new TempFolder();
        string file = folder.Write("bad.jsonl", content);
        string error = Cli.Run("train", "--model", TinyModel.Folder, "--prompts", file, "--out", folder.File("run")).BadInput();

        Assert.Contains("bad.jsonl", error);
        Assert.Contains(place, error);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named()
    {
        using var folder = new TempFolder();
        string blocked = Path.Combine(folder.Write("file", "in the way"), "run");
        string error = Cli.Run(
            ["train", "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--out", blocked, .. Cli.Small]).BadInput();

        Assert.Contains(blocked, error);
    }

    [Fact]
    public void A_folder_with_something_else_in_it_is_not_overwritten()
    {
        using var folder = new TempFolder();
        string prompts = TinyModel.Prompts(folder);
        Assert.Contains(
            "not a run folder", Cli.Run(
                ["train", "--model", TinyModel.Folder, "--prompts", prompts, "--out", folder.Path, .. Cli.Small]).BadInput());
    }

    [Fact]
    public void A_resumed_run_cannot_change_what_its_first_steps_did()
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "tent", "run", "--steps", "1", "--set", "eval-samples=0").ExitCode);
        string run = folder.File("run");

        Assert.Contains("learning-rate is", Cli.Run("train", "--resume", "--out", run, "--set", "learning-rate=7").BadInput());
        Assert.Contains("has the recipe tent", Cli.Run("train", "--resume", "--out", run, "--recipe", "ttrl").BadInput());
        Assert.Contains("prompts", Cli.Run("train", "--resume", "--out", run, "--prompts", OtherPrompts(folder)).BadInput());
        Assert.Contains("has done 1 steps", Cli.Run("train", "--resume", "--out", run, "--steps", "0").BadInput());
        Assert.Contains("holds a run already", Cli.Train(folder, "tent", "run").BadInput());
    }

    [Fact]
    public void The_labelled_baseline_needs_labels()
    {
        using var folder = new TempFolder();
        string prompts = TinyModel.Prompts(folder, withAnswers: false);
        string error = Cli.Run(
            ["train", "--recipe", "rlvr", "--model", TinyModel.Folder, "--prompts", prompts, "--out", folder.File("run"), .. Cli.Small,
            "--set", "updates-per-rollout=1"]).BadInput();
        Assert.Contains("needs prompts with answers", error);
    }

    private static string OtherPrompts(TempFolder folder) => folder.Write("other.jsonl", "{\"prompt\":\"another\"}\n");

    private static string Score(string model) => Cli.Run("score", "--model", model, "--text", "x").BadInput();
}
