using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Gguf.Vocabulary;

/// <summary>
/// The names of byte-level pre-tokenizers in GGUF files and what each of them does. The name of an export is chosen by the patterns of
/// tokenizer.json and by whether merges are ignored for whole words; where one behaviour has several names, the one of the model's own
/// family comes first.
/// </summary>
internal static class PreTokenizerNames
{
    /// <summary>The cut of each digit by itself.</summary>
    internal const string Digit = @"\p{N}";

    private const string Ends = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)";
    private const string Qwen35 =
        Ends + @"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    // Upper then lower case, and upper case alone, as Mistral's Tekken and GPT-4o cut words.
    private const string Upper = @"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]";
    private const string Lower = @"[\p{Ll}\p{Lm}\p{Lo}\p{M}]";
    private const string Before = @"[^\r\n\p{L}\p{N}]?";
    private const string CaseRest = @" ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const string Gpt4o =
        Before + Upper + "*" + Lower + "+" + Ends + "?|" + Before + Upper + "+" + Lower + "*" + Ends + @"?|\p{N}{1,3}|" + CaseRest;

    private static readonly PreTokenizerRule[] s_rules =
    [
        new("llama-bpe", "the pattern of Llama 3, whole words before merges", [WordScanners.Llama3], true, false, true,
            "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2"),
        new("dbrx", "the pattern of Llama 3, merges only", [WordScanners.Llama3], false, false, false, "smaug-bpe"),
        new("qwen2", "the pattern of Qwen2", [WordScanners.Qwen2], false, true, false,
            "deepseek-r1-qwen", "stablelm2", "megrez", "hunyuan", "solar-open"),
        new("qwen35", "the pattern of Qwen3.5", [Qwen35], false, true, false),
        new("smollm", "single digits, then the pattern of GPT-2", [Digit, WordScanners.Gpt2], false, false, false,
            "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"),
        new("gpt-2", "the pattern of GPT-2", [WordScanners.Gpt2], false, false, false, "phi-2", "olmo", "mpt", "jais", "trillion", "exaone4"),
        new("tekken", "the pattern of Mistral's Tekken, whole words before merges", [WordScanners.Tekken], true, false, true),
        new("gpt-4o", "the pattern of GPT-4o", [Gpt4o], false, false, false, "llama4", "kanana2"),
    ];

    /// <summary>Every name that is known, for messages.</summary>
    internal static string Known => string.Join(", ", s_rules.SelectMany(rule => rule.OtherNames.Prepend(rule.Name)));

    /// <summary>The rule of a name, or null.</summary>
    internal static PreTokenizerRule? Find(string name)
        => Array.Find(s_rules, rule => rule.Name == name || rule.OtherNames.Contains(name));

    /// <summary>The name for a tokenizer, and why it is the one.</summary>
    /// <param name="source">A byte-level tokenizer.</param>
    /// <param name="modelType">The model's family.</param>
    /// <param name="given">The name that a person asked for, or null.</param>
    /// <exception cref="UserErrorException">The given name is unknown, or no name fits.</exception>
    internal static (PreTokenizerRule Rule, string Name, string Reason) Choose(TokenizerSource source, string modelType, string? given)
    {
        if (given is not null)
        {
            PreTokenizerRule asked = Find(given) ?? throw new UserErrorException($"--pre {given}: unknown; known names are {Known}");
            return (asked, given, $"asked for with --pre: {asked.Label}");
        }

        PreTokenizerRule? rule = Array.Find(
            s_rules, rule => rule.Patterns.SequenceEqual(source.Cuts) && rule.IgnoresMerges == source.IgnoresMerges);
        if (rule is not null)
            return (rule, rule.Name, $"model type {modelType}, and the pre-tokenizer is {rule.Label}");
        string cuts = source.Cuts.Count == 0 ? "has no pattern" : $"cuts by {string.Join(" then ", source.Cuts)}";
        throw new UserErrorException(
            $"{source.File}: the pre-tokenizer {cuts}, merges {(source.IgnoresMerges ? "ignored" : "applied")} for whole words (model type "
            + $"{modelType}); GGUF has no name for that; choose the nearest with --pre: {Known}");
    }
}
