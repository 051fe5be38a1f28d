using Reasoning.Models;
using Reasoning.Trainer.Methods;
using Reasoning.Trainer.Recipes;

namespace Reasoning.Trainer.Tests.Recipes;

public sealed class RecipeTests
{
    public static TheoryData<string> Shipped => [.. RecipeFile.Shipped];

    [Theory]
    [MemberData(nameof(Shipped))]
    public void A_shipped_recipe_sets_everything_its_objective_uses_and_nothing_else(string name)
    {
        RecipeFile file = RecipeFile.Load(name);
        Recipe recipe = EffectiveRecipe.Build(file, []).Recipe;
        string[] expected = [.. Setting.All.Where(setting => setting.Concerns(recipe)).Select(setting => setting.Name)];

        Assert.Equal(expected.Order(), file.Entries.Select(entry => entry.Key).Order());
        Assert.EndsWith(".", file.Summary);
        Assert.StartsWith("#", file.Source);
    }

    [Fact]
    public void The_table_of_README_has_every_shipped_recipe()
    {
        string[] rows = [.. File.ReadLines(Repository.Path("README.md")).Where(line => line.StartsWith('|'))];
        Assert.All(RecipeFile.Shipped, name => Assert.Contains(rows, row => row.Contains($"`{name}`", StringComparison.Ordinal)));
    }

    [Fact]
    public void Only_the_labelled_baseline_uses_gold_answers() =>
        Assert.Equal(["rlvr"], RecipeFile.Shipped.Where(name => EffectiveRecipe.Build(RecipeFile.Load(name), []).Recipe.UsesGold));

    [Fact]
    public void Every_setting_is_explained_and_its_default_is_allowed()
    {
        foreach (Setting setting in Setting.All)
        {
            Assert.EndsWith(".", setting.Effect);
            Assert.NotEmpty(setting.Unit);
            Assert.NotEqual("any", setting.Range);
            var recipe = new Recipe();
            setting.Put(recipe, setting.Default, "test");
            Assert.Equal(setting.Default, setting.Text(recipe));
        }
    }

    [Fact]
    public void A_recipe_with_a_base_changes_only_what_it_says()
    {
        using var folder = new TempFolder();
        string mine = folder.Write("mine.yaml", "summary: Slower.\nbase: ttrl\nlearning-rate: 1e-6\n");
        EffectiveRecipe effective = EffectiveRecipe.Build(RecipeFile.Load(mine), []);
        Assert.Equal((1e-6, "recipe mine", "recipe ttrl"), (effective.Recipe.LearningRate, effective.Origins["learning-rate"], effective.Origins["reward"]));

        RecipeDifference difference = RecipeDifference.FromShipped(effective)!;
        Assert.Equal(("ttrl", "learning-rate", "1e-6"), (difference.Other, difference.Changes.Single().Setting.Name, difference.Changes.Single().Ours));
        Assert.Matches(@"learning-rate\s+1e-6\s+3e-5", Cli.Run("config", "diff", mine).Out);
        Assert.Equal(Cli.Run("config", "diff", mine).Out, Cli.Run("config", "diff", mine, "ttrl").Out);
        Assert.Contains("the same settings", Cli.Run("config", "diff", "ttrl", "ttrl").Out);
        Assert.Contains("\"learning-rate\":[\"1e-6\",\"3e-5\"]", Cli.Run("config", "diff", mine, "--json").Out);
        Assert.Contains("name the other one", Cli.Run("config", "diff", "ttrl").BadInput());
        Assert.Contains("mine.yaml:2: base is 'trl'; did you mean 'ttrl'?", Cli.Run("config", "diff", folder.Write("mine.yaml", "summary: a\nbase: trl\n")).BadInput());
    }

    [Fact]
    public void The_header_names_what_a_copied_recipe_changes()
    {
        using var folder = new TempFolder();
        string copy = folder.Write("copy.yaml", RecipeFile.Load("evol-rl").Source.Replace("\nnovelty-alpha: 0.5", "\nnovelty-alpha: 0.7").Replace("\ntemperature: 1", "\ntemperature: 0.9"));
        Cli run = Cli.Train(folder, copy, "run", "--steps", "1", "--set", "updates-per-rollout=1", "--set", "eval-samples=0");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("\n          differs from evol-rl in temperature=0.9 (there 1), novelty-alpha=0.7 (there 0.5)\n", run.Error);
        Assert.DoesNotContain("differs from", Cli.Train(folder, "evol-rl", "other", "--steps", "1", "--set", "updates-per-rollout=1", "--set", "eval-samples=0").Error);
    }

    [Fact]
    public void Values_remember_where_they_came_from()
    {
        EffectiveRecipe effective = EffectiveRecipe.Build(RecipeFile.Load("ttrl"), [EffectiveRecipe.Assignment("learning-rate=1e-5")]);

        Assert.Equal(1e-5, effective.Recipe.LearningRate);
        Assert.Equal("command line", effective.Origins["learning-rate"]);
        Assert.Equal("recipe ttrl", effective.Origins["reward"]);
        Assert.Equal("default", effective.Origins["alpha"]);
    }

    [Theory]
    [InlineData("lerning-rate=1", "did you mean 'learning-rate'?")]
    [InlineData("clip=1", "did you mean 'clip-low'?")]
    [InlineData("learning-rate=-1", "allowed: 0 to 1000")]
    [InlineData("temperature=0", "allowed: 0.001 to 100")]
    [InlineData("prompts-per-step=1.5", "a whole number")]
    [InlineData("prompts-per-step=many", "allowed: 1 to 65536")]
    [InlineData("top-p=NaN", "allowed: above 0, up to 1")]
    [InlineData("objective=zerosaim", "did you mean 'zerosiam'?")]
    [InlineData("guard=maybe", "allowed: true | false")]
    [InlineData("reward=majority", "an entropy objective uses no reward")]
    [InlineData("learning-rate", "write key=value")]
    public void A_bad_setting_says_what_is_allowed(string assignment, string expected)
    {
        UserErrorException error = Assert.Throws<UserErrorException>(
            () => EffectiveRecipe.Build(RecipeFile.Load("zerosiam"), [EffectiveRecipe.Assignment(assignment)]));
        Assert.Contains(expected, error.Message);
    }

    [Fact]
    public void An_own_recipe_is_a_file_and_its_mistakes_name_the_line()
    {
        using var folder = new TempFolder();
        string good = folder.Write("mine.yaml", "summary: Mine.\nobjective: grpo\nreward: majority\nlora-targets: [q_proj, o_proj]\n");
        EffectiveRecipe effective = EffectiveRecipe.Build(RecipeFile.Load(good), []);
        Assert.Equal(Grpo.Declaration, effective.Recipe.Objective);
        Assert.Equal(["q_proj", "o_proj"], effective.Recipe.LoraTargets);
        Assert.Equal("recipe mine", effective.Origins["reward"]);

        string bad = folder.Write("bad.yaml", "summary: Mine.\nobjective: grpo\nrewards: majority\n");
        UserErrorException error = Assert.Throws<UserErrorException>(() => EffectiveRecipe.Build(RecipeFile.Load(bad), []));
        Assert.Contains("bad.yaml:3", error.Message);
        Assert.Contains("did you mean 'reward'?", error.Message);

        string broken = folder.Write("broken.yaml", "objective: [grpo\n");
        Assert.Contains("broken.yaml:", Assert.Throws<UserErrorException>(() => RecipeFile.Load(broken)).Message);
    }
}
