using System.Text.RegularExpressions;
using Reasoning.Models.Random;
using Reasoning.Trainer.Starter.Data;
using Reasoning.Trainer.Starter.Problems;
using Reasoning.Trainer.Starter.Training;

namespace Reasoning.Trainer.Tests.Starter;

public sealed partial class ProblemGridTests
{
    private static readonly string[] s_exposures = ["never", "trace", "rare", "common"];

    private static readonly Cell[] s_cells = [.. TrainingMix.Grid.Sets.SelectMany(set => set.Plan.Cells).Distinct()];

    private static string Exposure(Cell cell) => cell.Name.Split('-')[^1];

    [Fact]
    public void Each_number_of_operations_and_each_form_has_one_cell_of_each_exposure()
    {
        Cell[] square = [.. TrainingMix.Grid.Sets[0].Plan.Cells];
        Assert.Equal(16, square.Length);
        Assert.Equal([3, 4, 5, 6], square.Select(cell => cell.Operations).Distinct().Order());
        foreach (IGrouping<object, Cell> line in square.GroupBy(cell => (object)cell.Operations).Concat(square.GroupBy(cell => (object)cell.Kind!)))
            Assert.Equal(s_exposures.Order(), line.Select(Exposure).Order());
        Cell[] reworded = [.. s_cells.Where(cell => cell.Shifts == Shifts.Wording)];
        Assert.Equal(s_exposures.Order(), reworded.Select(Exposure).Order());
        Assert.Equal(4, reworded.Select(cell => cell.Kind).Distinct().Count());
    }

    [Fact]
    public void Training_meets_each_cell_as_often_as_its_exposure_says()
    {
        Assert.Equal(1, TrainingMix.Grid.Parts.Sum(part => part.Share), 1e-12);
        foreach (Cell cell in s_cells)
        {
            MixPart? part = TrainingMix.Grid.Parts.SingleOrDefault(part => part.Cells.Contains(cell));
            double expected = cell.Operations > 2 || cell.Shifts == Shifts.Wording
                ? Exposure(cell) switch { "never" => 0, "trace" => 0.001, "rare" => 0.01, _ => 0.1 } : 0.445 / 8;
            Assert.Equal(expected, part is null ? 0 : part.Share / part.Cells.Count, 1e-12);
        }

        const int Count = 20_000;
        var stream = new TrainingStream(1, TrainingMix.Grid);
        ILookup<Cell, Problem> drawn = Enumerable.Range(0, Count).Select(i => stream[(ulong)i]).ToLookup(problem => problem.Cell);
        foreach (MixPart part in TrainingMix.Grid.Parts)
        {
            double expected = part.Share / part.Cells.Count, deviation = Math.Sqrt(expected / Count);
            Assert.All(part.Cells, cell => Assert.InRange(drawn[cell].Count() / (double)Count, expected - (4 * deviation), expected + (4 * deviation)));
        }
    }

    [Fact]
    public void Problems_have_the_form_and_the_operations_of_their_cell_and_their_text_leads_to_the_answer()
    {
        var generator = new ProblemGenerator(5);
        foreach (Cell cell in s_cells)
        {
            for (ulong i = 0; i < 100; i++)
            {
                Problem problem = generator.Draw(cell, i);
                Assert.Equal(cell.Kind, problem.Kind);
                Assert.Equal(cell.Operations, problem.Steps.Count);
                Assert.True(ProblemReader.Solve(problem) == problem.Answer, $"{problem.Text} -> {problem.Answer}");
                AssertInRange(problem);
            }
        }
    }

    private static void AssertInRange(Problem problem)
    {
        int value = problem.Start;
        foreach (Step step in problem.Steps)
        {
            if (step.Operation == Operation.Divide) Assert.Equal(0, value % step.Operand);
            value = step.Apply(value);
            Assert.InRange(value, 1, 999);
        }
    }

    [Fact]
    public void Every_equation_of_a_varied_solution_holds()
    {
        var generator = new ProblemGenerator(5);
        foreach (Cell cell in s_cells)
        {
            for (ulong i = 0; i < 100; i++)
            {
                Problem problem = generator.Draw(cell, i);
                Assert.Equal(SolutionStyle.Varied, problem.Style);
                string[] parts = problem.Solution.Split("\\boxed");
                Assert.Equal($"{{{problem.Answer}}}", parts[1]);
                string[] steps = Ends().Split(parts[0])[..^1];
                ProblemGeneratorTests.AssertEquations(problem, [.. steps.Select(step => EqualSigns().Replace(Lead().Replace(step, ""), "="))]);
            }
        }
    }

    /// <summary>Where the entropy of a model that has learned them comes from, whatever it knows of arithmetic.</summary>
    [Fact]
    public void A_varied_solution_has_many_words_and_both_orders()
    {
        string[] written = [.. Enumerable.Range(0, 1000).Select(key =>
        {
            var stream = new KeyedStream((ulong)key);
            return WorkedSolution.Write(40, [new(Operation.Add, 23), new(Operation.Subtract, 5)], SolutionStyle.Varied, ref stream);
        })];
        foreach (string part in new[] { "First ", "Then ", "After that ", " makes ", " gives ", " is ", "; ", ".\n", "40+23", "+20", ", +3", ", +20" })
            Assert.InRange(written.Count(text => text.Contains(part, StringComparison.Ordinal)), 50, 950);
        Assert.True(written.Distinct().Count() > 500, $"{written.Distinct().Count()}");
    }

    [Fact]
    public void How_a_solution_is_written_changes_no_problem()
    {
        var generator = new ProblemGenerator(5);
        foreach (Cell cell in s_cells)
        {
            Problem varied = generator.Draw(cell, 3), plain = generator.Draw(cell with { Style = SolutionStyle.Direct }, 3);
            Assert.Equal((varied.Text, varied.Answer), (plain.Text, plain.Answer));
            Assert.NotEqual(varied.Solution, plain.Solution);
        }
    }

    /// <summary>As data/README.md makes a stream of prompts.</summary>
    [Fact]
    public void Sorted_lines_are_ordered_by_form_then_by_operations()
    {
        string[] lines = File.ReadAllLines(Repository.Path("data/grid.jsonl"));
        Array.Sort(lines, StringComparer.Ordinal);
        string[][] parts = [.. lines.Select(line => line.Split('"')[3].Split('-'))];
        string[] cells = [.. parts.Select(part => $"{part[1]} {part[2]}")];
        Assert.Equal(256, cells.Length);
        Assert.Equal(cells.Order(StringComparer.Ordinal), cells);
        Assert.Equal(16, cells.Distinct().Count());
    }

    [GeneratedRegex(@"; |\.\n|\. ")]
    private static partial Regex Ends();

    [GeneratedRegex("^[A-Z][a-z ]+")]
    private static partial Regex Lead();

    [GeneratedRegex(" = | [a-z]+ ")]
    private static partial Regex EqualSigns();
}
