using System.Runtime.InteropServices;

namespace Reasoning.Models.Tokenization;

/// <summary>
/// The different words of a corpus, each as a list of symbols with its count, and the count of every adjacent pair, kept up to date as
/// pairs are merged: a merge touches only the words that contain the pair.
/// </summary>
internal sealed class BpeWords
{
    private readonly List<string> _tokens;
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly int[][] _words;
    private readonly int[] _lengths;
    private readonly long[] _counts;
    private readonly Dictionary<(int Left, int Right), long> _pairCounts = [];
    private readonly Dictionary<(int Left, int Right), List<int>> _wordsOf = [];
    private readonly HashSet<(int Left, int Right)> _changed = [];
    private readonly PriorityQueue<(int Left, int Right), (long NegativeCount, int Left, int Right)> _queue = new();

    /// <summary>Counts the pairs of all words.</summary>
    /// <param name="words">Words and their counts.</param>
    /// <param name="tokens">The vocabulary so far; <see cref="IdOf"/> extends it.</param>
    public BpeWords(Dictionary<string, long> words, List<string> tokens)
    {
        _tokens = tokens;
        for (int id = 0; id < tokens.Count; id++) _ids.TryAdd(tokens[id], id);
        string[] ordered = [.. words.Keys.Order(StringComparer.Ordinal)];
        _words = [.. ordered.Select(word => word.Select(symbol => _ids[symbol.ToString()]).ToArray())];
        _lengths = [.. _words.Select(word => word.Length)];
        _counts = [.. ordered.Select(word => words[word])];
        for (int word = 0; word < _words.Length; word++) Count(word, _counts[word]);
        Requeue();
    }

    /// <summary>The pair to merge next, or null when none occurs <paramref name="minCount"/> times.</summary>
    public (int Left, int Right)? MostFrequentPair(int minCount)
    {
        while (_queue.TryDequeue(out (int Left, int Right) pair, out (long NegativeCount, int Left, int Right) priority))
        {
            if (_pairCounts.GetValueOrDefault(pair) != -priority.NegativeCount) continue; // counted again since, and queued again
            return -priority.NegativeCount >= minCount ? pair : null;
        }
        return null;
    }

    /// <summary>The id of a token, new if there is none of this text.</summary>
    public int IdOf(string token)
    {
        if (_ids.TryGetValue(token, out int id)) return id;
        _tokens.Add(token);
        return _ids[token] = _tokens.Count - 1;
    }

    /// <summary>Replaces a pair by one symbol, from left to right, in all words.</summary>
    public void Merge((int Left, int Right) pair, int merged)
    {
        if (!_wordsOf.Remove(pair, out List<int>? affected)) return;
        foreach (int word in affected)
        {
            if (!Contains(word, pair)) continue;
            Count(word, -_counts[word]);
            Replace(word, pair, merged);
            Count(word, _counts[word]);
        }
        _pairCounts.Remove(pair);
        _changed.Remove(pair);
        Requeue();
    }

    private bool Contains(int word, (int Left, int Right) pair)
    {
        ReadOnlySpan<int> symbols = _words[word].AsSpan(0, _lengths[word]);
        for (int i = 0; i + 1 < symbols.Length; i++)
        {
            if (symbols[i] == pair.Left && symbols[i + 1] == pair.Right) return true;
        }
        return false;
    }

    private void Replace(int word, (int Left, int Right) pair, int merged)
    {
        int[] symbols = _words[word];
        int length = 0;
        for (int i = 0; i < _lengths[word]; i++)
        {
            bool isPair = i + 1 < _lengths[word] && symbols[i] == pair.Left && symbols[i + 1] == pair.Right;
            symbols[length++] = isPair ? merged : symbols[i];
            if (isPair) i++;
        }
        _lengths[word] = length;
    }

    private void Count(int word, long amount)
    {
        ReadOnlySpan<int> symbols = _words[word].AsSpan(0, _lengths[word]);
        for (int i = 0; i + 1 < symbols.Length; i++)
        {
            (int Left, int Right) pair = (symbols[i], symbols[i + 1]);
            CollectionsMarshal.GetValueRefOrAddDefault(_pairCounts, pair, out _) += amount;
            _changed.Add(pair);
            if (amount < 0) continue;
            ref List<int>? words = ref CollectionsMarshal.GetValueRefOrAddDefault(_wordsOf, pair, out _);
            words ??= [];
            if (words.Count == 0 || words[^1] != word) words.Add(word);
        }
    }

    private void Requeue()
    {
        foreach ((int Left, int Right) pair in _changed)
        {
            long count = _pairCounts.GetValueOrDefault(pair);
            if (count > 0) _queue.Enqueue(pair, (-count, pair.Left, pair.Right));
        }
        _changed.Clear();
    }
}
