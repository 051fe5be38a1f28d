namespace Reasoning.Eval.Results;

/// <summary>A prompt that was not evaluated because prompt and answer do not fit into the model's positions.</summary>
/// <param name="PromptId">Its id.</param>
/// <param name="Tokens">Tokens of the rendered prompt.</param>
/// <param name="Allowed">Most tokens that leave room for an answer.</param>
public sealed record RefusedPrompt(string PromptId, int Tokens, int Allowed);
