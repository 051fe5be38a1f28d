namespace Reasoning.Eval.Results;

/// <summary>A number that describes an evaluation and is not tested: every test that is printed costs the others power.</summary>
/// <param name="Name">As tables and JSON call it.</param>
/// <param name="Value">Its value.</param>
/// <param name="Unit">"%" for a share, "nats", or empty for a number.</param>
public sealed record Measure(string Name, double Value, string Unit);
