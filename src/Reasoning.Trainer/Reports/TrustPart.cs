using System.Globalization;
using Reasoning.Eval.Results;
using Reasoning.Trainer.Loop;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Reports;

/// <summary>Question 5: can I trust it, and repeat it?</summary>
internal sealed class TrustPart
{
    private const int Words13 = 13;

    private readonly IReadOnlyList<Arm> _arms;
    private readonly RunData[] _runs;

    public TrustPart(IReadOnlyList<Arm> arms)
    {
        _arms = arms;
        _runs = [.. arms.SelectMany(arm => arm.Runs)];
        Settings = MakeSettings();
        Sources = MakeSources();
        Overlaps = MakeOverlaps();
        Rules = MakeRules();
    }

    /// <summary>Every setting of every arm, with where it comes from.</summary>
    public Table Settings { get; }

    /// <summary>What was read and what it was computed with, with hashes.</summary>
    public Table Sources { get; }

    /// <summary>Prompts that two sets share.</summary>
    public Table Overlaps { get; }

    /// <summary>How near the rules of the guard came to their limits.</summary>
    public Table Rules { get; }

    public Html Draw()
    {
        object?[][] differ = [.. Settings.Rows.Where(row => (string)row[^3]! is not (EffectiveRecipe.FromDefault or "") && !((string)row[^3]!).StartsWith("recipe", StringComparison.Ordinal))];
        object?[][] own = [.. Settings.Rows.Where(row => ((string)row[^3]!).StartsWith("recipe", StringComparison.Ordinal)).Except(differ)], rest = [.. Settings.Rows.Except(differ).Except(own)];
        return $"""
            <h3>To repeat it</h3>{_runs.Select(run => (Html)$"<pre class=\"command\" tabindex=\"0\"><code>{CommandLine(run)}</code></pre>")}
            <p class="note">A run depends on its seed and on the hashes below, not on threads or batches. Started {string.Join(", ", _runs.SelectMany(run => run.Record.Started).Select(time => time.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)).Distinct())}.</p>
            {Sources.OnPage("Read and computed with")}
            <h3>Settings</h3>
            {(differ.Length > 0 ? Settings.OnPage("Those of the command line", differ) : $"<p>The command line changed none.</p>")}
            <details><summary>Those of the recipe ({own.Length})</summary>{Settings.OnPage("Those of the recipe", own)}</details>
            <details><summary>Defaults ({rest.Length})</summary>{Settings.OnPage("Defaults", rest)}</details>
            <h3>Overlap of prompts</h3>{(Overlaps.Rows.Count > 0 ? Overlaps.OnPage("Prompts that stand among those adapted to as well, by their whole text and by thirteen words in a row.") : $"<p class=\"note\">Not known: the files of prompts are not there any more, or have changed.</p>")}
            <p class="note">Whether the start model has seen the prompts while it was made is not measured.</p>
            <h3>Refused and skipped</h3><ul>{(Refused().ToList() is { Count: > 0 } refused ? refused : [(Html)$"<li>Nothing.</li>"])}</ul>
            <h3>The guard</h3>{(Rules.Rows.Count > 0 ? Rules.OnPage("How far each rule came on the way to its limit: 1 is where it holds.") : $"<p class=\"note\">{(_runs.All(run => run.Recipe.Guard) ? "No step to look at." : "It was switched off.")}</p>")}
            """;
    }

    private IEnumerable<Html> Refused()
    {
        foreach (RunData run in _runs.DistinctBy(run => (string.Join('\0', run.Record.Refused), string.Join('\0', run.Skipped))))
        {
            if (run.Record.Refused.Count > 0) yield return $"<li>{run.Record.Refused.Count} prompts are too long for the model: {string.Join(", ", run.Record.Refused)}</li>";
            foreach ((string reason, int count) in run.Skipped) yield return $"<li>{count} times a prompt of a step did not train: {reason}</li>";
            foreach ((string set, EvalResult result) in run.Base)
            {
                if (result.Refused.Count > 0) yield return $"<li>{result.Refused.Count} {set} problems were not evaluated, too long: {string.Join(", ", result.Refused.Select(prompt => prompt.PromptId))}</li>";
                if (result.UnreadGold.Count > 0) yield return $"<li>{result.UnreadGold.Count} gold answers of {set} problems cannot be read, so that only the same text is right: {string.Join(", ", result.UnreadGold)}</li>";
            }
        }
    }

    /// <summary>The command that repeats a run.</summary>
    public static string CommandLine(RunData run)
    {
        RunRecord record = run.Record;
        IEnumerable<string> words =
        [
            "reasoning", "train", "--recipe", record.Recipe, "--model", record.Model.Path, "--prompts", record.Prompts.Path, .. Evaluated("--heldout", record.Heldout),
            .. Evaluated("--source", record.Source),
            .. record.Settings.Where(pair => pair.Value.Origin == EffectiveRecipe.FromCommandLine).SelectMany(pair => (string[])["--set", $"{pair.Key}={pair.Value.Value}"]),
        ];
        return string.Join(' ', words.Select(Quoted));

        static string[] Evaluated(string option, RecordedFile? file) => file is null ? [] : [option, file.Path];

        static string Quoted(string word) => word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=:,+".Contains(c, StringComparison.Ordinal))
            ? word : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
    }

    private Table MakeSettings()
    {
        bool isOne = _arms.Count == 1;
        var table = new Table("settings", [new("setting", "setting"), .. _arms.Select(arm => new Column(isOne ? "value" : arm.Name, isOne ? "value" : arm.Name)), new("unit", "unit"), new("origin", "from"), new("effect", null), new("default", null)]);
        foreach (Setting setting in Setting.All.Where(setting => _runs.Any(run => setting.Concerns(run.Recipe))))
        {
            string[] origins = [.. _runs.Select(run => run.Record.Settings.GetValueOrDefault(setting.Name)?.Origin ?? EffectiveRecipe.FromDefault).Distinct()];
            string origin = origins.Contains(EffectiveRecipe.FromCommandLine) ? EffectiveRecipe.FromCommandLine : origins.FirstOrDefault(one => one != EffectiveRecipe.FromDefault) ?? EffectiveRecipe.FromDefault;
            table.Add([
                setting.Name, .. _arms.Select(arm => string.Join(", ", arm.Runs.Select(run => setting.Text(run.Recipe)).Distinct())), setting.IsWord ? "" : setting.Unit, origin, setting.Effect,
                setting.Default]);
        }

        return table;
    }

    private Table MakeSources()
    {
        var table = new Table("sources", new("what", "what"), new("name", "name"), new("prompts", "prompts", Form.Number), new("hash", "hash"));
        foreach (RunRecord record in _runs.Select(run => run.Record))
        {
            Add("start model", record.Model);
            Add("prompts adapted to", record.Prompts);
            Add("held-out prompts", record.Heldout);
            Add("source prompts", record.Source);
            Machine machine = record.Machine;
            foreach ((string what, string? name) in ((string, string?)[])[
                ("program", $"reasoning {machine.Program}"), ("commit", machine.Commit), ("engine", machine.Engine), ("device", $"{machine.Device}, {machine.Threads} threads, vectors {machine.VectorUnits}"),
                ("system", $"{machine.OperatingSystem}, {machine.Architecture}, {machine.Runtime}")])
            {
                if (name is not null && !table.Rows.Any(row => (string)row[0]! == what && (string)row[1]! == name)) table.Add(what, name, null, null);
            }
        }

        return table;

        void Add(string what, RecordedFile? file)
        {
            if (file is not null && !table.Rows.Any(row => (string)row[0]! == what && (string?)row[3] == file.Hash)) table.Add(what, file.Path, file.Count, file.Hash);
        }
    }

    private Table MakeOverlaps()
    {
        var table = new Table("overlap", new("set", "set"), new("prompts", "prompts", Form.Number), new("same", "same text", Form.Number), new("thirteen", "13 words in a row", Form.Number));
        RunData run = _runs[0];
        if (RunData.Prompts(run.Record.Prompts) is not { } adapted) return table;
        var texts = adapted.Select(prompt => prompt.Text).ToHashSet();
        var grams = adapted.SelectMany(prompt => Grams(prompt.Text)).ToHashSet();
        foreach ((string set, RecordedFile? file) in ((string, RecordedFile?)[])[("held-out", run.Record.Heldout), ("source", run.Record.Source)])
        {
            if (RunData.Prompts(file) is not { } prompts) continue;
            table.Add(set, prompts.Count, prompts.Count(prompt => texts.Contains(prompt.Text)), prompts.Count(prompt => Grams(prompt.Text).Any(grams.Contains)));
        }

        return table;

        static IEnumerable<string> Grams(string text)
        {
            string[] words = text.ToLowerInvariant().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            return Enumerable.Range(0, Math.Max(0, words.Length - Words13 + 1)).Select(at => string.Join(' ', words, at, Words13));
        }
    }

    private Table MakeRules()
    {
        bool isOne = _runs.Length == 1;
        var table = new Table("guard", new("recipe", isOne ? null : "recipe"), new("seed", isOne ? null : "seed"), new("rule", "rule"), new("furthest", "furthest", Form.Number), new("step", "at step", Form.Number), new("last", "in the last step", Form.Number));
        foreach ((Arm arm, RunData run) in _arms.SelectMany(arm => arm.Runs.Select(run => (arm, run))))
        {
            foreach (RuleReading reading in Guard.Replay(run.Recipe, run.Steps)) table.Add(arm.Name, $"{run.Recipe.Seed}", reading.Rule, reading.Furthest, reading.Step, reading.Last);
        }

        return table;
    }
}
