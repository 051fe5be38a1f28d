namespace Reasoning.Trainer.Starter.Problems;

/// <summary>A cell of the grid of problems: what is fixed when one is drawn.</summary>
/// <param name="Shifts">In which respects its problems differ from the source distribution.</param>
/// <param name="Operations">Steps of a solution; 0 leaves them to <paramref name="Shifts"/>.</param>
/// <param name="Kind">The form of its problems; null for any, each equally likely.</param>
/// <param name="Style">How solutions are written; null for one of the two plain styles, each equally likely.</param>
public sealed record Cell(Shifts Shifts, int Operations = 0, ProblemKind? Kind = null, SolutionStyle? Style = null)
{
    /// <summary>Part of the ids of its problems; empty where a set has only one cell.</summary>
    public string Name { get; init; } = "";

    /// <summary>Names the stream of its problems; how solutions are written changes no problem.</summary>
    internal ulong Key => (ulong)(Shifts & Shifts.All) | ((ulong)Operations << 8) | (Kind is { } kind ? (ulong)kind + 1 : 0) << 16;
}
