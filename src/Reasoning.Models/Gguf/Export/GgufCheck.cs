namespace Reasoning.Models.Gguf.Export;

/// <summary>One line of the checklist of an export.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="Text">What was found.</param>
/// <param name="IsNote">Whether it is something to know rather than something that was checked.</param>
public sealed record GgufCheck(string Name, string Text, bool IsNote = false);
