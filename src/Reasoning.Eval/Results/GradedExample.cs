namespace Reasoning.Eval.Results;

/// <summary>A response with what was made of it, to look at when a run scores nothing.</summary>
public sealed record GradedExample(string PromptId, string Response, string? Extracted, string Gold);
