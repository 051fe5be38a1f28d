namespace Reasoning.Models.Gguf.Vocabulary;

/// <summary>One pre-tokenizer that readers of GGUF files know by name.</summary>
/// <param name="Name">The value of <c>tokenizer.ggml.pre</c>.</param>
/// <param name="Label">What it is, for people.</param>
/// <param name="Patterns">Its cuts, one pattern after the other, as tokenizer.json spells them.</param>
/// <param name="IgnoresMerges">Whether a word that is a token is taken whole, whatever the merges say.</param>
/// <param name="ComposesFirst">Whether the tokenizers of this name normalize to NFC, which the file has no field for.</param>
/// <param name="AddsBos">What <c>tokenizer.ggml.add_bos_token</c> is where a file does not say.</param>
/// <param name="OtherNames">Names that mean the same to readers.</param>
internal sealed record PreTokenizerRule(
    string Name, string Label, string[] Patterns, bool IgnoresMerges, bool ComposesFirst, bool AddsBos, params string[] OtherNames);
