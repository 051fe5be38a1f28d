using System.Globalization;
using Reasoning.Eval.Results;
using Reasoning.Grading;
using Reasoning.Models.Prompts;
using Reasoning.Trainer.Evaluation;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Reports;

/// <summary>Question 4: which problems changed? A grid, a cell a problem, and every problem with the classes of its answers.</summary>
internal sealed class ProblemsPart
{
    /// <summary>Cells of a grid; a larger set shows the first ones.</summary>
    public const int MostCells = 1024;

    /// <summary>Characters that the problems of all sets may take, one by one.</summary>
    public const int Room = 800_000;

    /// <summary>Characters that are shown of a problem's text.</summary>
    public const int LongestText = 1_500;

    private const int MostClasses = 8, Levels = 8;

    private readonly IReadOnlyList<Arm> _arms;
    private readonly Func<RunData, string?> _link;
    private int _used, _number;

    /// <param name="arms">What is compared.</param>
    /// <param name="link">From the page to a run's own, where there is one.</param>
    public ProblemsPart(IReadOnlyList<Arm> arms, Func<RunData, string?> link)
    {
        (_arms, _link) = (arms, link);
        Problems = new Table(
            "problems", new("recipe", null), new("seed", null), new("set", null), new("id", null), new("gold", null), new("n", null), new("right_base", null), new("right_adapted", null),
            new("vote_base", null), new("votes_base", null), new("vote_base_is_right", null), new("vote_adapted", null), new("votes_adapted", null), new("vote_adapted_is_right", null),
            new("truncated_base", null), new("truncated_adapted", null), new("unread_base", null), new("unread_adapted", null));
        foreach ((Arm arm, RunData run, RecordedComparison one) in arms.SelectMany(arm => arm.Runs.SelectMany(run => run.Comparisons.Select(one => (arm, run, one)))))
        {
            foreach (Pair pair in Pairs(one))
            {
                Problems.Add(
                    arm.Name, $"{run.Recipe.Seed}", one.Comparison.Name, pair.Before.PromptId, pair.Before.Gold, pair.Before.Samples, Right(pair.Before), Right(pair.After), pair.Before.Winner,
                    pair.Before.WinnerVotes, Flag(pair.VoteBefore), pair.After.Winner, pair.After.WinnerVotes, Flag(pair.VoteAfter), pair.Before.Truncated, pair.After.Truncated,
                    pair.Before.Unparsed, pair.After.Unparsed);
            }
        }

        static object? Right(ProblemResult problem) => problem.Correct is null ? null : problem.CorrectCount;

        static string? Flag(bool? flag) => flag is { } known ? known ? "true" : "false" : null;
    }

    /// <summary>Every problem of every run.</summary>
    public Table Problems { get; }

    /// <summary>The grids.</summary>
    /// <param name="log">Answers of training; null where the runs have pages of their own.</param>
    public Html Draw(SampleLog? log)
    {
        if (_arms.All(arm => arm.Runs.All(run => run.Comparisons.Count == 0))) return $"<p>No problem has been answered before and after yet.</p>{Training(log)}";
        const string Filters = "fixed,broken,vote wrong but shared,truncated,unread";
        string[] sets = [.. _arms.SelectMany(arm => arm.Runs).SelectMany(run => run.Comparisons).Select(one => one.Set).Distinct()];
        return $"""
            <p class="note">A cell is a problem: left bar, share of the base’s answers that are right; right bar, of the adapted model’s{(log is null ? ", both the mean over seeds" : "")}. Where there is no gold answer, share of the vote.
            <b class="key fixed">Fixed</b>: the vote was wrong and is right. <b class="key broken">Broken</b>: the other way. Vote wrong but shared: a wrong answer has half of all votes or more.</p>
            <p class="filters" hidden>Show <button type="button" aria-pressed="true" data-show="">all</button> {Filters.Split(',').Select(filter => (Html)$"""<button type="button" aria-pressed="false" data-show="{filter.Split(' ')[^1]}">{filter}</button> """)}
            <button type="button" data-sort aria-pressed="false">in the order of the file</button></p>
            {sets.Select(Set)}{(log is null ? Pages() : Training(log))}
            """;
    }

    private Html Set(string set)
    {
        Html grids = _arms.Count == 1 && _arms[0].Runs.Count == 1 ? OfRun(_arms[0].Runs[0], set) : $"<div class=\"panels\">{_arms.Select(arm => OfArm(arm, set))}</div>";
        return $"<section class=\"set\"><h3>{set}</h3>{grids}</section>";
    }

    private Html OfRun(RunData run, string set)
    {
        if (run.Comparisons.FirstOrDefault(one => one.Set == set) is not { } one) return $"";
        RecordedFile? file = set switch { RunFolder.TargetSet => run.Record.Prompts, "held-out" => run.Record.Heldout, _ => run.Record.Source };
        Dictionary<string, Prompt>? prompts = RunData.Prompts(file)?.ToDictionary(prompt => prompt.Id);
        Pair[] all = [.. Pairs(one)], shown = [.. all.Take(MostCells)];
        (Pair Pair, int Place, int Number)[] ordered = [.. shown.Select((pair, i) => (pair, i, _number++)).OrderByDescending(cell => cell.pair.Change)];
        // Those that changed most come first where there is not room for all.
        var details = new Dictionary<int, Html>();
        foreach ((Pair pair, int place, int number) in ordered.OrderByDescending(cell => Math.Abs(cell.Pair.Change)))
        {
            Html detail = Detail(pair, number, prompts?.GetValueOrDefault(pair.Before.PromptId));
            if (_used + detail.Length > Room) continue;
            _used += detail.Length;
            details[number] = detail;
        }

        string rest = details.Count == all.Length ? "" : $" {details.Count} of {all.Length} have room here, those that changed most; the others stand in {Path.GetFileName(run.Folder.EvalFile(BeforeAndAfter.Adapted, set))} and problems.csv.";
        string missing = prompts is null && file is not null ? $" The texts are missing: {file.Path} is not there any more, or has changed." : "";
        return $"""
            <p class="grid">{ordered.Select(cell => Cell(cell.Pair, cell.Place, details.ContainsKey(cell.Number) ? cell.Number : null))}</p>
            <details class="list"><summary>Problem by problem</summary><p class="note">Sorted by change.{rest}{missing}</p>{ordered.Where(cell => details.ContainsKey(cell.Number)).Select(cell => details[cell.Number])}</details>
            """;
    }

    private static Html OfArm(Arm arm, string set)
    {
        RecordedComparison[] seeds = [.. arm.Runs.SelectMany(run => run.Comparisons.Where(one => one.Set == set))];
        if (seeds.Length == 0) return $"";
        Pair[][] bySeed = [.. seeds.Select(one => Pairs(one).ToArray())];
        IEnumerable<Pair[]> problems = bySeed[0].Take(MostCells).Select(pair => bySeed.SelectMany(pairs => pairs.Where(other => other.Before.PromptId == pair.Before.PromptId)).ToArray());
        return $"""
            <figure><figcaption>{arm.Name}{(arm.IsControl ? " (control)" : "")}, {(seeds.Length == 1 ? "one seed" : $"{seeds.Length} seeds")}</figcaption>
            <p class="grid">{problems.Select((pairs, place) => (Pairs: pairs, Place: place)).OrderByDescending(cell => cell.Pairs.Average(pair => pair.Change)).Select(cell => Cell(cell.Pairs, cell.Place))}</p></figure>
            """;
    }

    private static Html Cell(Pair pair, int place, int? number)
    {
        string title = $"{pair.Before.PromptId}: {pair.Counts}";
        return number is { } to
            ? (Html)$"""<a href="#p{to}" class="{pair.Classes} {Bars(pair.ShareBefore, pair.ShareAfter)}" data-place="{place}" title="{title}"></a>"""
            : $"""<i class="{pair.Classes} {Bars(pair.ShareBefore, pair.ShareAfter)}" data-place="{place}" title="{title}"></i>""";
    }

    private static Html Cell(Pair[] seeds, int place)
    {
        string classes = string.Join(' ', seeds.SelectMany(pair => pair.Classes.Split(' ')).Where(name => name.Length > 0).GroupBy(name => name)
            .Where(name => 2 * name.Count() > seeds.Length).Select(name => name.Key)); // what most seeds say
        (double before, double after) = (seeds.Average(pair => pair.ShareBefore), seeds.Average(pair => pair.ShareAfter));
        return $"""<i class="{classes} {Bars(before, after)}" data-place="{place}" title="{seeds[0].Before.PromptId}: {Table.Show(before, Form.Percent)} → {Table.Show(after, Form.Percent)} %"></i>""";
    }

    private static string Bars(double before, double after) => string.Create(CultureInfo.InvariantCulture, $"b{Math.Round(before * Levels):0} a{Math.Round(after * Levels):0}");

    private static Html Detail(Pair pair, int number, Prompt? prompt) => $"""
        <details class="problem {pair.Classes}"><summary><b>{pair.Before.PromptId}</b> {pair.Counts}{(pair.Word.Length > 0 ? ", " + pair.Word : "")}</summary><div id="p{number}">
        {(prompt is null ? null : (Html)$"<p class=\"text\">{Short(prompt.Text)}</p>")}<p>{(pair.Before.Gold is { } gold ? $"Gold answer: {gold}" : "No gold answer.")}</p><div class="sides">{Side("Base", pair.Before)}{Side("Adapted", pair.After)}</div></div></details>
        """;

    private static Html Side(string name, ProblemResult problem)
    {
        (int Class, int Count)[] classes = [.. problem.Class.Where(c => c >= 0).CountBy(c => c).Select(pair => (pair.Key, pair.Value)).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key)];
        (string Why, int Count)[] without = [("truncated", problem.Truncated), ("unread", problem.Unparsed)];
        string abstain = string.Join(", ", without.Where(pair => pair.Count > 0).Select(pair => $"{pair.Count} {pair.Why}"));
        return $"""
            <div><h4>{name}</h4><ol class="classes">{classes.Take(MostClasses).Select(one => (Html)$"<li>{Answer(problem, one.Class)} × {one.Count}{Reading(problem.Gold, problem.Answers.ElementAtOrDefault(one.Class))}</li>")}</ol>
            {(classes.Length > MostClasses ? (Html)$"<p>and {classes.Length - MostClasses} more answers</p>" : null)}{(abstain.Length > 0 ? (Html)$"<p>{abstain}: no vote</p>" : null)}
            {(problem.Greedy is { } greedy ? (Html)$"<p>Greedy: {greedy.Answer ?? (greedy.Truncated ? "truncated" : "no answer")}{(greedy.Correct is { } right ? right ? ", right" : ", wrong" : "")}</p>" : null)}</div>
            """;
    }

    // Files from before the answers of all classes were kept have the winner's alone.
    private static string Answer(ProblemResult problem, int ofClass) =>
        problem.Answers.ElementAtOrDefault(ofClass) ?? (ofClass == Pair.WinnerClass(problem) ? problem.Winner : null) ?? "another answer";

    /// <summary>How an answer was read, and by which rule it equals the gold answer or does not.</summary>
    private static Html? Reading(string? gold, string? answer)
    {
        if (answer is null) return null;
        string read = Grading.Answer.Parse(answer).ToString();
        if (gold is null) return $" <small>read as {Short(read)}</small>";
        string verdict = new Grader(gold).Explain(answer).Last(line => !line.StartsWith(' '));
        return $" <small>read as {Short(read)}; {verdict}</small>";
    }

    private Html Pages() => $"<ul>{_arms.SelectMany(arm => arm.Runs.Select(run => (arm, run))).Where(pair => _link(pair.run) is not null).Select(pair =>
        (Html)$"""<li><a href="{_link(pair.run)}">{pair.arm.Name}, seed {pair.run.Recipe.Seed}</a>: every problem and the answers of training</li>""")}</ul>";

    private Html? Training(SampleLog? log) => log is null ? null : new SamplesPart(_arms[0].Runs[0], log).Draw();

    private static string Short(string text) => text.Length <= LongestText ? text : $"{text[..LongestText]} … and {text.Length - LongestText} characters more";

    private static IEnumerable<Pair> Pairs(RecordedComparison one) => one.Before.Problems.Zip(one.After.Problems, (before, after) => new Pair(before, after));

    /// <summary>A problem before and after.</summary>
    private sealed record Pair(ProblemResult Before, ProblemResult After)
    {
        private const double Shared = 0.5;

        public double ShareBefore => Share(Before);

        public double ShareAfter => Share(After);

        public double Change => ShareAfter - ShareBefore;

        public bool? VoteBefore => IsVoteRight(Before);

        public bool? VoteAfter => IsVoteRight(After);

        public string Counts => Before.Correct is null
            ? $"vote {Before.WinnerVotes} → {After.WinnerVotes} of {After.Samples}"
            : $"{Before.CorrectCount} → {After.CorrectCount} of {After.Samples} right";

        public string Word => (VoteBefore, VoteAfter) switch { (false, true) => "fixed", (true, false) => "broken", _ => "" };

        /// <summary>What filters look for.</summary>
        public string Classes
        {
            get
            {
                (string Name, bool Is)[] classes =
                [
                    (Word, Word.Length > 0), ("shared", VoteAfter == false && After.VoteShare >= Shared), ("truncated", Before.Truncated + After.Truncated > 0),
                    ("unread", Before.Unparsed + After.Unparsed > 0),
                ];
                return string.Join(' ', classes.Where(one => one.Is).Select(one => one.Name));
            }
        }

        /// <summary>The class that won the vote, −1 for none.</summary>
        public static int WinnerClass(ProblemResult problem) =>
            problem.Class.Where(c => c >= 0).CountBy(c => c).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Select(pair => pair.Key).FirstOrDefault(-1);

        private static double Share(ProblemResult problem) => problem.Correct is null ? problem.VoteShare : (double)problem.CorrectCount / problem.Samples;

        private static bool? IsVoteRight(ProblemResult problem) =>
            problem.Correct is null ? null : WinnerClass(problem) is var winner and >= 0 && problem.Correct[Array.IndexOf(problem.Class, winner)];
    }
}
