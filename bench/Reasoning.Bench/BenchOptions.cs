namespace Reasoning.Bench;

/// <summary>What the command line says.</summary>
/// <param name="Rounds">Rounds of all sides in turn.</param>
/// <param name="Threads">Threads of every side.</param>
internal sealed record BenchOptions(int Rounds, int Threads);
