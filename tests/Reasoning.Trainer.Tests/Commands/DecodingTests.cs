using System.Text.Json;

namespace Reasoning.Trainer.Tests.Commands;

/// <summary>Options of <c>eval</c> and <c>sample</c> that change how tokens are drawn.</summary>
public sealed class DecodingTests
{
    [Fact]
    public void Entropy_minimization_raises_the_vote_share_is_recorded_and_leaves_greedy_answers()
    {
        using var folder = new TempFolder();
        string[] eval =
        [
            "eval", "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder, 4), "--samples", "24", "--max-new-tokens", "12",
            "--temperature", "1", "--top-p", "1", "--json",
        ];
        JsonElement plain = Json(eval), sharp = Json([.. eval, "--em-steps", "15", "--out", folder.File("sharp.json")]);
        Assert.False(plain.TryGetProperty("em_steps", out _));
        Assert.Equal(15, sharp.GetProperty("em_steps").GetInt32());
        Assert.Equal(0.3, sharp.GetProperty("em_threshold").GetDouble());
        Assert.True(Share(sharp) > Share(plain) + 0.05, $"{Share(plain)} → {Share(sharp)}");
        Assert.Equal(Metric(plain, "greedy"), Metric(sharp, "greedy"));
        Assert.Contains("\"entropyMinimization\":{\"steps\":15,", File.ReadAllText(folder.File("sharp.json")));
        Assert.Contains("EM-INF up to 15 steps", Cli.Run([.. eval[..^1], "--em-steps", "15"]).Out);

        static double Share(JsonElement result) => Metric(result, "vote share");

        static double Metric(JsonElement result, string name) => result.GetProperty("metrics").GetProperty(name)[0].GetDouble();
    }

    [Fact]
    public void Two_models_report_the_share_of_the_large_one()
    {
        using var folder = new TempFolder();
        string[] eval =
        [
            "eval", "--model", TinyModel.Folder, "--large-model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder, 3), "--samples", "4",
            "--max-new-tokens", "12", "--switch-least", "2", "--switch-window", "1",
        ];
        Cli never = Cli.Run([.. eval, "--switch-entropy", "100"]), soon = Cli.Run([.. eval, "--switch-entropy=-1"]);
        Assert.True(never.ExitCode == 0, never.Error);
        Assert.Contains("the large model drew 0.0 % of the sampled tokens", never.Out);
        Assert.Matches("the large model drew [5-9][0-9].[0-9] % of the sampled tokens", soon.Out);
        Assert.Contains("two models: large above 100 nats", never.Out.ReplaceLineEndings(" ").Replace("  ", " ", StringComparison.Ordinal));
        JsonElement share = Json([.. eval, "--switch-entropy=-1", "--json"]).GetProperty("large_token_share");
        Assert.InRange(share.GetDouble(), 0.5, 0.9);

        double Drawn(string quantile) => Json([.. eval, "--switch-quantile", quantile, "--json"]).GetProperty("large_token_share").GetDouble();
        (double often, double rarely) = (Drawn("0"), Drawn("1"));
        Assert.True(often > rarely + 0.2, $"{often} and {rarely}");

        // One model twice answers as it does alone.
        string[] sample = ["sample", "--model", TinyModel.Folder, "--prompt", "Take 1 and 2", "-n", "2", "--max-new-tokens", "12", "--json"];
        string[] alone = [.. Cli.Run(sample).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        string[] both = [.. Cli.Run([.. sample, "--large-model", TinyModel.Folder, "--switch-entropy=-1"]).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        Assert.Equal(alone.Select(Text), both.Select(Text));
        Assert.Equal(
            both.Select(line => Math.Max(0, JsonDocument.Parse(line).RootElement.GetProperty("ids").GetArrayLength() - 5)),
            both.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("large_tokens").GetInt32()));

        static string Text(string line) => JsonDocument.Parse(line).RootElement.GetProperty("text").GetString()!;
    }

    [Theory]
    [InlineData("--em-steps is for this program's own engine", "--em-steps", "3", "--engine", "llama")]
    [InlineData("--large-model is for this program's own engine", "--large-model", "m", "--switch-entropy", "1", "--engine", "llama")]
    [InlineData("--large-model needs --switch-entropy", "--large-model", "m")]
    [InlineData("--switch-quantile both set the threshold", "--large-model", "m", "--switch-entropy", "1", "--switch-quantile", "0.5")]
    [InlineData("need a second model", "--switch-entropy", "1")]
    [InlineData("em-rate is 0", "--em-steps", "3", "--em-rate", "0")]
    [InlineData("em-steps is -1", "--em-steps=-1")]
    public void What_cannot_be_meant_is_one_line(string expected, params string[] options)
    {
        using var folder = new TempFolder();
        string[] common = ["--model", TinyModel.Folder, "--max-new-tokens", "12"];
        Assert.Contains(expected, Cli.Run(["eval", .. common, "--prompts", TinyModel.Prompts(folder, 1), "--samples", "2", .. options]).BadInput());
        if (options.Contains("--switch-quantile")) return; // one prompt has no quantile
        Assert.Contains(expected, Cli.Run(["sample", .. common, "--prompt", "Take 1 and 2", .. options]).BadInput());
    }

    [Fact]
    public void Models_with_different_tokenizers_are_refused()
    {
        string error = Cli.Run(
            "sample", "--model", TinyModel.Folder, "--prompt", "Take 1 and 2", "--large-model", Repository.Path("checkpoints/starter"), "--switch-entropy", "1")
            .BadInput();
        Assert.Contains("has another tokenizer than the small one", error);
    }

    private static JsonElement Json(string[] args)
    {
        Cli run = Cli.Run(args);
        Assert.True(run.ExitCode == 0, run.Error);
        return JsonDocument.Parse(run.Out).RootElement;
    }
}
