namespace Reasoning.Bench.Harness;

/// <summary>One side of a comparison.</summary>
/// <param name="Name">Who runs, in the words of the result table.</param>
/// <param name="Run">Does the work once and returns its seconds, measured inside.</param>
internal sealed record Contestant(string Name, Func<double> Run);
