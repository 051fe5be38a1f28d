namespace Reasoning.Models.Gguf.Vocabulary;

/// <summary>
/// Between the two forms of SentencePiece's BPE. tokenizer.json lists merges, each a pair; a GGUF file gives each token a score, and
/// readers merge, of all neighbours whose joined text is a token, the pair with the highest score, the leftmost of equals.
/// </summary>
internal static class SentencePieceScores
{
    private const float Never = -1e6f;
    private const int MaxTokenLength = 256; // no vocabulary has longer ones, and the ways to cut one grow with its square

    /// <summary>
    /// A score for each token: minus the place of the first merge that makes it. A token that no merge makes gets a score below all others.
    /// </summary>
    /// <param name="tokens">The token of each id.</param>
    /// <param name="merges">In the order in which they were learned.</param>
    public static float[] Of(string[] tokens, IReadOnlyList<(string Left, string Right)> merges)
    {
        Dictionary<string, int> ids = Ids(tokens);
        float[] scores = new float[tokens.Length];
        Array.Fill(scores, Never);
        int place = 0;
        foreach ((string left, string right) in merges)
        {
            // The place counts tokens rather than merges: single precision holds it exactly.
            if (ids.TryGetValue(left + right, out int id) && scores[id] == Never) scores[id] = -place++;
        }

        return scores;
    }

    /// <summary>
    /// Pairs that a reader would merge although tokenizer.json has no such merge, or would merge in another order. Where this is 0 the
    /// two forms say the same.
    /// </summary>
    public static int Disagreements(string[] tokens, IReadOnlyList<bool> isMerged, IReadOnlyList<(string Left, string Right)> merges)
    {
        Dictionary<string, int> ids = Ids(tokens);
        var known = new HashSet<(string, string)>(merges);
        int disagreements = 0;
        for (int id = 0; id < tokens.Length; id++)
        {
            if (isMerged[id]) disagreements += Splits(tokens[id]).Count(pair => IsPair(pair) && !known.Contains(pair));
        }

        // All merges to one token must come before those to the next, for they share one score.
        int seen = 0;
        string current = "";
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach ((string left, string right) in merges)
        {
            string joined = left + right;
            if (joined == current) continue;
            if (!done.Add(joined)) seen++;
            current = joined;
        }

        return disagreements + seen;

        bool IsPair((string Left, string Right) pair)
            => ids.TryGetValue(pair.Left, out int left) && ids.TryGetValue(pair.Right, out int right) && isMerged[left] && isMerged[right];
    }

    /// <summary>The merges that scores stand for: every way to make a token of two others, the highest score first.</summary>
    public static IEnumerable<(string Left, string Right)> Merges(string[] tokens, IReadOnlyList<bool> isMerged, float[] scores)
    {
        Dictionary<string, int> ids = Ids(tokens);
        IEnumerable<int> made = Enumerable.Range(0, tokens.Length).Where(id => isMerged[id]);
        foreach (int id in made.OrderByDescending(id => scores[id]).ThenBy(id => id))
        {
            IEnumerable<(int Left, int Right)> pairs = Splits(tokens[id])
                .Where(pair => ids.ContainsKey(pair.Left) && ids.ContainsKey(pair.Right))
                .Select(pair => (ids[pair.Left], ids[pair.Right]))
                .Where(pair => isMerged[pair.Item1] && isMerged[pair.Item2]);
            foreach ((int left, int right) in pairs.Order()) yield return (tokens[left], tokens[right]);
        }
    }

    private static Dictionary<string, int> Ids(string[] tokens)
    {
        var ids = new Dictionary<string, int>(tokens.Length, StringComparer.Ordinal);
        for (int id = 0; id < tokens.Length; id++) ids.TryAdd(tokens[id], id);
        return ids;
    }

    private static IEnumerable<(string Left, string Right)> Splits(string token)
    {
        if (token.Length > MaxTokenLength) yield break;
        for (int cut = 1; cut < token.Length; cut++)
        {
            if (!char.IsLowSurrogate(token[cut])) yield return (token[..cut], token[cut..]);
        }
    }
}
