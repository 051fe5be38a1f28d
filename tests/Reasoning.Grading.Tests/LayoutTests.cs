using System.Text.Json;

namespace Reasoning.Grading.Tests;

public sealed class LayoutTests(ITestOutputHelper output)
{
    // "@" is the answer.
    private static readonly string[] s_rewrites =
    [
        @"@\,", @"@\:", @"@\;", @"@\!", @"@\ ", @"@\\", @"@\>", @"@\quad", @"@\qquad", @"@\thinspace", @"@\enspace", @"@~", @"@\hspace{1em}", @"@\hspace*{2pt}",
        @"@\hfill", @"@\vspace{1ex}", @"@\kern3pt", @"@\mkern 18mu", @"@\hskip 1em", @"@\phantom{x}", @"@\vphantom{1}", @"@\strut", @"@\label{a}", @"@\tag{1}",
        @"\,@", @"\quad @", @"\displaystyle @", @"\textstyle @", @"\large @", @"\Huge{@}", @"\color{red}@", @"\color{red}{@}", @"{\color{red}@}",
        @"\color[rgb]{1,0,0}{@}", @"\textcolor{blue}{@}", @"\textcolor[HTML]{FF0000}{@}", @"\colorbox{yellow}{@}", @"\fcolorbox{red}{white}{@}", @"\boxed{@}",
        @"\fbox{@}", @"\framebox{@}", @"\mathbf{@}", @"\boldsymbol{@}", @"\bm{@}", @"\pmb{@}", @"{\bf @}", @"\mathit{@}", @"\mathsf{@}", @"\mathtt{@}", @"\mathnormal{@}",
        @"\underline{@}", @"\smash{@}", @"\ensuremath{@}", @"\raisebox{2pt}{@}", @"\scalebox{1.2}{@}", @"\resizebox{2cm}{!}{@}", @"\rotatebox{0}{@}",
        @"\mathop{@}", @"\mathord{@}", @"\mathclap{@}", @"\llap{@}", @"\left.@\right.", @"\begin{aligned}@\end{aligned}", @"\begin{align*}&@\end{align*}",
        @"\begin{gathered}@\end{gathered}", @"\begin{split}@\end{split}", @"\begin{equation*}@\end{equation*}", @"\begin{array}{l}@\end{array}",
        @"\begin{array}{c}@\\[4pt]\end{array}", @"\begin{center}@\end{center}", @"\centering @", @"\text{}@", @"{@}", @"$@$", @"\(@\)", @"\[@\]", @"$$@$$",
    ];

    /// <summary>Every gold answer under every rewrite, and under random ones inside each other.</summary>
    [Fact]
    public void Layout_never_changes_a_gold_answer()
    {
        Assert.True(s_rewrites.Length >= 60, $"only {s_rewrites.Length} rewrites");
        var random = new Random(7);
        int count = 0;
        var wrong = new List<string>();
        foreach (string answer in GoldAnswers().Distinct())
        {
            foreach (string rewrite in s_rewrites) Check(answer, Apply(rewrite, answer));
            for (int i = 0; i < 20; i++)
            {
                string nested = answer;
                for (int depth = 2 + random.Next(3); depth > 0; depth--) nested = Apply(s_rewrites[random.Next(s_rewrites.Length - 4)], nested);
                Check(answer, nested);
            }
        }
        output.WriteLine($"{count} rewrites by {s_rewrites.Length} rules");
        Assert.True(wrong.Count == 0, $"{wrong.Count} wrong: {string.Join(Environment.NewLine, wrong.Take(20))}");

        void Check(string answer, string other)
        {
            count++;
            if (!new Grader(answer).GradeResponse($@"So $\boxed{{{other}}}$.").IsEqual || Equivalence.Compare(other, answer) != Outcome.Equal)
                wrong.Add($"{answer} | {other} ({Answer.Parse(other)})");
        }
    }

    private static string Apply(string rewrite, string answer) => rewrite.Replace("@", answer, StringComparison.Ordinal);

    // Without the files a handful of every kind, so that the rewrites are never untested.
    private IEnumerable<string> GoldAnswers()
    {
        foreach (string answer in (string[])["204", @"\frac{3}{4}", @"1\frac{4}{5}", "(1,2)", @"\{1,2\}", @"\text{Evelyn}", @"x \in [-2,7]", "10,080", @"\$36", @"5.4 \text{ cents}", "x=5"])
            yield return answer;
        foreach (string name in (string[])["math500", "amc", "aime24", "aime25"])
        {
            string file = SharedFolder.Require($"data/{name}.json");
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
            foreach (JsonElement item in document.RootElement.EnumerateArray()) yield return item.GetProperty("answer").ToString();
        }
    }
}
