namespace Reasoning.Trainer.Recipes;

/// <summary>Finds the known name that is most similar to an unknown one.</summary>
internal static class Nearest
{
    /// <summary>" Did you mean '…'?" with the name at the smallest edit distance, or nothing when none is near.</summary>
    public static string Hint(string word, IEnumerable<string> names) => Find(word, names) is { } name ? $"; did you mean '{name}'?" : "";

    /// <summary>The name at the smallest edit distance, the first of equals; null when more than half of the word would change.</summary>
    public static string? Find(string word, IEnumerable<string> names)
    {
        string? nearest = null;
        int best = (Math.Max(word.Length, 2) / 2) + 1;
        foreach (string name in names)
        {
            bool contains = word.Length >= 3 && name.Contains(word, StringComparison.OrdinalIgnoreCase);
            int distance = contains ? 1 : Distance(word.ToLowerInvariant(), name.ToLowerInvariant());
            if (distance >= best) continue;
            best = distance;
            nearest = name;
        }

        return nearest;
    }

    /// <summary>Levenshtein's distance, row by row.</summary>
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
