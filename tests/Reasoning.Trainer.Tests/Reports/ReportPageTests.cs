using System.Text.Json.Nodes;
using Reasoning.Trainer.Reports;

namespace Reasoning.Trainer.Tests.Reports;

/// <summary>The page in headless Chromium, on a phone and on a desk, light and dark: tests/oracles/report-page.mjs looks, these judge.</summary>
public sealed class ReportPageTests(ITestOutputHelper output)
{
    private const int MostBytes = 3_000_000, MostMilliseconds = 1000;

    [Fact]
    public void The_page_of_a_run_of_100_steps_with_1024_answers_is_sound_small_and_fast()
    {
        using var folder = new TempFolder();
        string page = Made(folder, everySample: 50);
        JsonNode seen = Check(page);
        Assert.True(seen["keys"]!["cell"]!.GetValue<bool>(), "the enter key on a cell does not show its problem");
        JsonArray filter = seen["keys"]!["filter"]!.AsArray();
        Assert.Equal(768, filter[0]!.GetValue<int>());
        Assert.Equal(filter[2]!.GetValue<int>(), filter[1]!.GetValue<int>());
        Assert.InRange(filter[1]!.GetValue<int>(), 1, 767);
    }

    [SlowFact]
    public void The_page_of_a_run_that_logged_every_answer_is_sound_small_and_fast()
    {
        using var folder = new TempFolder();
        Check(Made(folder, everySample: 1));
    }

    [SlowFact]
    public void The_page_of_five_seeds_of_four_recipes_is_sound_small_and_fast()
    {
        using var folder = new TempFolder();
        foreach (int seed in (int[])[1, 2, 3, 4, 5])
        {
            foreach ((string recipe, double gain) in ((string, double)[])[("ttrl", 0.15), ("evol-rl", 0.1), ("tent", 0.02), ("temperature", 0.01)])
                new MadeRun(folder.File($"all/{recipe}-seed{seed}"), recipe, seed, gain, 128).Log(40, 64, everySample: 40).Alarm(20, "rule length: answers became short", "warn");
        }

        Report.Write([folder.File("all")], folder.File("all/report.html"));
        Check(folder.File("all/report.html"));
    }

    [Fact]
    public void A_page_of_ones_own_is_sound_small_and_fast()
    {
        string? page = Environment.GetEnvironmentVariable("REASONING_PAGE");
        Assert.SkipWhen(page is null, "no page is named: REASONING_PAGE=/path/of/report.html checks one of runs that are there");
        Check(page!);
    }

    [Fact]
    public void Nothing_that_a_model_says_runs_or_asks_for_anything()
    {
        using var folder = new TempFolder();
        const string Hostile = "</pre></details><script>stolen=1</script><img src=https://example.com/x onerror=stolen=1><iframe src=//example.com></iframe>\\boxed{7}";
        new MadeRun(folder.File("run"), problems: 40).Log(2, 64, text: Hostile).Alarm(2, Hostile, "warn");
        Report.Write([folder.File("run")], folder.File("page.html"));
        JsonNode seen = Check(folder.File("page.html"));
        Assert.Equal(0, seen["strange"]!["images"]!.GetValue<int>());
        Assert.True(seen["strange"]!["ours"]!.GetValue<bool>(), "a script of the model's ran");
    }

    [Fact]
    public void A_page_that_is_written_anew_shows_it_and_keeps_the_readers_place()
    {
        Require();
        using var folder = new TempFolder();
        string run = new MadeRun(folder.File("run"), problems: 40, set: ("steps", "9")).Log(4, 64).Run.Path;
        Report.Write([run], folder.File("page.html"), TimeSpan.FromSeconds(1));
        JsonNode seen = JsonNode.Parse(NodeOracle.Run("report-page.mjs", ["follow", folder.File("page.html")]))!;
        Assert.Equal(seen["before"]!["open"]!.ToJsonString(), seen["after"]!["open"]!.ToJsonString());
        double top = seen["before"]!["top"]!.GetValue<double>();
        Assert.InRange(top, 600, 800);
        Assert.Equal(top, seen["after"]!["top"]!.GetValue<double>());
        Assert.Empty(seen["messages"]!.AsArray());
        Assert.Empty(seen["requests"]!.AsArray());
    }

    private static string Made(TempFolder folder, int everySample)
    {
        Require();
        MadeRun run = new MadeRun(folder.File("run"), set: ("steps", "100")).Log(100, 1024, everySample);
        Report.Write([run.Run.Path], folder.File("page.html"));
        return folder.File("page.html");
    }

    private JsonNode Check(string page)
    {
        Require();
        long bytes = new FileInfo(page).Length;
        Assert.InRange(bytes, 10_000, MostBytes);
        JsonNode seen = JsonNode.Parse(NodeOracle.Run("report-page.mjs", ["check", page]))!;
        JsonNode[] views = [.. seen["views"]!.AsArray().Select(view => view!)];
        Assert.Equal(4, views.Length);
        foreach (JsonNode view in views)
        {
            output.WriteLine($"{bytes:N0} bytes, {view["width"]} pixels, {view["colorScheme"]}: {view["texts"]} texts, first paint after {view["paint"]} ms");
            Assert.InRange(view["paint"]!.GetValue<double>(), 1, MostMilliseconds);
            Assert.InRange(view["texts"]!.GetValue<int>(), 200, int.MaxValue);
            Assert.All(((string[])["messages", "requests", "faint"]).Select(name => view[name]!.AsArray()), Assert.Empty);
            Assert.All(((string[])["skipped", "twice", "lost", "unnamed", "closed", "wide"]).Select(name => (name, view[name]!.GetValue<int>())), pair => Assert.Equal((pair.name, 0), pair));
        }

        Assert.Equal(seen["expected"]!.GetValue<int>(), seen["reached"]!.GetValue<int>());
        Assert.Equal(0, seen["skipped"]!.GetValue<int>());
        Assert.InRange(seen["expected"]!.GetValue<int>(), 20, int.MaxValue);
        Assert.True(seen["keys"]!["fold"]!.GetValue<bool>(), "the enter key does not open what is folded");
        Assert.InRange(seen["words"]!.GetValue<int>(), 2000, int.MaxValue); // without scripts
        return seen;
    }

    private static void Require()
    {
        NodeOracle.Require("playwright-core");
        Assert.SkipUnless(File.Exists("/usr/bin/chromium"), "Chromium is not installed; .ci/run installs Debian's package chromium");
    }
}
