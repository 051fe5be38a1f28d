using Reasoning.Models.Random;
using Reasoning.Trainer.Starter.Problems;

namespace Reasoning.Trainer.Starter.Data;

/// <summary>Which problems a starter is trained on, and the prompt sets that go with it.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Parts">Groups of cells with their shares, of which the last one gets what the others leave.</param>
/// <param name="Plans">Its prompt sets, which are left out of training.</param>
public sealed record TrainingMix(string Name, IReadOnlyList<MixPart> Parts, IReadOnlyList<SetPlan> Plans)
{
    /// <summary>Source problems and a few shifted ones: the mix of checkpoints/starter.</summary>
    /// <remarks>
    /// A combination of shifts that never occurs in training is answered wrongly with confidence, and then neither a vote nor entropy can
    /// help; one that is rare is answered right sometimes. That is why shifted problems are rare here and not absent.
    /// </remarks>
    public static TrainingMix Starter { get; } = Shifted(partial: 0.06, shifted: 0.06);

    /// <summary>Number of operations × share in training, in solutions that are worded in many ways: the mix of checkpoints/noisy.</summary>
    public static TrainingMix Grid { get; } = ProblemGrid.Mix();

    /// <summary>Every mix that has a name.</summary>
    public static IReadOnlyList<TrainingMix> All { get; } = [Starter, Grid];

    /// <summary>Its prompt sets. They share no problem with each other.</summary>
    public IReadOnlyList<DataSet> Sets => field ??= DataSets.Make(Plans);

    /// <summary>The texts of all problems of its sets, to keep them out of training.</summary>
    public IReadOnlySet<string> Texts => field ??= Sets.SelectMany(set => set.Problems).Select(problem => problem.Text).ToHashSet(StringComparer.Ordinal);

    /// <summary>A mix of source problems and shifted ones.</summary>
    /// <param name="partial">Share of problems with one or two of the three shifts, in [0, 1].</param>
    /// <param name="shifted">Share of problems with all three shifts, in [0, 1].</param>
    internal static TrainingMix Shifted(double partial, double shifted) => new(
        "starter",
        [
            new(shifted, [new Cell(Shifts.All)]),
            new(partial, [.. Enumerable.Range((int)Shifts.None + 1, (int)Shifts.All - 1).Select(shifts => new Cell((Shifts)shifts))]),
            new(1 - shifted - partial, [new Cell(Shifts.None)]),
        ],
        [
            new("shifted", [new Cell(Shifts.All | Shifts.Factors)], 1001),
            new("shifted-heldout", [new Cell(Shifts.All | Shifts.Factors)], 1002),
            new("source", [new Cell(Shifts.None)], 1003),
        ]);

    /// <summary>The cell of one training problem.</summary>
    internal Cell Draw(ref KeyedStream stream)
    {
        double choice = stream.NextDouble(), below = 0;
        foreach (MixPart part in Parts.SkipLast(1))
        {
            below += part.Share;
            if (choice < below) return part.Draw(ref stream);
        }

        return Parts[^1].Draw(ref stream);
    }
}

/// <summary>Some cells, each equally likely.</summary>
/// <param name="Share">Their share of the training problems together, in [0, 1].</param>
/// <param name="Cells">The cells.</param>
public sealed record MixPart(double Share, IReadOnlyList<Cell> Cells)
{
    internal Cell Draw(ref KeyedStream stream) => Cells[stream.NextInt(Cells.Count)];
}

/// <summary>A prompt set to be made.</summary>
/// <param name="Name">Name of its file without extension, with a folder where it has one of its own.</param>
/// <param name="Cells">Its cells in turn, so that the first problems of the file are of all of them.</param>
/// <param name="Seed">Seed of its problems, which no training run uses by default.</param>
public sealed record SetPlan(string Name, IReadOnlyList<Cell> Cells, ulong Seed);
