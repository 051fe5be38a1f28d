using Reasoning.Eval.Results;

namespace Reasoning.Eval.Tests;

public sealed class EvalTableTests
{
    private static readonly EvalResult s_base = Evaluations.Pattern(64, [0, 1, 2, 3, 4, 2, 1, 0], [false, true, true, false]);

    [Fact]
    public void A_comparison_renders_as_stored()
    {
        EvalResult adapted = Evaluations.Pattern(64, [0, 2, 3, 4, 4, 4, 1, 1], [true, true, true, false]);
        string table = EvalTable.Render([new EvalComparison("shifted", s_base, adapted)]);
        const string Expected = """
            shifted: 64 problems, prompts 01234567
              n=4 T=0.6 top-p=0.95 max 128 tokens seed 1
              truncated 0.0 → 0.0 %, unparsed 0.0 → 0.0 %, mean length 20 → 20 tokens
                         base          adapted       difference                   p
            """;
        Assert.StartsWith(Expected.ReplaceLineEndings("\n"), table, StringComparison.Ordinal);
        Snapshot.Match("comparison.txt", table);
        Assert.All(table.Split('\n'), line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public void Models_are_named_with_their_hashes_where_they_are_known()
    {
        var model = new EvaluatedModel("checkpoints/starter", "0123456789abcdef");
        EvalResult named = s_base with { Model = model };
        Assert.Contains("\n  model: checkpoints/starter, hash 01234567\n", EvalTable.Render("s", EvalSummary.Of(named)), StringComparison.Ordinal);
        string table = EvalTable.Render([new EvalComparison("s", named, s_base with { Model = new EvaluatedModel("model", "fedcba98") })]);
        Assert.Contains("\n  base:    checkpoints/starter, hash 01234567\n  adapted: model, hash fedcba98\n", table, StringComparison.Ordinal);
        Assert.DoesNotContain("hash", EvalTable.Render([new EvalComparison("s", s_base, s_base)]), StringComparison.Ordinal);
        using var folder = new TemporaryFolder();
        EvalFile.Write(folder.File("eval.json"), named);
        Assert.Equal(model, EvalFile.Read(folder.File("eval.json")).Model);
        File.WriteAllText(folder.File("eval.json"), File.ReadAllText(folder.File("eval.json")).Replace("\"model\":{\"path\":\"checkpoints/starter\",\"hash\":\"0123456789abcdef\"},", ""));
        Assert.Null(EvalFile.Read(folder.File("eval.json")).Model); // of an earlier version
    }

    [Fact]
    public void Without_gold_answers_only_agreement_is_shown()
    {
        EvalResult result = Evaluations.Result(
            Evaluations.Problem(0, 3, [1], true, gold: false), Evaluations.Problem(1, 2, [1, -1], true, gold: false));
        var comparison = new EvalComparison("own", result, result);
        string table = EvalTable.Render([comparison]);
        Assert.DoesNotContain("pass@", table, StringComparison.Ordinal);
        Assert.Contains("vote share", table, StringComparison.Ordinal);
        Assert.Contains("0 with gold answer", table, StringComparison.Ordinal);
        Assert.Equal(VerdictKind.NotMeasured, Verdict.Of(comparison).Kind);
    }

    [Fact]
    public void A_single_evaluation_renders_as_stored()
    {
        string table = EvalTable.Render("shifted", EvalSummary.Of(s_base with { Refused = [new RefusedPrompt("x", 900, 384)] }));
        Snapshot.Match("single.txt", table);
        Assert.All(table.Split('\n'), line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public void A_rise_of_the_vote_or_of_coverage_is_a_gain()
    {
        var comparison = new EvalComparison("s", s_base, Evaluations.Pattern(64, [1, 2, 3, 4, 4, 4, 3, 1], [true, true, true, true]));
        Verdict verdict = Verdict.Of(comparison);
        Assert.Equal(VerdictKind.Gain, verdict.Kind);
        Assert.StartsWith("gain: ", verdict.Text, StringComparison.Ordinal);
        Assert.Contains("maj@4", verdict.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Greedy_is_a_gain_where_it_is_above_the_vote_of_the_base()
    {
        EvalResult before = Evaluations.Pattern(64, [3, 3, 3, 0], [false, true, true, false]);
        Verdict same = Verdict.Of(new EvalComparison("s", before, Evaluations.Pattern(64, [3, 3, 3, 0], [true, true, true, false])));
        Assert.Equal(VerdictKind.Sharpening, same.Kind); // as good as the vote was
        Assert.Equal("sharpening: greedy rises, not pass@4, maj@4, and greedy not above the base's maj@4.", same.Text);
        Verdict above = Verdict.Of(new EvalComparison("s", before, Evaluations.Pattern(64, [3, 3, 3, 0], [true, true, true, true])));
        Assert.Equal("gain: greedy is above the base's maj@4.", above.Text);
    }

    [Fact]
    public void What_a_temperature_alone_does_is_not_a_gain_of_the_run()
    {
        EvalResult before = Evaluations.Pattern(64, [2, 2, 2, 0], [false]);
        EvalResult after = Evaluations.Pattern(64, [3, 3, 3, 0], [false]);
        Assert.Equal("gain: maj@4 rises, and so does pass@1.", Of(null).Text);
        Verdict explained = Of(after);
        Assert.Equal(VerdictKind.Sharpening, explained.Kind);
        Assert.Equal(
            "sharpening: pass@1 and maj@4 rise, not pass@4. pass@1 and maj@4 are not above the base at temperature 0.3, which is as certain.", explained.Text);
        Verdict less = Of(before);
        Assert.Equal(new Verdict(VerdictKind.Gain, "gain: maj@4 rises, and so does pass@1."), less);

        Verdict Of(EvalResult? matched) => Verdict.Of(new EvalComparison("s", before, after, matched is null ? null : AtTemperature(matched, 0.3)));
    }

    [Fact]
    public void A_rise_above_the_matched_temperature_too_is_said_to_be_that()
    {
        EvalResult before = Evaluations.Pattern(64, [3, 3, 3, 0], [true, true, true, false]);
        EvalResult after = Evaluations.Pattern(64, [4, 4, 4, 0], [true, true, true, false]);
        Assert.Equal(
            "sharpening: pass@1 rises, not pass@4, maj@4. pass@1 is above the base at temperature 0.3, which is as certain.",
            Verdict.Of(new EvalComparison("s", before, after, AtTemperature(before, 0.3))).Text);
    }

    [Fact]
    public void The_table_of_a_matched_temperature_renders_as_stored()
    {
        EvalResult after = Evaluations.Pattern(64, [0, 2, 3, 4, 4, 4, 1, 1], [true, true, true, false]) with { TokenEntropy = 0.0412 };
        EvalResult matched = AtTemperature(Evaluations.Pattern(64, [0, 1, 3, 4, 4, 2, 1, 0], [false]), 0.375);
        string table = EvalTable.Render([new EvalComparison("shifted", s_base, after, matched)]);
        Snapshot.Match("matched.txt", table);
        Assert.All(table.Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.Throws<ArgumentException>(() => new EvalComparison("s", s_base, after, matched with { Settings = matched.Settings with { Seed = 9 } }));
    }

    private static EvalResult AtTemperature(EvalResult result, double temperature) => result with
    {
        Settings = result.Settings with { Temperature = temperature },
        TokenEntropy = 0.0405,
        Problems = [.. result.Problems.Select(problem => problem with { Greedy = null })],
    };

    [Fact]
    public void What_is_printed_together_is_corrected_together()
    {
        // Seven of 64 up, none down: p = 0.016 alone, but not among five tables.
        EvalResult before = Evaluations.Pattern(64, [0], [false]);
        EvalResult after = before with
        {
            Problems = [.. before.Problems.Select((problem, i) => i < 7 ? Evaluations.Pattern(64, [0], [true]).Problems[i] : problem)],
        };
        EvalComparison One() => new("s", before, after);
        double alone = One().Changes[^1].CorrectedP;
        IReadOnlyList<EvalComparison> five = EvalComparison.Together([One(), One(), One(), One(), One()]);
        Assert.True(five[0].Changes[^1].CorrectedP > alone);
        Assert.Equal(VerdictKind.NoChange, Verdict.Of(five[0]).Kind);
    }

    [Fact]
    public void A_rise_of_the_sampled_answer_alone_is_sharpening()
    {
        // Three of four become four of four, one of four becomes none: the vote and greedy stay, only pass@1 can rise.
        EvalResult before = Evaluations.Pattern(64, [3, 3, 3, 0], [true, true, true, false]);
        EvalResult after = Evaluations.Pattern(64, [4, 4, 4, 0], [true, true, true, false]);
        Verdict verdict = Verdict.Of(new EvalComparison("s", before, after));
        Assert.Equal(VerdictKind.Sharpening, verdict.Kind);
        Assert.Equal("sharpening: pass@1 rises, not pass@4, maj@4.", verdict.Text);
    }

    [Fact]
    public void Sharpening_that_loses_coverage_says_so()
    {
        EvalResult before = Evaluations.Pattern(64, [3, 3, 3, 1], [true, true, true, false]);
        EvalResult after = Evaluations.Pattern(64, [4, 4, 4, 0], [true, true, true, false]);
        Verdict verdict = Verdict.Of(new EvalComparison("s", before, after));
        Assert.Equal(VerdictKind.Sharpening, verdict.Kind);
        Assert.EndsWith("pass@4 falls.", verdict.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fall_is_a_loss_and_nothing_is_no_change()
    {
        EvalResult worse = Evaluations.Pattern(64, [0, 0, 1, 2, 3, 1, 0, 0], [false, false, true, false]);
        Assert.Equal(VerdictKind.Loss, Verdict.Of(new EvalComparison("s", s_base, worse)).Kind);
        Verdict same = Verdict.Of(new EvalComparison("s", s_base, s_base));
        Assert.Equal(new Verdict(VerdictKind.NoChange, "no change that 64 problems could show."), same);
    }

    [Fact]
    public void Evaluations_that_do_not_pair_are_refused()
    {
        Assert.Throws<ArgumentException>(() => With(s_base with { Settings = s_base.Settings with { Temperature = 1 } }));
        Assert.Throws<ArgumentException>(() => With(s_base with { Settings = s_base.Settings with { PromptsHash = "f" } }));
        Assert.Throws<ArgumentException>(() => With(s_base with { Settings = s_base.Settings with { Seed = 2 } }));
        Assert.Throws<ArgumentException>(() => With(s_base with { Settings = s_base.Settings with { AnswerPlace = Grading.AnswerPlace.Anywhere } }));
        Assert.Null(s_base.Settings.DifferenceFrom(s_base.Settings));
        Assert.Throws<ArgumentException>(() => With(s_base with { Problems = [.. s_base.Problems.Skip(1)] }));

        static EvalComparison With(EvalResult other) => new("s", s_base, other);
    }
}
