using Reasoning.Models.Chat;
using Reasoning.Models.Tokenization;

namespace Reasoning.Models.Gguf.Vocabulary;

/// <summary>From a checkpoint's tokenizer to the vocabulary of a GGUF file.</summary>
internal static class VocabularyBuilder
{
    /// <summary>Builds the vocabulary, with one token for each of the model's rows.</summary>
    /// <param name="tokenizer">The checkpoint's.</param>
    /// <param name="source">The same, as parts.</param>
    /// <param name="rows">Rows of the embedding; rows without a token get a named unused one.</param>
    /// <param name="stops">Tokens that end an answer.</param>
    /// <param name="pre">Name of the pre-tokenizer.</param>
    /// <param name="bosId">What config.json names as the first token, for a tokenizer that names none.</param>
    /// <exception cref="UserErrorException">The tokenizer has something that the file cannot say.</exception>
    public static GgufVocabulary Build(
        Tokenizer tokenizer, TokenizerSource source, int rows, IReadOnlyList<StopToken> stops, string pre, int? bosId)
    {
        (string[] tokens, GgufTokenType[] types) = Tokens(source, rows);
        (int? bos, bool addsBos) = Around(tokenizer.Prefix, tokenizer.BosId, "before", source);
        (int? end, bool addsEos) = Around(tokenizer.Suffix, tokenizer.EosId, "after", source);
        List<int> ends = [.. stops.Select(stop => stop.Id)];
        int? eos = end is { } known && (addsEos || ends.Count == 0 || ends.Contains(known)) ? known : ends.Count > 0 ? ends[0] : end;
        if (eos is { } first) ends.Remove(first);
        int? eom = ends.Where(id => tokens[id].Contains("eom", StringComparison.Ordinal)).Select(id => (int?)id).FirstOrDefault();
        if (eom is null && ends.Count > 1) eom = ends[1];
        int? eot = ends.Where(id => id != eom).Select(id => (int?)id).FirstOrDefault();
        return new GgufVocabulary
        {
            Model = source.IsByteLevel ? GgufVocabulary.ByteLevel : GgufVocabulary.SentencePiece,
            Pre = pre,
            Tokens = tokens,
            Types = types,
            Merges = source.IsByteLevel ? [.. source.Merges.Select(merge => $"{merge.Left} {merge.Right}")] : null,
            Scores = source.IsByteLevel ? null : SentencePieceScores.Of(tokens, source.Merges),

            // Readers take some other token for an id that is absent; the end token is what files of models without a first one name.
            Bos = bos ?? bosId ?? eos,
            Eos = eos,
            Eot = eot,
            Eom = eom,
            Unknown = source.UnknownToken is { } unknown ? tokenizer.TokenToId(unknown) : null,
            Padding = tokenizer.PadId,
            AddBos = addsBos,
            AddEos = addsEos,
            AddSpacePrefix = source.AddsSpacePrefix,
        };
    }

    private static (string[] Tokens, GgufTokenType[] Types) Tokens(TokenizerSource source, int rows)
    {
        var tokens = new string?[rows];
        var types = new GgufTokenType[rows];
        foreach ((string token, int id) in source.Vocabulary)
        {
            tokens[id] = token;
            types[id] = source.HasByteFallback && IsByte(token) ? GgufTokenType.Byte
                : token == source.UnknownToken ? GgufTokenType.Unknown : GgufTokenType.Normal;
        }

        foreach (AddedToken added in source.Added)
        {
            tokens[added.Id] = added.Content;
            if (added.Content != source.UnknownToken)
                types[added.Id] = added.IsSpecial ? GgufTokenType.Control : GgufTokenType.UserDefined;
        }

        var owners = new Dictionary<string, int>(rows, StringComparer.Ordinal);
        for (int id = 0; id < rows; id++)
        {
            if (tokens[id] is not { Length: > 0 })
            {
                tokens[id] = $"[PAD{id}]";
                types[id] = GgufTokenType.Unused;
            }

            if (!owners.TryAdd(tokens[id]!, id))
            {
                throw new UserErrorException(
                    $"{source.File}: the ids {owners[tokens[id]!]} and {id} have the same text '{UserErrorException.OneLine(tokens[id]!)}', which "
                    + "GGUF files cannot hold");
            }
        }

        return ([.. tokens.Select(token => token!)], types);
    }

    // One token before or after every text is a flag in the file; more are not.
    private static (int? Id, bool Adds) Around(IReadOnlyList<int> ids, int? named, string where, TokenizerSource source) => ids.Count switch
    {
        0 => (named, false),
        1 => (ids[0], true),
        _ => throw new UserErrorException($"{source.File}: puts {ids.Count} tokens {where} every text; GGUF files can say one"),
    };

    private static bool IsByte(string token)
        => token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
            && char.IsAsciiHexDigit(token[3]) && char.IsAsciiHexDigit(token[4]);
}
