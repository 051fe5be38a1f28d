namespace Reasoning.Models.Chat;

/// <summary>An id that ends an answer.</summary>
/// <param name="Id">The token id.</param>
/// <param name="Text">The token as written in the tokenizer.</param>
/// <param name="Sources">The files that name it, e.g. <c>config.json</c> and <c>generation_config.json</c>.</param>
public sealed record StopToken(int Id, string Text, IReadOnlyList<string> Sources);
