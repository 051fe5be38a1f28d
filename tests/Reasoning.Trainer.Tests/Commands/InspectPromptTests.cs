using System.Text.Json;
using System.Text.RegularExpressions;
using Reasoning.Rewards.Vote;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Tests.Commands;

public sealed class InspectPromptTests
{
    [Theory]
    [InlineData("ttrl")]
    [InlineData("evol-rl")]
    public void It_says_why_each_answer_got_its_reward(string recipe)
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, recipe, "run", "--steps", "3", "--set", "eval-samples=0", "--set", "updates-per-rollout=1").ExitCode);
        string run = folder.File("run");
        JsonElement[] log = [.. File.ReadLines(RunFolder.Open(run).SamplesFile).Select(line => JsonDocument.Parse(line).RootElement)];
        string id = log[^1].GetProperty("prompt_id").GetString()!;
        JsonElement[] group = [.. log.Where(line => line.GetProperty("step").GetInt32() == 3 && line.GetProperty("prompt_id").GetString() == id)];

        // What the log says of the vote is what the answers say.
        VoteResult vote = MajorityVote.Vote([.. group.Select(line => new Ballot(line.GetProperty("answer").GetString(), line.GetProperty("finish").GetString() == "length"))]);
        Assert.All(group, line => Assert.Equal((vote.Winner, vote.WinnerVotes), (line.GetProperty("winner").GetString(), line.GetProperty("winner_votes").GetInt32())));
        Assert.Equal(vote.Class, group.Select(line => line.GetProperty("class").GetInt32()));
        Assert.Equal(vote.Class.Select(own => own < 0 ? 0 : vote.Votes[own]), group.Select(line => line.GetProperty("class_votes").GetInt32()));
        Assert.Equal(recipe == "evol-rl", group[0].TryGetProperty("novelty", out _));

        Cli inspected = Cli.Run("inspect", run, "--prompt", id);
        Assert.True(inspected.ExitCode == 0, inspected.Error);
        Assert.Contains($"prompt     {id}, step 3 of {run}", inspected.Out);
        Assert.Contains($"problem    {group[0].GetProperty("prompt").GetString()}", inspected.Out);
        Assert.Contains($"vote       {vote.Winner}, with {vote.WinnerVotes} of 6 votes", inspected.Out);
        Assert.Contains($"{vote.WinnerVotes} × {vote.Winner} (winner)", inspected.Out);
        Assert.Equal(recipe == "evol-rl", inspected.Out.Contains("novelty  ", StringComparison.Ordinal));
        foreach (JsonElement line in group)
            Assert.Matches($@"\n +{line.GetProperty("sample")} +{Regex.Escape(line.GetProperty("answer").GetString() ?? "–")} ", inspected.Out);
        Assert.Equal(inspected.Out, Cli.Run("inspect", run, "--prompt", id, "--step", "3").Out);
    }

    [Fact]
    public void What_was_not_logged_is_named()
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "tent", "run", "--steps", "1", "--set", "eval-samples=0").ExitCode);
        string run = folder.File("run"), samples = RunFolder.Open(run).SamplesFile;
        string id = JsonDocument.Parse(File.ReadLines(samples).First()).RootElement.GetProperty("prompt_id").GetString()!;
        Assert.Contains("does not use rewards", Cli.Run("inspect", run, "--prompt", id).Out);
        Assert.Contains("not among the prompts", Cli.Run("inspect", run, "--prompt", "unknown").BadInput());
        Assert.Contains($"no answer to {id} was logged in it, but in 1", Cli.Run("inspect", run, "--prompt", id, "--step", "7").BadInput());
        Assert.Contains("add --prompt ID", Cli.Run("inspect", run, "--step", "7").BadInput());
        Assert.Contains("not a run folder", Cli.Run("inspect", TinyModel.Folder, "--prompt", id).BadInput());

        // A log of an earlier version, which said less.
        File.WriteAllLines(samples, File.ReadAllLines(samples).Select(line => Regex.Replace(line, "\"(prompt|gold|winner|winner_votes|read|class|class_votes|class_weight)\":(\"[^\"]*\"|[^,]*),", "")));
        Assert.Contains("not logged by the version that wrote this run", Cli.Run("inspect", run, "--prompt", id).Out);
        File.WriteAllLines(samples, Enumerable.Range(0, 13).Select(i =>
            $$"""{"step":1,"prompt_id":"many","sample":{{i}},"prompt":"P","winner":"0","winner_votes":1,"finish":"stop","answer":"{{i}}","read":"box","class":{{i}},"class_votes":1,"class_weight":1,"agrees":false,"learns":true,"reward":0,"advantage":0}"""));
        Assert.Contains("\n           3 votes for 3 other answers\n", Cli.Run("inspect", run, "--prompt", "many").Out);
        File.WriteAllText(samples, "{\"step\":1}\n");
        Assert.Contains("a line without prompt_id and step", Cli.Run("inspect", run, "--prompt", id).BadInput());
        File.Delete(samples);
        Assert.Contains("log-samples-every", Cli.Run("inspect", run, "--prompt", id).BadInput());
    }
}
