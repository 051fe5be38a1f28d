using Reasoning.Eval.Results;
using Reasoning.Eval.Statistics;
using Reasoning.Models;
using Reasoning.Models.Prompts;

namespace Reasoning.Eval.Tests;

public sealed class EvalSummaryTests
{
    [Fact]
    public void Accuracies_are_means_over_problems()
    {
        EvalSummary summary = EvalSummary.Of(Evaluations.Result(
            Evaluations.Problem(0, 4, [], true), Evaluations.Problem(1, 1, [1, 1, 1], false),
            Evaluations.Problem(2, 2, [1, 1], true), Evaluations.Problem(3, 0, [-1, 2, 2, 3], false)));
        Assert.Equal(["pass@1", "pass@4", "maj@4", "greedy"], summary.Accuracies.Select(metric => metric.Name));
        Assert.Equal(7 / 16.0, summary.Find("pass@1")!.Estimate.Value, 12);
        Assert.Equal(0.75, summary.Find("pass@4")!.Estimate.Value, 12);
        Assert.Equal((1 + 0 + 0.5 + 0) / 4, summary.Find("maj@4")!.Estimate.Value, 12);
        Assert.Equal(0.25, summary.Find("maj@4")!.TieRate!.Value, 12);
        Assert.Equal(0.5, summary.Find("greedy")!.Estimate.Value, 12);
        Assert.Equal(1 / 16.0, summary.UnparsedRate, 12);
        Assert.Equal((4 + 3 + 2 + 2) / 16.0, summary.VoteShare.Estimate.Value, 12);
        Assert.Equal(Intervals.SamplingError([1, 0.25, 0.5, 0], 4), summary.Find("pass@1")!.SamplingError, 12);
    }

    [Fact]
    public void Measures_describe_the_answers_as_worked_out_by_hand()
    {
        EvalSummary summary = EvalSummary.Of(Evaluations.Result(
            Evaluations.Problem(0, 4, [], true), Evaluations.Problem(1, 1, [1, 1, 1], false),
            Evaluations.Problem(2, 2, [1, 1], true), Evaluations.Problem(3, 0, [-1, 2, 2, 3], false)));
        Assert.Equal(["distinct answers", "answer entropy", "G-Pass@4 τ=0.5", "G-Pass@4 τ=1", "mG-Pass@4", "calibration error"], summary.Measures.Select(measure => measure.Name));
        double Value(int i) => summary.Measures[i].Value;
        Assert.Equal((1 + 2 + 2 + 2) / 4.0, Value(0), 12);
        // Shares 1; 1/4, 3/4; 1/2, 1/2; and of the three that answer 2/3, 1/3.
        double quarter = (-0.25 * Math.Log(0.25)) - (0.75 * Math.Log(0.75)), third = (-2 / 3.0 * Math.Log(2 / 3.0)) - (1 / 3.0 * Math.Log(1 / 3.0));
        Assert.Equal((quarter + Math.Log(2) + third) / 4, Value(1), 12);
        Assert.Equal(0.5, Value(2), 12); // two and more of four: 4 and 2
        Assert.Equal(0.25, Value(3), 12);
        // Of 4 of 4: P[X ≥ 3] + P[X ≥ 4] = 2, of the others 0; times 2/4, a quarter of the problems.
        Assert.Equal(0.25, Value(4), 12);
        // Vote shares 1, 3/4, 1/2, 1/2 against 1, 0, 1/2 by the tie, 0: the last two share a bin.
        Assert.Equal((0 + 0.75 + (1 - 0.5)) / 4, Value(5), 12);
        Assert.Empty(EvalSummary.Of(Evaluations.Result(Evaluations.Problem(0, 1, [], true))).Measures);
        Assert.Equal(["distinct answers", "answer entropy"], EvalSummary.Of(Evaluations.Result(
            Evaluations.Problem(0, 3, [1], true, gold: false))).Measures.Select(measure => measure.Name));
    }

    [Fact]
    public void Prompts_that_stand_among_the_others_are_counted_by_their_words()
    {
        string thirteen = string.Join(' ', Enumerable.Range(1, 13)), twelve = string.Join(' ', Enumerable.Range(1, 12));
        var others = new PromptSet("others", [new Prompt("a", $"What is it? {thirteen}, or so", null), new Prompt("b", "Add 2 and 3!", null)]);
        PromptOverlap Of(params string[] texts) => PromptOverlap.Of(new PromptSet("set", [.. texts.Select((text, i) => new Prompt($"{i}", text, null))]), others);
        Assert.Equal(new PromptOverlap(1, 1), Of("add 2 - and - 3", "add 2 and 4"));
        Assert.Equal(new PromptOverlap(0, 1), Of($"Begin: {thirteen} end", $"Begin: {twelve} end"));
        Assert.Equal(new PromptOverlap(1, 2), Of($"it {thirteen}", $"what is it {thirteen} or so"));
    }

    [Fact]
    public void Without_gold_answers_there_are_no_accuracies_but_shares()
    {
        EvalSummary summary = EvalSummary.Of(Evaluations.Result(
            Evaluations.Problem(0, 3, [1], true, gold: false), Evaluations.Problem(1, 2, [1, -1], true, gold: false)));
        Assert.Empty(summary.Accuracies);
        Assert.Equal(0, summary.WithGold);
        Assert.Equal(0.625, summary.VoteShare.Estimate.Value, 12);
    }

    [Fact]
    public void Accuracies_cover_only_prompts_with_gold_answers()
    {
        EvalSummary summary = EvalSummary.Of(Evaluations.Result(
            Evaluations.Problem(0, 4, [], true), Evaluations.Problem(1, 4, [], true, gold: false)));
        Assert.Equal((2, 1), (summary.Problems, summary.WithGold));
        Assert.Equal(1, summary.Find("pass@1")!.Estimate.Problems);
    }

    [Fact]
    public void A_stored_result_reads_back_the_same()
    {
        EvalResult result = Evaluations.Result(Evaluations.Problem(0, 1, [1, -1, 2], false), Evaluations.Problem(1, 4, [], null, gold: false)) with
        {
            Refused = [new RefusedPrompt("long", 600, 384)],
            UnreadGold = ["p0"],
            Examples = [new GradedExample("p0", "text \"quoted\" ½\n\\boxed{1}", "1", "5")],
        };
        using var folder = new TemporaryFolder();
        string file = folder.File("eval.json");
        EvalFile.Write(file, result);
        EvalResult read = EvalFile.Read(file);
        Assert.Equal(EvalFile.ToJson(result), EvalFile.ToJson(read));
        Assert.Equal(result.Problems[0].Correct, read.Problems[0].Correct);
        Assert.Equal(result.Problems[0].Class, read.Problems[0].Class);
        Assert.Equal(result.Refused, read.Refused);
        Assert.Equal(result.Examples, read.Examples);
        Assert.Null(read.Problems[1].Correct);
        Assert.Equal([file], Directory.GetFiles(Path.GetDirectoryName(file)!));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"version\":1}")]
    public void Files_that_are_no_evaluation_are_refused_by_name(string content)
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("eval.json", content);
        Assert.Contains(file, Assert.Throws<UserErrorException>(() => EvalFile.Read(file)).Message, StringComparison.Ordinal);
        File.Delete(file);
        Assert.Throws<UserErrorException>(() => EvalFile.Read(file));
        Assert.Throws<NotWrittenException>(() => EvalFile.Write("/proc/none/result.json", Evaluations.Result(Evaluations.Problem(0, 4, [], true))));
    }
}
