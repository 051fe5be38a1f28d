using Reasoning.Models;
using Reasoning.Rewards.Novelty;
using Reasoning.Trainer.RewardRules;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Tests.Loop;

public sealed class MiniLmPlugInTests(ITestOutputHelper output)
{
    private const string Why = "the plug-in is not built; to test it: dotnet build -c Release src/Reasoning.MiniLM";

    private static readonly string[] s_lines =
    [
        "We add 3 and 4 to get 7, then double it to 14.",
        "First sum three and four, which is seven; twice that is fourteen.",
        "Let x be the number of apples; then 2x + 3 = 11, so x = 4.",
        "By the chain rule, the derivative of sin(x^2) is 2x cos(x^2).",
        "The cat sleeps on the warm windowsill.",
        "  ",
    ];

    [Fact]
    public void Lines_of_one_meaning_are_alike_in_other_words_where_n_grams_see_little()
    {
        Assert.SkipUnless(File.Exists(MiniLmPlugIn.DefaultFile), Why);
        ITextEmbedding embedding = MiniLmPlugIn.Load(MiniLmPlugIn.DefaultFile);
        using var end = (IDisposable)embedding;
        float[][] vectors = embedding.Embed(s_lines);
        for (int i = 1; i < 5; i++) output.WriteLine($"{Cosine(vectors[0], vectors[i]):0.000}  {s_lines[0]} | {s_lines[i]}");

        Assert.All(vectors, vector => Assert.Equal(384, vector.Length));
        Assert.All(vectors[..5], vector => Assert.Equal(1, Cosine(vector, vector), 1e-5));
        Assert.All(vectors[5], value => Assert.Equal(0, value));
        Assert.InRange(Cosine(vectors[0], vectors[1]), 0.5, 0.95);
        Assert.InRange(Cosine(vectors[0], vectors[3]), -0.2, 0.3);
        Assert.InRange(Cosine(vectors[0], vectors[4]), -0.2, 0.2);
        float[][] words = new HashedNgramEmbedding().Embed(s_lines);
        Assert.True(Cosine(words[0], words[1]) < Cosine(vectors[0], vectors[1]) - 0.2);

        // A vector depends on its text alone, and is the same every time.
        string[] many = [.. Enumerable.Range(0, 20).Select(i => s_lines[i % 5])];
        float[][] all = embedding.Embed(many);
        for (int i = 0; i < many.Length; i++) Assert.Equal(vectors[i % 5], all[i]);
        Assert.Empty(embedding.Embed([]));
    }

    [Fact]
    public void A_run_judges_novelty_with_it_and_resumes_byte_for_byte()
    {
        Assert.SkipUnless(File.Exists(MiniLmPlugIn.DefaultFile), Why);
        using var folder = new TempFolder();
        Cli run = Cli.Train(folder, "evol-rl", "run", "--steps", "2", "--set", "embedding=minilm", "--set", "updates-per-rollout=1");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("all-MiniLM-L6-v2", run.Error);
        Assert.All(File.ReadLines(RunFolder.Open(folder.File("run")).MetricsFile), line => Assert.Contains("\"novelty_on\":1", line));
        Cli verified = Cli.Run(
            ["verify-resume", "--recipe", "evol-rl", "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--steps", "1",
            "--set", "embedding=minilm", .. Cli.Small[..6], "--set", "updates-per-rollout=1"]);
        Assert.True(verified.ExitCode == 0, verified.Out + verified.Error);
    }

    [Fact]
    public void Without_it_one_line_says_how_to_get_it()
    {
        Assert.SkipWhen(File.Exists(MiniLmPlugIn.DefaultFile), "the plug-in is built");
        using var folder = new TempFolder();
        string error = Cli.Train(folder, "evol-rl", "run", "--set", "embedding=minilm", "--set", "updates-per-rollout=1").BadInput();
        Assert.Contains($"not there: {MiniLmPlugIn.DefaultFile}; build it with 'dotnet build -c Release src/Reasoning.MiniLM'", error);
        Assert.False(Directory.Exists(folder.File("run")));
    }

    [Fact]
    public void What_is_not_there_or_does_not_load_is_an_error_of_one_line()
    {
        using var folder = new TempFolder();
        string none = folder.File("Reasoning.MiniLM.dll");
        Assert.Contains("not there", Assert.Throws<UserErrorException>(() => MiniLmPlugIn.Load(none)).Message);
        string broken = folder.Write("Reasoning.MiniLM.dll", "not an assembly");
        string message = Assert.Throws<UserErrorException>(() => MiniLmPlugIn.Load(broken)).Message;
        Assert.Contains($"{broken} does not load: ", message);
        Assert.DoesNotContain('\n', message);
    }

    private static double Cosine(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();
}
