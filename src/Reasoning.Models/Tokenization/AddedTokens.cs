using System.Buffers;
using System.Text;

namespace Reasoning.Models.Tokenization;

/// <summary>Finds added tokens in a text: leftmost first, the longest where several begin at the same place.</summary>
internal sealed class AddedTokens
{
    private readonly Dictionary<string, AddedToken>.AlternateLookup<ReadOnlySpan<char>> _byContent;
    private readonly Dictionary<char, int[]> _lengths;
    private readonly SearchValues<char> _firsts;

    public AddedTokens(IEnumerable<AddedToken> tokens)
    {
        var byContent = new Dictionary<string, AddedToken>(StringComparer.Ordinal);
        foreach (AddedToken token in tokens) byContent.TryAdd(token.Content, token);
        _byContent = byContent.GetAlternateLookup<ReadOnlySpan<char>>();
        // A vocabulary may have thousands of them with the same first character, but of few different lengths.
        _lengths = byContent.Keys.GroupBy(content => content[0])
            .ToDictionary(group => group.Key, group => group.Select(content => content.Length).Distinct().OrderDescending().ToArray());
        _firsts = SearchValues.Create([.. _lengths.Keys]);
    }

    /// <summary>Cuts <paramref name="text"/> at the tokens; a part that is a token comes with its id, one that is text with -1.</summary>
    public void Split(string text, List<(int Start, int Length, int Id)> output)
    {
        output.Clear();
        int start = 0;
        int position = 0;
        while (position < text.Length)
        {
            int skip = text.AsSpan(position).IndexOfAny(_firsts);
            if (skip < 0) break;
            position += skip;
            AddedToken? token = Find(text.AsSpan(position));
            if (token is null)
            {
                position++;
                continue;
            }
            int end = position + token.Content.Length;
            if (token.IsWord && (EndsWithWord(text.AsSpan(0, position)) || StartsWithWord(text.AsSpan(end))))
            {
                position = end;
                continue;
            }
            int from = token.TakesSpaceLeft ? Math.Max(start, text.AsSpan(0, position).TrimEnd().Length) : position;
            if (token.TakesSpaceRight) end = text.Length - text.AsSpan(end).TrimStart().Length;
            if (from > start) output.Add((start, from - start, -1));
            output.Add((from, end - from, token.Id));
            start = position = end;
        }
        if (start < text.Length) output.Add((start, text.Length - start, -1));
    }

    private AddedToken? Find(ReadOnlySpan<char> text)
    {
        foreach (int length in _lengths[text[0]])
        {
            if (length <= text.Length && _byContent.TryGetValue(text[..length], out AddedToken? token)) return token;
        }
        return null;
    }

    private static bool EndsWithWord(ReadOnlySpan<char> text)
        => Rune.DecodeLastFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && TextRules.IsWord(rune);

    private static bool StartsWithWord(ReadOnlySpan<char> text)
        => Rune.DecodeFromUtf16(text, out Rune rune, out _) == OperationStatus.Done && TextRules.IsWord(rune);
}
