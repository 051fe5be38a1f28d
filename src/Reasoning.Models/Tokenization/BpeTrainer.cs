namespace Reasoning.Models.Tokenization;

/// <summary>
/// Learns a byte-level BPE vocabulary: the most frequent adjacent pair becomes a token, again and again (Sennrich et al. 2016; the
/// alphabet of bytes is GPT-2's). Words are cut as in GPT-2, and every digit stands alone, so that numbers are spelled in one way only.
/// The result depends on the texts and their counts alone: of equally frequent pairs, the one with the lowest ids is merged first.
/// </summary>
public static class BpeTrainer
{
    private const int Bytes = 256;

    /// <summary>Learns a vocabulary and returns the text of a Hugging Face tokenizer.json.</summary>
    /// <param name="corpus">Texts; special tokens in them count as cuts, not as text.</param>
    /// <param name="vocabSize">
    /// Number of tokens: special tokens first, then the 256 bytes, then merges. Fewer if no pair occurs <paramref name="minCount"/> times.
    /// </param>
    /// <param name="specialTokens">Tokens that are never split, in the order of their ids from 0.</param>
    /// <param name="bosToken">The special token to put before every text, or null.</param>
    /// <param name="minCount">A pair that occurs less often is not merged.</param>
    /// <exception cref="UserErrorException">The size has no room for the special tokens and the 256 bytes.</exception>
    public static string Train(
        IEnumerable<string> corpus, int vocabSize, IReadOnlyList<string> specialTokens, string? bosToken = null, int minCount = 2)
    {
        int least = Bytes + specialTokens.Count;
        if (vocabSize < least)
            throw new UserErrorException($"a vocabulary of {vocabSize} is too small: the 256 bytes and the special tokens need {least}");
        if (vocabSize > BpeModel.MaxId) throw new UserErrorException($"a vocabulary of {vocabSize} is too large: at most {BpeModel.MaxId}");
        if (bosToken is not null && !specialTokens.Contains(bosToken))
            throw new ArgumentException("must be one of the special tokens", nameof(bosToken));

        IEnumerable<char> alphabet = Enumerable.Range(0, Bytes).Select(value => ByteAlphabet.ToChar((byte)value)).Order();
        List<string> tokens = [.. specialTokens, .. alphabet.Select(symbol => symbol.ToString())];
        var words = new BpeWords(CountWords(corpus, specialTokens), tokens);
        var merges = new List<(string Left, string Right)>();
        while (tokens.Count < vocabSize && words.MostFrequentPair(minCount) is { } pair)
        {
            (string left, string right) = (tokens[pair.Left], tokens[pair.Right]);
            merges.Add((left, right));
            words.Merge(pair, words.IdOf(left + right));
        }
        return TokenizerJson.Write(tokens, merges, specialTokens, bosToken);
    }

    /// <summary>The text of a tokenizer_config.json that goes with the result of <see cref="Train"/>.</summary>
    /// <param name="eosToken">The token that ends an answer.</param>
    /// <param name="bosToken">The token that <see cref="Train"/> was told to put before every text, or null.</param>
    /// <param name="maxLength">Longest sequence of the model, in tokens.</param>
    public static string ConfigJson(string eosToken, string? bosToken, int maxLength)
        => TokenizerJson.WriteConfig(eosToken, bosToken, maxLength);

    // Words as the byte-level alphabet spells them, with their counts.
    private static Dictionary<string, long> CountWords(IEnumerable<string> corpus, IReadOnlyList<string> specialTokens)
    {
        var cuts = new AddedTokens(specialTokens.Select((token, id) => new AddedToken(id, token, true, false, false, false, false)));
        List<PreTokenizerStep> steps = TokenizerJson.PreTokenizerSteps();
        steps.RemoveAt(steps.Count - 1); // the map to the alphabet, applied below once for each different word
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        Dictionary<string, long>.AlternateLookup<ReadOnlySpan<char>> bySpan = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        var parts = new List<(int Start, int Length, int Id)>();
        foreach (string raw in corpus)
        {
            string text = TextRules.WellFormed(raw);
            cuts.Split(text, parts);
            foreach ((int start, int length, int id) in parts)
            {
                if (id >= 0) continue;
                var pieces = new List<Piece> { new(text, start, length, start == 0) };
                foreach (PreTokenizerStep step in steps)
                {
                    var next = new List<Piece>(pieces.Count * 2);
                    foreach (Piece piece in pieces) step.Apply(piece, next);
                    pieces = next;
                }
                foreach (Piece piece in pieces) bySpan[piece.Span] = bySpan.TryGetValue(piece.Span, out long count) ? count + 1 : 1;
            }
        }
        return counts.ToDictionary(pair => ByteAlphabet.Encode(pair.Key), pair => pair.Value, StringComparer.Ordinal);
    }
}
