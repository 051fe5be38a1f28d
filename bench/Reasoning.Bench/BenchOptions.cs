namespace Reasoning.Bench;

/// <summary>What the command line says.</summary>
/// <param name="Rounds">Rounds of all sides in turn.</param>
/// <param name="Threads">Threads of every side.</param>
/// <param name="Only">Part of the names of the rows to measure; empty for all.</param>
/// <param name="Alone">Whether to leave the peers out, for a profiler.</param>
internal sealed record BenchOptions(int Rounds, int Threads, string Only = "", bool Alone = false)
{
    /// <summary>Whether a row is to be measured.</summary>
    public bool Wants(string row) => row.Contains(Only, StringComparison.OrdinalIgnoreCase);
}
