namespace Reasoning.Models.Prompts;

/// <summary>One problem to be answered.</summary>
/// <param name="Id">Unique within its set.</param>
/// <param name="Text">The problem, as it enters the prompt template.</param>
/// <param name="Answer">The gold answer, or null. It is for evaluation; label-free training never reads it.</param>
public sealed record Prompt(string Id, string Text, string? Answer = null);
