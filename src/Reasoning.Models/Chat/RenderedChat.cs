namespace Reasoning.Models.Chat;

/// <summary>A conversation as a model reads it.</summary>
/// <param name="Text">What the template writes.</param>
/// <param name="Ids">Its tokens: the text's own and no others, so that its special tokens are those the template writes.</param>
public sealed record RenderedChat(string Text, int[] Ids);
