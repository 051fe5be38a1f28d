using Reasoning.Models.Random;
using Reasoning.Trainer.Starter.Problems;

namespace Reasoning.Trainer.Starter.Training;

/// <summary>Which problems the starter is trained on.</summary>
/// <remarks>
/// A combination of shifts that never occurs in training is answered wrongly with confidence, and then neither a vote nor entropy can
/// help; one that is rare is answered right sometimes. That is why shifted problems are rare here and not absent.
/// </remarks>
/// <param name="Partial">Share of problems with one or two of the three shifts, in [0, 1].</param>
/// <param name="Shifted">Share of problems with all three shifts, in [0, 1].</param>
public sealed record TrainingMix(double Partial, double Shifted)
{
    /// <summary>The shifts of one training problem.</summary>
    internal Shifts Draw(ref KeyedStream stream)
    {
        double choice = stream.NextDouble();
        if (choice < Shifted) return Shifts.All;
        return choice < Shifted + Partial ? (Shifts)stream.NextInt((int)Shifts.None + 1, (int)Shifts.All) : Shifts.None;
    }
}
