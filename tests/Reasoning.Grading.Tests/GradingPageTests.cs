using System.Text;
using Reasoning.Grading.Rules;

namespace Reasoning.Grading.Tests;

public sealed class GradingPageTests
{
    private const string Before = """
        # Which answers are the same

        *Generated from `src/Reasoning.Grading/Rules/Rulebook.cs`; to write it anew:
        `REASONING_REWRITE_DOCS=1 dotnet test -c Release tests/Reasoning.Grading.Tests --filter GradingPage`.*

        An answer is read into an exact value, and values are compared. The vote, the rewards, the evaluation and `reasoning grade` all use the
        same comparison; `reasoning grade --explain` prints the rules that applied. Every example below is tested in both directions.

        | Outcome | Meaning |
        |---|---|
        | `equal` | The same value, or the same text once layout and surroundings are gone. |
        | `different` | Both were read, and no rule makes them equal. |
        | `unparsed` | One of them is blank or was not read. It equals nothing but the same text (a blank one not even that), and it never votes. |
        | `out-of-budget` | Too long or too large to work out. The budget counts operations, so the result does not depend on the machine. |

        A missed equality costs a vote. A false one turns it in silence, so every rule errs towards `different`.

        ## The rules

        In this order: characters and layout, what stands around the answer, numbers with their words and units, what the answer says, and how
        two values compare. `=` equal, `≠` different, `?` one of them is not read.


        """;

    private const string After = """

        ## Where the answer stands

        By default in the last `\boxed{…}` or `\fbox{…}` alone; one that is not closed is no answer. With `answer-place: anywhere` (`--answer-place
        anywhere` for `eval` and `grade`) boxes directly before the last one belong to it when only a comma, "and" or "or" stands between; without a
        box what follows the last "the answer is" that is not negated decides, else the last formula or number that is not negated. A bare `answer`
        of `reasoning grade` is searched like that only when it is prose; from a formula that cannot be read nothing is picked.

        ## Votes

        Not every rule is transitive: 5 cm = 5 = 5 m, (1,2) = 1,2 = 2,1, B = "B. 12" = 12, and a long decimal equals all that it rounds. So an answer
        joins the first class all of whose members equal it, and else founds one: all members of a class equal each other, and which class an answer
        between two joins depends on the order of the ballots.

        ## What is not read

        Integrals, derivatives, limits, infinite sums, case distinctions, congruences, inverse matrices, sums of tuples, `\sin^{-1}` (inverse to some,
        reciprocal to others), `1/2x` (half of x or the inverse of 2x), `\sqrt12` (a root over 1 or over 12), digits above 9 in other bases. A letter
        behind a number outside of `\text{…}` is a symbol, not a unit (5 m). `\log` without a base is taken to base 10. Recipes cannot shorten the ten digits of a rounded decimal.

        ## Debatable rows of the labelled cases

        Two files of labelled pairs are used in development and are no part of this repository; tests that need them are skipped where they are
        missing. Of `math-equivalence.jsonl` 131 of 134 rows come out as labelled, of `grading-field.jsonl` all 61. The others:

        | Row | Label | Ours | Why |
        |---|---|---|---|
        | `x \in [-2,7]` and `-2 \le x \le 7`, "no comparison of sets and relations" | different | equal | The file holds the pair twice with both labels; the two say the same of x. |
        | `f(x)` and `f(y)`, "not strict" | equal | different | The file holds the pair twice with both labels; which symbol stands in an answer matters. |
        | `\\boxed{W(n) = 1 \\text{ and } W(n) = -1` and `W(x)=1orW(x)=-1` | equal | unparsed | The box of the gold answer is never closed, and the two use different symbols. |

        """;

    [Fact]
    public void Every_example_of_the_rules_holds_in_both_directions() => Assert.All(Rulebook.All, rule => Assert.All(rule.Examples, example =>
    {
        (string a, string b, Outcome expected) = Pairs.Split(example);
        Assert.Equal((example, expected, expected), (example, Equivalence.Compare(a, b), Equivalence.Compare(b, a)));
    }));

    [Fact]
    public void The_page_shows_the_rules()
    {
        string file = Repository.Path("docs/grading.md"), expected = Render();
        if (Environment.GetEnvironmentVariable("REASONING_REWRITE_DOCS") == "1") File.WriteAllText(file, expected);
        Assert.Equal(expected, File.ReadAllText(file).ReplaceLineEndings("\n"));
    }

    [Fact]
    public void An_explanation_names_the_rules_one_a_line()
    {
        Assert.Equal(
            [
                "gold: 2/5", "  read as Number: 2/5",
                @"answer: \textcolor{red}{\frac25}\ (0.4)", @"  layout: {\frac25} (0.4)", "  chains", "  read as Number: 2/5", "equal: the same value",
            ],
            new Grader("2/5").Explain(@"\textcolor{red}{\frac25}\ (0.4)"));
        Assert.Equal("different: no rule makes them equal", new Grader("3").Explain(@"3\text{ or more}")[^1]);
        Assert.Contains("equal: rounding", new Grader("1/12").Explain("0.0833333333333333"));
        Assert.Contains("equal: collections", new Grader("1,2").Explain("2,1"));
        Assert.Equal("unparsed: what is blank or not read equals nothing", new Grader("3").Explain(null)[^1]);
    }

    private static string Render()
    {
        var text = new StringBuilder(Before);
        foreach (Rule rule in Rulebook.All)
        {
            text.Append("**").Append(rule.Name).Append("** · ").Append(rule.Sentence).Append("  \n");
            text.AppendJoin(" · ", rule.Examples.Select(Show)).Append("\n\n");
        }
        return text.Remove(text.Length - 1, 1).Append(After).ToString().ReplaceLineEndings("\n");
    }

    private static string Show(string example)
    {
        (string a, string b, Outcome outcome) = Pairs.Split(example);
        return $"`{a}` {(outcome switch { Outcome.Equal => "=", Outcome.Different => "≠", _ => "?" })} `{b}`";
    }
}
