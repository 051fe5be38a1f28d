namespace Reasoning.Trainer.Tests.Commands;

/// <summary>What a person puts into an address is neither printed nor recorded.</summary>
public sealed class SecretTests
{
    [Theory]
    [InlineData("http://user:hunter2@localhost:8000/v1/embeddings")]
    [InlineData("http://localhost:8000/v1/embeddings?key=hunter2")]
    [InlineData("http://localhost:8000/v1/embeddings#hunter2")]
    [InlineData("user:hunter2@localhost")]
    public void An_address_with_a_secret_is_refused_without_repeating_it(string address)
    {
        using var folder = new TempFolder();
        string recipe = folder.Write("mine.yaml", $"summary: mine\nembedding-url: '{address}'\n");
        string[] run = ["train", "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--out", folder.File("run")];
        // Also where nothing uses it: a recipe is recorded as a whole.
        foreach (string[] args in (string[][])
            [["config", "show", "--recipe", recipe], ["config", "show", "--set", $"embedding-url={address}"], [.. run, "--recipe", recipe],
            [.. run, "--recipe", "evol-rl", "--set", "embedding=endpoint", "--set", $"embedding-url={address}", "--set", "embedding-model=m"]])
        {
            Cli refused = Cli.Run(args);
            Assert.Contains("embedding-key-variable", refused.BadInput());
            Assert.DoesNotContain("hunter2", refused.Error + refused.Out);
        }

        Assert.False(Directory.Exists(folder.File("run")));
    }
}
