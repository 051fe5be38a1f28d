namespace Reasoning.Grading.Rules;

/// <summary>One rule by which answers are read or compared.</summary>
/// <param name="Name">What it is called in an explanation and in docs/grading.md.</param>
/// <param name="Sentence">What it says.</param>
/// <param name="Examples">Pairs "a ~ b" (equal), "a ≠ b" (different), "a ? b" (one is not read).</param>
internal sealed record Rule(string Name, string Sentence, params string[] Examples);

/// <summary>One application of a rule.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Result">The text that it leaves; null for a rule that works on values.</param>
internal sealed record Step(Rule Rule, string? Result);
