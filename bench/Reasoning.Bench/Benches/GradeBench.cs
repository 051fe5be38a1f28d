using System.Text.Json.Nodes;
using Reasoning.Bench.Harness;
using Reasoning.Grading;

namespace Reasoning.Bench.Benches;

/// <summary>Answers judged a second: parse both, compare. There is no peer to run here: the graders that people use are Python packages.</summary>
internal static class GradeBench
{
    public const string Title = "grading, one thread";

    // One pass over the pairs is short, and the code that reads them long: machine code is final only after many.
    private const int Passes = 30;

    public static void Run(Report report, BenchOptions options)
    {
        (string Gold, string Answer)[] pairs = Pairs(report);
        int equal = 0;
        void Grade()
        {
            equal = 0;
            foreach ((string gold, string answer) in pairs)
            {
                if (new Grader(gold).GradeAnswer(answer).IsEqual) equal++;
            }
        }

        void GradeOften()
        {
            for (int i = 0; i < Passes; i++) Grade();
        }

        Contest.WarmUp(GradeOften);
        double[][] seconds = Contest.Run(options.Rounds, [new("ours", () => Contest.Time(GradeOften))]);
        report.Columns("pairs", "answers a second", "equal");
        report.Row(
            Stats.Number(pairs.Length, "#,0"), Stats.Number(Passes * pairs.Length / Stats.Median(seconds[0]), "#,0"), Stats.Number(equal, "#,0"));
        report.Note("no peer: math-verify and its like are Python packages that the registries here do not have");
    }

    private static (string Gold, string Answer)[] Pairs(Report report)
    {
        string cases = Path.Combine(BenchModels.Root, "..", "shared", "cases", "math-equivalence.jsonl");
        if (File.Exists(cases))
        {
            report.Note("pairs of shared/cases/math-equivalence.jsonl");
            return [.. File.ReadLines(cases).Select(line => JsonNode.Parse(line)!).Select(node => ((string)node["gold"]!, (string)node["answer"]!))];
        }

        report.Note("shared/cases is not here: a handful of pairs of our own");
        return
        [
            ("\\frac{1}{2}", "0.5"), ("\\frac{3}{4}", "\\dfrac{6}{8}"), ("2\\sqrt{3}", "\\sqrt{12}"), ("x^2+2x+1", "(x+1)^2"), ("[0, 1)", "0 \\le x < 1"),
            ("\\{1,2,3\\}", "3, 2, 1"), ("1,000", "1000"), ("\\frac{\\pi}{6}", "30^\\circ"), ("7", "8"), ("(1, 2)", "(2, 1)"),
        ];
    }
}
