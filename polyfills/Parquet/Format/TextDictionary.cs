namespace Parquet.Format;

/// <summary>The distinct texts of a column, in the order in which they occur first, and for every value the number of its text.</summary>
internal sealed record TextDictionary(ReadOnlyMemory<char>[] Texts, int[] Indexes)
{
    /// <summary>The dictionary of some texts, or null where more than <paramref name="threshold"/> of them are distinct.</summary>
    public static TextDictionary? Of(ReadOnlySpan<ReadOnlyMemory<char>> values, double threshold)
    {
        if (values.IsEmpty) return null;
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var lookup = numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        var texts = new List<ReadOnlyMemory<char>>();
        var indexes = new int[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            if (!lookup.TryGetValue(values[i].Span, out indexes[i]))
            {
                lookup[values[i].Span] = indexes[i] = texts.Count;
                texts.Add(values[i]);
            }
        }

        return texts.Count <= threshold * values.Length ? new TextDictionary([.. texts], indexes) : null;
    }
}
