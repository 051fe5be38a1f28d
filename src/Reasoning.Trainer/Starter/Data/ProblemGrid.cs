using Reasoning.Trainer.Starter.Problems;

namespace Reasoning.Trainer.Starter.Data;

/// <summary>
/// The mix whose cells differ in number of operations, form, wording and how often training meets them: never, or 0.1, 1 or 10 percent of
/// its problems (the exposures of Interplay, arXiv:2512.07783).
/// </summary>
/// <remarks>
/// A Latin square of 3 to 6 operations and the four forms: each number of operations and each form has one cell of each exposure, so that
/// neither stands for the exposure. Beside it two operations in other words, one form for each exposure. One and two operations in the usual
/// words are the rest of the training.
/// </remarks>
internal static class ProblemGrid
{
    private const string Name = "grid";

    private static readonly (string Name, double Share)[] s_exposures = [("never", 0), ("trace", 0.001), ("rare", 0.01), ("common", 0.1)];

    internal static TrainingMix Mix()
    {
        ProblemKind[] kinds = Enum.GetValues<ProblemKind>();
        List<Cell>[] exposed = [.. s_exposures.Select(_ => new List<Cell>())];
        for (int i = 0; i < kinds.Length; i++)
        {
            for (int operations = 3; operations <= 6; operations++) Add((operations + i) % 4, Cell(kinds[i], operations, Shifts.None));
            Add(i, Cell(kinds[i], 2, Shifts.Wording));
        }

        Cell[] source = [.. kinds.SelectMany(kind => new[] { Cell(kind, 1, Shifts.None), Cell(kind, 2, Shifts.None) })];
        Cell[] square = [.. exposed.SelectMany(cells => cells).Where(cell => cell.Operations > 2)];
        IEnumerable<MixPart> parts = s_exposures.Zip(exposed, (exposure, cells) => new MixPart(exposure.Share * cells.Count, cells)).Where(part => part.Share > 0);
        return new TrainingMix(
            Name,
            [.. parts, new MixPart(1 - parts.Sum(part => part.Share), source)],
            [
                new(Name, square, 1004), new($"{Name}-heldout", square, 1005), new($"{Name}-source", source, 1006),
                .. exposed.SelectMany(cells => cells).Concat(source).Select(cell => new SetPlan($"{Name}/{cell.Name}", [cell], 1007)),
            ]);

        void Add(int exposure, Cell cell) => exposed[exposure].Add(cell with { Name = $"{cell.Name}-{s_exposures[exposure].Name}" });
    }

    private static Cell Cell(ProblemKind kind, int operations, Shifts shifts) => new(shifts, operations, kind, SolutionStyle.Varied)
    {
        Name = $"{kind.ToString().ToLowerInvariant()}-{operations}{(shifts.HasFlag(Shifts.Wording) ? "-reworded" : "")}",
    };
}
