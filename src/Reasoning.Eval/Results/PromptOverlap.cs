using Reasoning.Models.Prompts;

namespace Reasoning.Eval.Results;

/// <summary>
/// How many prompts of a set stand in another one as well: then what was learned on the others may be remembered here. Words are runs of letters
/// or digits, in lower case; what lies between them does not count.
/// </summary>
/// <param name="Equal">Prompts with the same words as one of the others.</param>
/// <param name="Shared">
/// Prompts that share <see cref="Words"/> words in a row with one of the others (GPT-3, arXiv:2005.14165, appendix C);
/// the equal ones among them.
/// </param>
public sealed record PromptOverlap(int Equal, int Shared)
{
    /// <summary>Words in a row that count as a copy.</summary>
    public const int Words = 13;

    /// <summary>Counts them.</summary>
    /// <param name="prompts">Whose prompts are counted.</param>
    /// <param name="others">Where they are looked for.</param>
    public static PromptOverlap Of(PromptSet prompts, PromptSet others)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(others);
        var texts = new HashSet<string>();
        var runs = new HashSet<string>();
        foreach (string[] words in others.Prompts.Select(prompt => Split(prompt.Text)))
        {
            texts.Add(string.Join(' ', words));
            runs.UnionWith(Runs(words));
        }

        string[][] all = [.. prompts.Prompts.Select(prompt => Split(prompt.Text))];
        return new PromptOverlap(
            all.Count(words => texts.Contains(string.Join(' ', words))), all.Count(words => texts.Contains(string.Join(' ', words)) || Runs(words).Any(runs.Contains)));
    }

    private static IEnumerable<string> Runs(string[] words) =>
        Enumerable.Range(0, Math.Max(0, words.Length - Words + 1)).Select(i => string.Join(' ', words, i, Words));

    private static string[] Split(string text)
    {
        var words = new List<string>();
        int start = -1;
        for (int i = 0; i <= text.Length; i++)
        {
            bool inside = i < text.Length && char.IsLetterOrDigit(text[i]);
            if (inside && start < 0) start = i;
            if (inside || start < 0) continue;
            words.Add(text[start..i].ToLowerInvariant());
            start = -1;
        }

        return [.. words];
    }
}
