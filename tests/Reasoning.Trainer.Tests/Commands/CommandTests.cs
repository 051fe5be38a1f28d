using System.Text.Json;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Tests.Commands;

public sealed class CommandTests
{
    [Fact]
    public void Tokenize_goes_both_ways_line_by_line()
    {
        string[] lines = ["Take 1 and 2", "", "so \\boxed{3}"];
        Cli ids = Cli.Feed(string.Join('\n', lines) + "\n", "tokenize", "--model", TinyModel.Folder, "--json");
        Assert.Equal(0, ids.ExitCode);
        Assert.All(Lines(ids.Out), line => Assert.Equal(JsonValueKind.Array, JsonDocument.Parse(line).RootElement.ValueKind));

        Cli text = Cli.Feed(ids.Out, "tokenize", "--model", TinyModel.Folder, "--decode");
        Assert.Equal(lines, text.Out.Split('\n')[..3]);
        Assert.Contains("standard input:2", Cli.Feed("[1]\n[99999]\n", "tokenize", "--model", TinyModel.Folder, "--decode").BadInput());
    }

    [Fact]
    public void Grade_repeats_each_line_with_its_outcome()
    {
        const string Input = "{\"id\":7,\"gold\":\"1/2\",\"answer\":\"0.5\"}\n{\"gold\":\"3\",\"response\":\"so "
            + "\\\\boxed{4}\"}\n{\"gold\":\"3\",\"response\":\"none\"}\n";
        Cli grade = Cli.Feed(Input, "grade", "--json");

        JsonElement[] items = [.. Lines(grade.Out).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(["equal", "different", "unparsed"], items.Select(item => item.GetProperty("outcome").GetString()));
        Assert.Equal([true, false, false], items.Select(item => item.GetProperty("equal").GetBoolean()));
        Assert.Equal(7, items[0].GetProperty("id").GetInt32());
        Assert.Equal("4", items[1].GetProperty("extracted").GetString());
        Assert.Contains("standard input:1", Cli.Feed("{\"answer\":\"1\"}", "grade", "--json").BadInput());
    }

    [Fact]
    public void Grade_says_which_lines_are_bad_and_grades_the_rest()
    {
        Cli grade = Cli.Feed("{\"gold\":\"1\",\"answer\":\"1\"}\nno JSON\n{\"gold\":\"1\"}\n[]\n{\"gold\":\"2\",\"answer\":\"3\"}\n", "grade");

        Assert.Equal(2, grade.ExitCode);
        Assert.Equal(["equal", "different"], Lines(grade.Out).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("outcome").GetString()));
        Assert.Equal(["standard input:2:", "standard input:3:", "standard input:4:"], grade.Errors.Select(error => error["error: ".Length..][.."standard input:2:".Length]));
        Assert.EndsWith("1 of 5 equal, 3 could not be graded\n", grade.Error);
    }

    [Fact]
    public void Grade_explains_how_each_side_was_read_one_line_a_step()
    {
        const string Line = """{"gold":"1/12","response":"So \\boxed{0.0833333333333333\\,}."}""";
        string[] lines = [.. Lines(Cli.FeedOnTerminal(Line, "grade", "--explain").Out)];
        Assert.Equal(["  line  outcome        extracted", "     1  equal          0.0833333333333333\\,"], lines[..2]);
        Assert.Contains("                         layout: 0.0833333333333333", lines);
        Assert.Contains("                       equal: rounding", lines);
        JsonElement explained = JsonDocument.Parse(Cli.Feed(Line, "grade", "--explain", "--json").Out).RootElement;
        Assert.Equal(lines.Skip(2).Select(line => line[23..]), explained.GetProperty("explanation").EnumerateArray().Select(step => step.GetString()));
    }

    [Fact]
    public void Score_prints_ids_logprobs_and_entropies()
    {
        JsonElement score =
            JsonDocument.Parse(Cli.Run("score", "--model", TinyModel.Folder, "--text", "Take 1 and 2", "--json").Out).RootElement;
        int ids = score.GetProperty("ids").GetArrayLength();

        Assert.Equal(ids - 1, score.GetProperty("logprobs").GetArrayLength());
        Assert.Equal(ids - 1, score.GetProperty("entropies").GetArrayLength());
    }

    [Fact]
    public void Contamination_gives_each_prompt_its_scores_and_names_the_reference()
    {
        using var folder = new TempFolder();
        string prompts = TinyModel.Prompts(folder), corpus = folder.Write("corpus.txt", "Take 1 and 2\nWhat is the sum?\n");
        string[] args = ["contamination", "--model", TinyModel.Folder, "--prompts", prompts];
        JsonElement[] rows = [.. Cli.Run([.. args, "--reference", corpus, "--json"]).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)];
        Reasoning.Models.Prompts.Prompt first = Reasoning.Models.Prompts.PromptSet.Load(prompts).Prompts[0];
        JsonElement score = JsonDocument.Parse(Cli.Run("score", "--model", TinyModel.Folder, "--text", first.Text, "--json").Out).RootElement;
        Assert.Equal(first.Id, rows[0].GetProperty("id").GetString());
        Assert.Equal(Doubles(score, "logprobs").Average(), rows[0].GetProperty("mean_logprob").GetDouble(), 1e-6);
        Assert.True(rows[0].GetProperty("min_20_percent").GetDouble() < rows[0].GetProperty("mean_logprob").GetDouble());
        Assert.InRange(rows[0].GetProperty("dc_pdd").GetDouble(), 0, 0.01);
        Assert.True(score.GetProperty("nuclear_norm").GetDouble() > 1 && score.GetProperty("spectral_entropy").GetDouble() > 0);

        Cli table = Cli.Run([.. args, "--reference", corpus]);
        Assert.Contains($"reference {corpus}, ", table.Out);
        Cli without = Cli.Run(args);
        Assert.Contains("no DC-PDD without --reference", without.Out);
        Assert.Contains("missing.txt", Cli.Run([.. args, "--reference", "missing.txt"]).BadInput());
    }

    [Fact]
    public void Score_and_sample_reproduce_the_reference_of_the_stories_model()
    {
        string model = SharedFolder.Require("models/stories260k");
        JsonElement expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(model, "expected.json"))).RootElement;
        foreach (JsonElement item in expected.GetProperty("cases").EnumerateArray())
        {
            JsonElement score = JsonDocument.Parse(
                Cli.Run("score", "--model", model, "--text", item.GetProperty("text").GetString()!, "--json").Out).RootElement;
            Assert.Equal(Ints(item, "ids"), Ints(score, "ids"));
            foreach (string name in (string[])["logprobs", "entropies"])
                Assert.All(Doubles(item, name).Zip(Doubles(score, name)), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        }

        JsonElement sample = JsonDocument.Parse(
            Cli.Run("sample", "--model", model, "--prompt", "", "--temperature", "0", "--max-new-tokens", "64", "--json").Out).RootElement;
        Assert.Equal(Ints(expected, "greedy_ids"), Ints(sample, "prompt_ids").Concat(Ints(sample, "ids")));
    }

    [Fact]
    public void Sample_repeats_itself_for_a_seed()
    {
        string[] args = ["sample", "--model", TinyModel.Folder, "--prompt", "Take 1 and 2", "-n", "3", "--json", "--max-new-tokens", "12"];
        Cli first = Cli.Run([.. args, "--seed", "4"]), second =
            Cli.Run([.. args, "--seed", "4"]), other = Cli.Run([.. args, "--seed", "5"]);

        Assert.Equal(3, Lines(first.Out).Length);
        Assert.Equal(first.Out, second.Out);
        Assert.NotEqual(first.Out, other.Out);
    }

    [Fact]
    public void Eval_prints_every_number_with_its_interval_and_writes_the_problems()
    {
        using var folder = new TempFolder();
        string[] args = ["eval", "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--samples", "8", "--k", "1,4,8",
        "--max-new-tokens", "16"];
        Cli table = Cli.Run(args), json = Cli.Run([.. args, "--json", "--out", folder.File("eval.json")]);

        Assert.Contains("pass@4", table.Out);
        Assert.Contains("95 % interval", table.Out);
        JsonElement metrics = JsonDocument.Parse(json.Out).RootElement.GetProperty("metrics");
        Assert.Equal(
            ["pass@1", "pass@4", "pass@8", "maj@4", "maj@8", "greedy", "vote share"], metrics.EnumerateObject().Select(
                metric => metric.Name));
        Assert.All(metrics.EnumerateObject(), metric => Assert.Equal(3, metric.Value.GetArrayLength()));
        Assert.True(File.Exists(folder.File("eval.json")));
        Assert.Contains("k is 9", Cli.Run([.. args[..^4], "--k", "9"]).BadInput());
    }

    [Fact]
    public void Eval_against_another_model_or_an_earlier_file_prints_the_table_of_train()
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "ttrl", "run", "--steps", "2", "--set", "updates-per-rollout=1").ExitCode);
        string adapted = folder.File("run/model");
        string[] args = ["eval", "--prompts", folder.File("prompts.jsonl"), "--samples", "4", "--max-new-tokens", "16", "--model"];
        Assert.Equal(0, Cli.Run([.. args, TinyModel.Folder, "--out", folder.File("base.json")]).ExitCode);
        Cli models = Cli.Run([.. args, adapted, "--against", TinyModel.Folder]), file = Cli.Run([.. args, adapted, "--against", folder.File("base.json")]);

        Assert.True(models.ExitCode == 0, models.Error);
        Assert.Equal(models.Out, file.Out);
        string hash = FolderHash.Of(TinyModel.Folder)[..8], other = FolderHash.Of(adapted)[..8];
        Assert.NotEqual(hash, other);
        Assert.Contains($"\n  base:    {TinyModel.Folder}, hash {hash}\n  adapted: {adapted}, hash {other}\n", models.Out);
        Assert.Matches(@"pass@1 .* \[ .*\n(.*\n)*  → ", models.Out);
        JsonElement set = JsonDocument.Parse(Cli.Run([.. args, adapted, "--against", folder.File("base.json"), "--json"]).Out).RootElement.GetProperty("sets").GetProperty("prompts.jsonl");
        Assert.Equal(FolderHash.Of(adapted), set.GetProperty("adapted_model_hash").GetString());
        Assert.Equal(TinyModel.Folder, set.GetProperty("base_model").GetString());
        Assert.Equal(3, set.GetProperty("metrics").GetProperty("pass@1").GetProperty("difference").GetArrayLength());
        Assert.Contains("the settings differ: n=4", Cli.Run([.. args, adapted, "--against", folder.File("base.json"), "--seed", "2"]).BadInput());
    }

    [Fact]
    public void Every_evaluation_names_its_model_and_hash()
    {
        using var folder = new TempFolder();
        string[] args = ["eval", "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--samples", "2", "--max-new-tokens", "16"];
        string hash = FolderHash.Of(TinyModel.Folder);
        Assert.Contains($"\n  model: {TinyModel.Folder}, hash {hash[..8]}\n", Cli.Run(args).Out);
        JsonElement json = JsonDocument.Parse(Cli.Run([.. args, "--json"]).Out).RootElement;
        Assert.Equal((TinyModel.Folder, hash), (json.GetProperty("model").GetString(), json.GetProperty("model_hash").GetString()));

        Cli run = Cli.Train(folder, "tent", "run", "--steps", "1", "--json");
        JsonElement set = JsonDocument.Parse(run.Out).RootElement.GetProperty("sets").EnumerateObject().First().Value;
        Assert.Equal(hash, set.GetProperty("base_model_hash").GetString());
        Assert.Equal(FolderHash.Of(folder.File("run/model")), set.GetProperty("adapted_model_hash").GetString());
    }

    [Fact]
    public void Inspect_knows_checkpoints_tensor_files_and_runs()
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "tent", "run", "--steps", "1").ExitCode);

        Assert.Contains("qwen3: 2 layers, width 32", Cli.Run("inspect", TinyModel.Folder).Out);
        Assert.Contains("model.embed_tokens.weight", Cli.Run("inspect", Path.Combine(TinyModel.Folder, "model.safetensors")).Out);
        Assert.Contains("recipe tent", Cli.Run("inspect", folder.File("run")).Out);
        Assert.Contains("neither a checkpoint", Cli.Run("inspect", folder.Path).BadInput());
    }

    [Fact]
    public void Doctor_finds_a_sound_installation()
    {
        Cli doctor = Cli.Run("doctor");
        Assert.Equal(0, doctor.ExitCode);
        Assert.Contains("ok         cpu: model and gradient", doctor.Out);
        Assert.Contains("ok         cpu: training and sampling", doctor.Out);
    }

    [Fact]
    public void Config_show_lists_values_with_origins_and_recipes_lists_names()
    {
        Cli config = Cli.Run("config", "show", "--recipe", "ttrl", "--set", "clip-high=0.3");
        Assert.Matches(@"clip-high\s+0\.3\s+ratio\s+command line", config.Out);
        Assert.Matches(@"reward\s+majority\s+word\s+recipe ttrl", config.Out);
        Assert.Contains("evol-rl", Cli.Run("recipes").Out);
        Assert.StartsWith("# TTRL", Cli.Run("recipes", "--show", "ttrl").Out);
    }

    [Fact]
    public void Compare_prints_one_table_over_recipes_and_seeds()
    {
        using var folder = new TempFolder();
        Cli compare = Cli.Run(
            ["compare", "--recipes", "tent,ttrl", "--seeds", "2", "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(
                folder), "--out", folder.File("all"),
                .. Cli.Small, "--set", "steps=1", "--set", "updates-per-rollout=1"]);

        Assert.True(compare.ExitCode == 0, compare.Error);
        foreach (string metric in (string[])["pass@1", "greedy"])
            Assert.Matches($@"\n{metric} on target prompts, 2 seeds\n +base .*\n  tent .*\n  ttrl ", compare.Out);
        Assert.True(Directory.Exists(folder.File("all/ttrl-seed2")));
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<int> Ints(JsonElement item, string name) =>
        item.GetProperty(name).EnumerateArray().Select(value => value.GetInt32());

    private static double[] Doubles(JsonElement item, string name) =>
        [.. item.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];
}
