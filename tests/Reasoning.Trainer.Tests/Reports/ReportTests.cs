using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Reasoning.Eval.Results;
using Reasoning.Trainer.Evaluation;
using Reasoning.Trainer.Reports;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Tests.Reports;

/// <summary>What the page of a run says; how it looks in a browser is in <see cref="ReportPageTests"/>.</summary>
public sealed partial class ReportTests
{
    private const string Hostile = "</script><img src=x onerror=\"stolen=1\"><svg onload='stolen=1'>&lt;b>\u0001\u202e \\boxed{</style>7}";

    [Fact]
    public void The_answer_to_the_first_question_is_the_verdict_of_the_console_and_train_writes_it()
    {
        using var folder = new TempFolder();
        string heldout = folder.Write("heldout.jsonl", string.Concat(Enumerable.Range(1, 7).Select(i => $"{{\"prompt\":\"Take {i} and 9\",\"answer\":\"{1 + (i % 4)}\"}}\n")));
        Cli train = Cli.Train(folder, "ttrl", "run", "--steps", "2", "--set", "learning-rate=1e-2", "--set", "guard=false", "--set", "updates-per-rollout=1", "--heldout", heldout);
        Assert.True(train.ExitCode == 0, train.Error);
        string page = File.ReadAllText(folder.File("run/report.html")), console = Spaces().Replace(train.Out, " ");
        string[] said = [.. Strong().Matches(page).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value))];
        Assert.Equal(Recorded(folder.File("run")).Select(one => Verdict.Of(one.Comparison).Text), said);
        Assert.Equal(2, said.Length);
        Assert.Contains("Take 4 and 9", page); // of the seven held-out problems four were evaluated
        Assert.DoesNotContain("Take 5 and 9", page);
        Assert.DoesNotContain("texts are missing", page);
        Assert.All(said, sentence => Assert.Contains("→ " + sentence, console));
        Assert.Contains("report: " + folder.File("run/report.html"), train.Error);

        // The same page from the command, but for the time in it, and elsewhere where it is asked for.
        Cli again = Cli.Run("report", folder.File("run"), "--out", folder.File("other.html"));
        Assert.Equal(folder.File("other.html"), again.Out.Trim());
        Assert.Equal(Strong().Matches(page).Select(match => match.Value), Strong().Matches(File.ReadAllText(folder.File("other.html"))).Select(match => match.Value));
        Assert.True(File.Exists(folder.File("other/outcome.csv")));
    }

    [Fact]
    public void Every_number_of_the_outcome_is_that_of_the_files_on_the_page_in_csv_and_in_json()
    {
        using var folder = new TempFolder();
        RunFolder run = new MadeRun(folder.File("run"), problems: 60).Log(3, 64).Run;
        EvalFile.Write(run.EvalFile("base, temperature matched", RunFolder.TargetSet), EvalFile.Read(run.EvalFile("adapted", "held-out")));
        Report.Write([run.Path], folder.File("page.html"));
        string page = File.ReadAllText(folder.File("page.html"));
        string[][] csv = [.. File.ReadAllLines(folder.File("page/outcome.csv")).Select(line => Cells().Matches(line).Select(cell => cell.Groups[1].Value.Trim('"')).ToArray())];
        string[] keys = csv[0];
        Assert.All(csv, line => Assert.Equal(keys.Length, line.Length));
        JsonNode[] json = [.. JsonNode.Parse(File.ReadAllText(folder.File("page/outcome.json")))!["outcome"]!.AsArray().Select(row => row!)];
        int at = 0;
        foreach (RecordedComparison one in Recorded(run.Path))
        {
            Assert.Equal(one.Set == RunFolder.TargetSet ? 1 : 0, one.Others.Count);
            foreach (MetricChange change in one.Comparison.Changes.Append(one.Comparison.VoteShare))
            {
                string[] cells = csv[at + 1];
                foreach ((string key, double value) in ((string, double)[])[
                    ("base", change.Before.Estimate.Value), ("base_low", change.Before.Estimate.Low), ("adapted", change.After.Estimate.Value), ("adapted_high", change.After.Estimate.High),
                    ("difference", change.Difference.Mean), ("difference_low", change.Difference.Low), ("p", change.Difference.PValue), ("p_holm", change.CorrectedP)])
                {
                    Assert.Equal(value, double.Parse(cells[Array.IndexOf(keys, key)], CultureInfo.InvariantCulture));
                    Assert.Equal(value, json[at][key]!.GetValue<double>());
                }

                string row = $"""<th scope="row">{change.Name}</th><td class="n">{Share(change.Before.Estimate.Value)} <span>[{Share(change.Before.Estimate.Low)}, {Share(change.Before.Estimate.High)}]</span></td>""";
                Assert.Contains(row, page);
                Assert.Contains($"<span>[{Points(change.Difference.Low)}, {Points(change.Difference.High)}]</span>", page);
                at++;
            }
        }

        Assert.Equal((15, 15), (at, json.Length));
        Assert.Equal(5, Regex.Count(page, "base, temperature matched: [0-9.]+ \\[")); // a mark on each row of the chart
        string[] steps = File.ReadAllLines(folder.File("page/steps.csv"));
        Assert.Equal(4, steps.Length);
        double share = JsonLines.Numbers(run.MetricsFile).Last()["vote_share"];
        Assert.Contains(share.ToString(CultureInfo.InvariantCulture), steps[^1].Split(','));

        static string Share(double value) => Math.Round((decimal)value * 100, 1, MidpointRounding.AwayFromZero).ToString("0.0", CultureInfo.InvariantCulture);
        static string Points(double value) => Math.Round((decimal)value * 100, 1, MidpointRounding.AwayFromZero).ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture);
    }

    [Fact]
    public void Text_of_models_and_files_is_data_wherever_it_stands()
    {
        using var folder = new TempFolder();
        RunFolder run = new MadeRun(folder.File("run"), problems: 40).Log(2, 64, text: Hostile).Alarm(2, Hostile, "warn").Run;
        EvalResult adapted = EvalFile.Read(run.EvalFile("adapted", RunFolder.TargetSet));
        EvalResult evil = adapted with { Problems = [.. adapted.Problems.Select(problem => problem with { PromptId = problem.PromptId + Hostile, Winner = Hostile, Answers = [.. problem.Answers.Select(_ => Hostile)] })], UnreadGold = [Hostile] };
        EvalFile.Write(run.EvalFile("adapted", RunFolder.TargetSet), evil);
        EvalResult start = EvalFile.Read(run.EvalFile("base", RunFolder.TargetSet));
        EvalFile.Write(run.EvalFile("base", RunFolder.TargetSet), start with { Problems = [.. start.Problems.Select(problem => problem with { PromptId = problem.PromptId + Hostile })], UnreadGold = [Hostile] });
        (RunRecord.Read(run) with { Recipe = "ttrl", Model = new RecordedFile(Hostile, Hostile), Refused = [Hostile] }).Write(run);
        Report.Write([run.Path], folder.File("page.html"));
        string page = File.ReadAllText(folder.File("page.html"));
        Assert.True(Regex.Count(page, "&lt;img src=x onerror=&quot;stolen=1&quot;&gt;") > 100);
        Assert.DoesNotContain("<img", page);
        Assert.DoesNotContain("<svg onload", page);
        Assert.DoesNotContain('\u0001', page);
        Assert.Equal(3, Regex.Count(page, "</script>|</style>")); // of the style sheet, the data and the script

        // What the policy lets run is what is there, and nothing else: no attribute of style or script, no address.
        Assert.Contains($"style-src 'sha256-{Hash(page, "<style>", "</style>")}'; script-src 'sha256-{Hash(page, "<script>", "</script>")}'", page);
        Assert.DoesNotMatch("<[^>]* (style|on[a-z]+)=", Regex.Replace(Strip(page), "\"[^\"]*\"", ""));
        Assert.DoesNotMatch("(src|href)=\"(?!#)", Strip(page));
        JsonNode.Parse(Between(page, "id=\"data\">", "</script>"));
    }

    [Fact]
    public void Long_curves_keep_their_ends_and_extremes()
    {
        (int, double)[] points = [.. Enumerable.Range(1, 10_000).Select(step => (step, Math.Sin(step * 0.37) + (step == 5_555 ? 40 : step == 7_001 ? -40 : 0)))];
        IReadOnlyList<(int Step, double Value)> thin = Thinning.Of(points);
        Assert.InRange(thin.Count, Thinning.Spans, Thinning.Most + 2);
        Assert.Equal((points[0], points[^1]), (thin[0], thin[^1]));
        Assert.Contains(points[5_554], thin);
        Assert.Contains(points[7_000], thin);
        Assert.All(thin, point => Assert.Contains(point, points));
        Assert.Equal(thin.OrderBy(point => point.Step), thin);
        foreach ((int, double Value)[] span in points.Chunk(10_000 / Thinning.Spans))
            Assert.Contains(thin, point => point.Value == span.Max(one => one.Value));
        Assert.Same(points, Thinning.Of(points[..]) is var few && few.Count < points.Length ? points : null);
        Assert.Equal(points[..Thinning.Most], Thinning.Of(points[..Thinning.Most]));
    }

    [Fact]
    public void A_log_is_counted_whole_and_shown_as_far_as_there_is_room()
    {
        using var folder = new TempFolder();
        RunFolder run = new MadeRun(folder.File("run"), problems: 64).Log(7, 128).Run;
        string[] lines = File.ReadAllLines(run.SamplesFile);
        var all = new SampleLog(run.SamplesFile, 10_000_000);
        Assert.Equal([1, 4, 7], all.FullSteps);
        Assert.True(all.IsWhole);
        Assert.Equal(7 * 32, all.Groups.Count());
        LoggedGroup one = all.Groups.ElementAt(40);
        JsonNode[] own = [.. lines[((int)one.FirstLine - 1)..(int)one.LastLine].Select(line => JsonNode.Parse(line)!)];
        Assert.All(own, line => Assert.Equal((one.PromptId, one.Step), (line["prompt_id"]!.GetValue<string>(), line["step"]!.GetValue<int>())));
        Assert.Equal(
            (4, own.Count(line => line["agrees"]!.GetValue<bool>()), own.Count(line => line["correct"]!.GetValue<bool>()), own.Count(line => line["finish"]!.GetValue<string>() == "length")),
            (one.Answers, one.Agreeing, one.Correct!.Value, one.Truncated));
        LoggedSample sample = all.Full(4).ElementAt(5);
        Assert.Contains(lines, line => JsonNode.Parse(line)! is var node && node["text"]!.GetValue<string>() == sample.Text && node["ids"]!.AsArray().Select(id => id!.GetValue<int>()).SequenceEqual(sample.Ids));

        var some = new SampleLog(run.SamplesFile, all.Full(1).Sum(sample => sample.Size) * 3 / 2);
        Assert.False(some.IsWhole);
        Assert.All(some.Full(1).GroupBy(sample => sample.PromptId), prompt => Assert.Equal([0, 1], prompt.Select(sample => sample.Sample).Order().Take(2)));
        Assert.Equal(32, some.Full(1).DistinctBy(sample => sample.PromptId).Count());
        Assert.Empty(new SampleLog(run.SamplesFile, 0).Full(1));

        File.AppendAllText(run.SamplesFile, lines[0][..^200]); // a run that goes on
        Assert.Equal(7 * 32, new SampleLog(run.SamplesFile, 1000).Groups.Count());
    }

    [Fact]
    public void Several_runs_stand_side_by_side_by_what_sets_them_apart_with_the_controls_behind()
    {
        using var folder = new TempFolder();
        foreach (int seed in (int[])[1, 2, 3])
        {
            new MadeRun(folder.File($"all/tent-{seed}"), "tent", seed, 0.02, 60).Log(4, 64);
            new MadeRun(folder.File($"all/ttrl-{seed}"), "ttrl", seed, 0.3, 60).Log(4, 64);
            new MadeRun(folder.File($"all/sham-{seed}"), "ttrl", seed, 0.4, 60, ("control", "random")).Log(4, 64);
        }

        IReadOnlyList<Arm> arms = Arm.Read([folder.File("all")]);
        Assert.Equal(["ttrl+control=none", "tent", "ttrl+control=random"], arms.Select(arm => arm.Name));
        Assert.All(arms, arm => Assert.Equal([1ul, 2, 3], arm.Runs.Select(run => run.Recipe.Seed)));
        Report.Write([folder.File("all")], folder.File("all/report.html"));
        string page = File.ReadAllText(folder.File("all/report.html"));
        Assert.Contains("<strong>ttrl+control=random</strong> (control)", page);
        Assert.Equal(9, Regex.Count(page, "class=\"cross\""));
        Assert.DoesNotContain("all/tent-1/report.html", page);

        string[] seeds = File.ReadAllLines(folder.File("all/report/seeds.csv"));
        Assert.Equal(1 + (3 * 3 * 5), seeds.Length);
        double[] differences = [.. arms[0].Runs.Select(run => Arm.Change(run, "held-out", "pass@1")!.Difference.Mean)];
        string row = seeds.Single(line => line.StartsWith("ttrl+control=none,held-out,pass@1,3,", StringComparison.Ordinal));
        Assert.Equal(differences.Average(), double.Parse(row.Split(',')[10], CultureInfo.InvariantCulture), 1e-12);

        Report.Write([folder.File("all/tent-1")], folder.File("all/tent-1/report.html"));
        Report.Write([folder.File("all")], folder.File("all/report.html"));
        Assert.Contains("href=\"tent-1/report.html\"", File.ReadAllText(folder.File("all/report.html")));
    }

    [Fact]
    public void A_run_that_is_not_over_says_so_and_its_page_follows()
    {
        using var folder = new TempFolder();
        RunFolder run = new MadeRun(folder.File("run"), problems: 40, set: ("steps", "9")).Log(4, 64).Run;
        foreach (string file in Directory.GetFiles(run.Path, "eval-adapted-*")) File.Delete(file);
        Report.Write([run.Path], folder.File("page.html"), TimeSpan.FromSeconds(17));
        string page = File.ReadAllText(folder.File("page.html"));
        Assert.Contains("Not known yet: 4 of 9 steps are done", page);
        Assert.Contains("<body data-again=\"17\"", page);
        Assert.Contains("<noscript><meta http-equiv=\"refresh\" content=\"17\"></noscript>", page);
        Assert.False(Directory.Exists(folder.File("page")));
        Report.Write([run.Path], folder.File("page.html"));
        page = File.ReadAllText(folder.File("page.html"));
        Assert.DoesNotContain("data-again=", Strip(page));
        Assert.Contains("not finished", page);

        new MadeRun(folder.File("stopped"), problems: 40, set: ("steps", "9")).Log(4, 64).Alarm(4, "rule length: short", "stop");
        foreach (string file in Directory.GetFiles(folder.File("stopped"), "eval-adapted-*")) File.Delete(file);
        Report.Write([folder.File("stopped")], folder.File("page.html"));
        Assert.Contains("The guard stopped the run after step 4, and nothing was evaluated afterwards: rule length: short.", File.ReadAllText(folder.File("page.html")));
    }

    [Fact]
    public void Train_and_series_write_their_pages_every_so_many_steps_and_at_the_end()
    {
        using var folder = new TempFolder();
        var seen = new List<(string, string)>();
        string page = folder.File("all/seed-2/report.html"), whole = folder.File("all/report.html");
        using var watch = new StepWatcher(text =>
        {
            if (text.StartsWith("step", StringComparison.Ordinal)) seen.Add((Read(page), Read(whole)));
        });
        string[] args = ["train", "--recipe", "tent", "--model", TinyModel.Folder, "--prompts", TinyModel.Prompts(folder), "--out", folder.File("all"), .. Cli.Small, "--steps", "3", "--seeds", "2,3", "--report-every", "1"];
        Assert.Equal(0, watch.Run(args));
        // A step is told on the console before its page is written, so that the third line of the first run finds the page of its second step.
        Assert.Equal(["", "1 of 3 steps", "2 of 3 steps"], seen.Take(3).Select(pages => Steps().Match(pages.Item1).Value));
        Assert.Contains("the run goes on", seen[2].Item1);
        Assert.Contains("the run goes on", seen[2].Item2);
        Assert.Contains("3 of 3 steps: done.", Read(page));
        Assert.Contains("2 runs of 1 recipe,", Read(whole));
        Assert.Contains("href=\"seed-2/report.html\"", Read(whole));
        Assert.Contains("--report-every is -1", Cli.Run([.. args[..^1], "-1"]).BadInput());

        static string Read(string file) => File.Exists(file) ? File.ReadAllText(file) : "";
    }

    [Fact]
    public void What_is_no_run_or_damaged_is_refused_in_one_line()
    {
        using var folder = new TempFolder();
        Assert.Contains("neither a run (run.json) nor a folder of runs", Cli.Run("report", folder.Path).BadInput());
        RunFolder run = new MadeRun(folder.File("run"), problems: 40).Log(1, 64).Run;
        EvalResult adapted = EvalFile.Read(run.EvalFile("adapted", "source"));
        EvalFile.Write(run.EvalFile("adapted", "source"), adapted with { Settings = adapted.Settings with { Temperature = 1 } });
        Assert.Contains("eval-adapted-source.json: does not fit to eval-base-source.json", Cli.Run("report", run.Path).BadInput());
        EvalFile.Write(run.EvalFile("adapted", "source"), adapted);
        Directory.CreateDirectory(Path.Combine(run.Path, "report.html"));
        Assert.Contains("report.html: cannot be written", Cli.Run("report", run.Path).BadInput());
    }

    [Fact]
    public void A_run_whose_page_cannot_be_written_is_done_and_says_so()
    {
        using var folder = new TempFolder();
        Assert.Equal(0, Cli.Train(folder, "tent", "run", "--steps", "1").ExitCode);
        File.Delete(folder.File("run/report.html"));
        Directory.CreateDirectory(folder.File("run/report.html"));
        Cli again = Cli.Run("train", "--resume", "--out", folder.File("run"));
        Assert.Equal(0, again.ExitCode);
        Assert.Contains("warning: no report: ", again.Error);
    }

    [Fact]
    public void The_command_that_repeats_a_run_has_all_that_was_asked_and_is_safe_to_paste()
    {
        using var folder = new TempFolder();
        RunFolder run = new MadeRun(folder.File("it's a run"), "tent", problems: 40, set: ("learning-rate", "1e-5")).Log(1, 64).Run;
        string command = TrustPart.CommandLine(RunData.Read(run.Path));
        Assert.StartsWith("reasoning train --recipe tent --model checkpoints/starter --prompts ", command);
        Assert.Contains(" --set learning-rate=1e-5", command);
        Assert.Contains(" --set seed=1", command);
        Assert.Contains("--source ", command);
        (RunRecord.Read(run) with { Model = new RecordedFile("it's; rm", "5") }).Write(run);
        Assert.Contains(@" --model 'it'\''s; rm' ", TrustPart.CommandLine(RunData.Read(run.Path)));
    }

    [Theory]
    [InlineData(0, 1, 3, new[] { 0, 0.5, 1 })]
    [InlineData(0.2, 0.9, 3, new[] { 0, 0.25, 0.5, 0.75, 1 })]
    [InlineData(-3, 12, 4, new double[] { -5, 0, 5, 10, 15 })]
    [InlineData(1500, 1501, 3, new[] { 1500, 1500.5, 1501 })]
    public void Axes_have_round_numbers_that_hold_all_values(double low, double high, int wanted, double[] expected) => Assert.Equal(expected, Chart.Ticks(low, high, wanted));

    [Theory]
    [InlineData(3e9, 3e9 + 1)]
    [InlineData(-1e300, -1e300)]
    [InlineData(0, 1e300)]
    [InlineData(1e-300, 2e-300)]
    public void Axes_hold_numbers_of_any_size(double low, double high)
    {
        double[] ticks = Chart.Ticks(low, high, 3);
        Assert.InRange(ticks.Length, 2, 8);
        double slack = 1e-9 * Math.Max(Math.Abs(low), Math.Abs(high));
        Assert.True(ticks[0] <= low + slack && high <= ticks[^1] + slack && ticks[0] < ticks[^1]);
    }

    [Fact]
    public void A_share_stands_where_its_number_says_and_an_axis_that_does_not_begin_at_zero_says_so()
    {
        var chart = new Dumbbell("t", "d");
        chart.Add("pass@1", new Dumbbell.Point("base", "base", new Interval(0.25, 0.2, 0.3)), new Dumbbell.Point("adapted", "adapted", new Interval(0.5, double.NaN, double.NaN)));
        string svg = chart.Draw().ToString();
        Assert.Contains("x1=\"26%\" x2=\"50%\"", svg); // the width has a margin of 2 % on both sides
        Assert.Contains("class=\"span base\" x1=\"21.2%\" x2=\"30.8%\"", svg);
        Assert.DoesNotContain("span adapted", svg); // no interval, no bar
        Assert.Contains("25.0 → 50.0", svg);

        using var folder = new TempFolder();
        new MadeRun(folder.File("run"), problems: 40).Log(5, 64);
        Report.Write([folder.File("run")], folder.File("page.html"));
        string page = File.ReadAllText(folder.File("page.html"));
        Assert.Contains("the axis does not begin at zero", Between(page, "<h3>answer tokens", "</figure>"));
        Assert.DoesNotContain("the axis does not begin at zero", Between(page, "<h3>vote share", "</figure>"));
        Assert.Contains("line hidden", Between(page, "<h3>correct share", "</figure>"));
        Assert.DoesNotContain("line hidden", Between(page, "<h3>entropy", "</figure>"));
    }

    private static IReadOnlyList<RecordedComparison> Recorded(string run) => RunData.Read(run).Comparisons;

    private static string Hash(string page, string begin, string end) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Between(page, begin, end))));

    private static string Between(string page, string begin, string end)
    {
        int start = page.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        return page[start..page.IndexOf(end, start, StringComparison.Ordinal)];
    }

    // Without the style sheet and the script.
    private static string Strip(string page) => Regex.Replace(page, "<(style|script)[^>]*>.*?</\\1>", "", RegexOptions.Singleline);

    [GeneratedRegex("<strong>(.*?)</strong>", RegexOptions.Singleline)]
    private static partial Regex Strong();

    [GeneratedRegex("(?<=^|,)(\"[^\"]*\"|[^,]*)(?=,|$)")]
    private static partial Regex Cells();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"\d+ of \d+ steps")]
    private static partial Regex Steps();

    /// <summary>Runs the program and is told every line of progress at once.</summary>
    private sealed class StepWatcher(Action<string> line) : StringWriter
    {
        public int Run(string[] args) => Trainer.Commands.CommandLine.Run(args, new Trainer.Cli.Terminal(TextWriter.Null, this, TextReader.Null, isInteractive: false, width: 100), default);

        public override void WriteLine(string? value)
        {
            line(value ?? "");
            base.WriteLine(value);
        }
    }
}
