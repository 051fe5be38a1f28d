using System.Text.Json;
using System.Text.RegularExpressions;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Tests.Servers;

namespace Reasoning.Trainer.Tests.Docs;

/// <summary>docs/runs.md against run folders of every kind: nothing that they hold is missing there, and nothing stands there that none holds.</summary>
public sealed partial class RunsPageTests
{
    // Objects whose names are data.
    private static readonly string[] s_maps =
        ["run.json settings", "state.json optimizer_steps", "state.json method", "state.json guard.start", "state.json guard.held", "metrics.jsonl skipped"];

    [Fact]
    public void Every_file_and_field_of_a_run_folder_is_on_the_page()
    {
        using var folder = new TempFolder();
        MakeRuns(folder);
        string[] page = File.ReadAllLines(Repository.Path("docs/runs.md"));
        Dictionary<string, string[]> documented = Documented(page);
        string[] files = documented["What is in a run folder"];

        var found = new Dictionary<string, HashSet<string>>();
        var seen = new HashSet<string>();
        string[] places = [.. Directory.GetDirectories(folder.Path).SelectMany(run => File.Exists(Path.Combine(run, "run.json")) ? [run] : Directory.GetDirectories(run).Where(inner => File.Exists(Path.Combine(inner, "run.json"))).Append(run))];
        foreach (string run in places)
        {
            foreach (string file in Directory.EnumerateFiles(run, "*", SearchOption.AllDirectories))
            {
                string name = Path.GetRelativePath(run, file);
                if (SeedFolder().IsMatch(name)) continue; // a run of its own
                string known = Pattern(name);
                if (!files.Contains(known)) known = known[..(known.LastIndexOf('/') + 1)];
                Assert.True(files.Contains(known), $"{name} is not in the table of files of docs/runs.md");
                seen.Add(known);
                string section = Path.GetFileName(Pattern(name));
                if (section.StartsWith("eval-", StringComparison.Ordinal) || name.StartsWith("episodes", StringComparison.Ordinal)) section = "eval-*.json";
                if (documented.ContainsKey(section)) Collect(file, section, found);
            }
        }

        Collect(folder.File("eval.json"), "eval-*.json", found);
        Assert.Empty(files.Except(seen).Except([".owner"]));
        foreach ((string section, string[] fields) in documented.Where(pair => found.ContainsKey(pair.Key)))
        {
            HashSet<string> real = found[section];
            if (section == "metrics.jsonl") real.ExceptWith(Catalogue.Current.Metrics.Select(metric => metric.Name));
            // A list or an object that is empty, or null, in one run is named by its items in another.
            Assert.Equal([], real.Where(path => !Array.Exists(fields, field => field == path || field.StartsWith(path + ".", StringComparison.Ordinal) || field.StartsWith(path + "[]", StringComparison.Ordinal))));
            Assert.Equal([], fields.Except(real).Except(["machine.commit"])); // of a checkout with a .git folder
        }

        Assert.Equal(documented.Keys.Except(["What is in a run folder"]).Order(), found.Keys.Order());
    }

    private static void MakeRuns(TempFolder folder)
    {
        string prompts = TinyModel.Prompts(folder), hard = folder.File("hard.jsonl");
        PromptSet.Write(hard, [new Prompt("easy", "Take 1 and 2", "999"), new Prompt("unread", "Take 1 and 3", "(1"), new Prompt("endless", string.Concat(Enumerable.Repeat("Take 1 and 2 ", 60)), "3")]);
        using var server = new FakeInference("vllm");
        string[] one = ["--set", "updates-per-rollout=1"], noEvaluation = ["--set", "eval-samples=0"];
        (int, string, string, string[])[] runs =
        [
            (0, "ttrl", "lora", ["--steps", "2", "--set", "trainable=lora", "--heldout", hard, "--source", prompts, .. one]),
            (0, "evol-rl", "novelty", ["--steps", "1", .. one, .. noEvaluation]),
            (0, "ttrl", "skipped", ["--steps", "1", "--set", "max-new-tokens=1", .. one, .. noEvaluation]),
            (0, "zerosiam", "episodes", ["--steps", "2", "--set", "prompts-per-step=1", "--set", "episode-steps=1", "--set", "predictor-ratio=1"]),
            (3, "zerosiam", "guard", ["--steps", "8", "--set", "guard-predictor=1e-9", "--set", "guard-action=rollback", "--set", "guard-rollbacks=1", .. noEvaluation]),
            (1, "tent", "overflow", ["--steps", "12", "--set", "learning-rate=1000", "--set", "weight-decay=100", "--set", "trainable=all", "--set", "truncated=keep", "--set", "guard=false", .. noEvaluation]),
            (0, "epo", "method", ["--steps", "1", .. one, .. noEvaluation]),
            (0, "ttrl", "series", ["--seeds", "2", "--set", "steps=1", .. one]),
            (0, "ttrl", "served", ["--steps", "1", "--rollouts", server.Address, "--set", "trainable=lora", .. one, .. noEvaluation]),
        ];
        foreach ((int code, string recipe, string name, string[] more) in runs)
        {
            Cli run = Cli.Train(folder, recipe, name, more);
            Assert.True(code == run.ExitCode, $"{name}: {run.ExitCode} {run.Error}");
        }

        Assert.Equal(0, Cli.Run("eval", "--model", TinyModel.Folder, "--prompts", hard, "--samples", "2", "--max-new-tokens", "8", "--em-steps", "1", "--out", folder.File("eval.json")).ExitCode);
    }

    /// <summary>By heading, what stands in backticks in the first column of its tables.</summary>
    private static Dictionary<string, string[]> Documented(string[] page)
    {
        var sections = new Dictionary<string, List<string>>();
        string? heading = null;
        bool isInside = false;
        foreach (string line in page)
        {
            if (line.StartsWith("## ", StringComparison.Ordinal)) isInside = line == "## What is in a run folder";
            if (line.StartsWith('#')) heading = line.TrimStart('#', ' ').Trim('`');
            if (!isInside || !line.StartsWith("| `", StringComparison.Ordinal)) continue;
            if (!sections.TryGetValue(heading!, out List<string>? names)) sections[heading!] = names = [];
            names.AddRange(InBackticks().Matches(line.Split(" | ")[0]).Select(match => match.Groups[1].Value));
        }

        return sections.ToDictionary(pair => pair.Key, pair => pair.Value.ToArray());
    }

    // Numbers of steps and names of prompt sets as the page writes them.
    private static string Pattern(string name) => SetName().Replace(Digits().Replace(name.Replace('\\', '/'), "$1N"), "$1SET.json");

    private static void Collect(string file, string section, Dictionary<string, HashSet<string>> found)
    {
        if (!found.TryGetValue(section, out HashSet<string>? paths)) found[section] = paths = [];
        foreach (string text in file.EndsWith(".jsonl", StringComparison.Ordinal) ? File.ReadAllLines(file) : [File.ReadAllText(file)])
        {
            using JsonDocument document = JsonDocument.Parse(text);
            Walk(document.RootElement, "", section, paths);
        }
    }

    private static void Walk(JsonElement value, string path, string section, HashSet<string> paths)
    {
        if (value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Any())
        {
            bool isMap = s_maps.Contains($"{section} {path}");
            foreach (JsonProperty property in value.EnumerateObject())
                Walk(property.Value, $"{path}{(path.Length > 0 ? "." : "")}{(isMap ? "NAME" : property.Name)}", section, paths);
            return;
        }

        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().All(item => item.ValueKind != JsonValueKind.Object)) paths.Add(path);
        else foreach (JsonElement item in value.EnumerateArray()) Walk(item, path + "[]", section, paths);
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex InBackticks();

    [GeneratedRegex("(step-|episodes/)[0-9]+")]
    private static partial Regex Digits();

    [GeneratedRegex(@"^(eval-(?:base|adapted|matched)-)[a-z-]+\.json$")]
    private static partial Regex SetName();

    [GeneratedRegex("^seed-[0-9]+/")]
    private static partial Regex SeedFolder();
}
