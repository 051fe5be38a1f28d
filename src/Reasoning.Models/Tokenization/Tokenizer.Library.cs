using System.Buffers;
using System.Text;
using Library = Microsoft.ML.Tokenizers;

namespace Reasoning.Models.Tokenization;

/// <summary>
/// What Microsoft.ML.Tokenizers asks of a tokenizer. Ids are those of <see cref="Encode"/>, special tokens around the text included; places
/// count in the normalized text, or in the text itself where none is normalized.
/// </summary>
public sealed partial class Tokenizer
{
    private static readonly Library.EncodeSettings s_whole = new() { ConsiderNormalization = true, ConsiderPreTokenization = true };

    /// <summary>The normalizer of tokenizer.json, or null.</summary>
    public override Library.Normalizer? Normalizer => _parts.Normalizer is { } step ? new NormalizerStep(step) : null;

    /// <summary>The cuts that the pre-tokenizer of tokenizer.json makes, or null where it has none.</summary>
    public override Library.PreTokenizer? PreTokenizer => _parts.CutsWords ? new CutStep(_parts.Words) : null;

    /// <summary>The text of ids, special tokens left out.</summary>
    public override string Decode(IEnumerable<int> ids) => Decode(ids, skipSpecialTokens: true);

    /// <summary>
    /// Writes the text of as many ids as fit. Ids whose text is not complete, such as the first bytes of a character, are left for the next
    /// call.
    /// </summary>
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        int[] all = [.. ids];
        string text = Decode(all);
        idsConsumed = all.Length;
        if (text.Length > destination.Length)
        {
            StreamingDecoder decoder = StreamDecoder();
            int[] written = new int[all.Length + 1]; // after so many ids
            for (int i = 0; i < all.Length; i++) written[i + 1] = written[i] + decoder.Add(all[i]).Length;
            while (written[idsConsumed] > destination.Length || Decode(all.Take(idsConsumed)).Length != written[idsConsumed]) idsConsumed--;
            text = text[..written[idsConsumed]];
        }
        text.CopyTo(destination);
        charsWritten = text.Length;
        return idsConsumed == all.Length ? OperationStatus.Done : OperationStatus.DestinationTooSmall;
    }

    /// <inheritdoc/>
    protected override Library.EncodeResults<Library.EncodedToken> EncodeToTokens(
        string? text, ReadOnlySpan<char> textSpan, Library.EncodeSettings settings)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(settings.MaxTokenCount);
        List<int> ids = [.. _around.Before];
        List<Range> places = [.. ids.Select(_ => 0..0)];
        StringBuilder? normalized = NormalizedText(settings);
        int length = EncodeText(text ?? textSpan.ToString(), settings, ids, places, normalized);
        ids.AddRange(_around.After);
        places.AddRange(_around.After.Select(_ => length..length));
        int count = Math.Min(ids.Count, settings.MaxTokenCount);
        return new()
        {
            Tokens = [.. ids.Zip(places, (id, place) => new Library.EncodedToken(id, IdToToken(id), place)).Take(count)],
            NormalizedText = normalized?.ToString(),
            CharsConsumed = count == ids.Count ? length : places[count - 1].End.Value,
        };
    }

    /// <inheritdoc/>
    protected override Library.EncodeResults<int> EncodeToIds(string? text, ReadOnlySpan<char> textSpan, Library.EncodeSettings settings)
    {
        if (settings.MaxTokenCount != int.MaxValue) return base.EncodeToIds(text, textSpan, settings);
        List<int> ids = [.. _around.Before];
        StringBuilder? normalized = NormalizedText(settings);
        int length = EncodeText(text ?? textSpan.ToString(), settings, ids, null, normalized);
        ids.AddRange(_around.After);
        return new() { Tokens = ids, NormalizedText = normalized?.ToString(), CharsConsumed = length };
    }

    /// <inheritdoc/>
    protected override int CountTokens(string? text, ReadOnlySpan<char> textSpan, Library.EncodeSettings settings)
        => EncodeToIds(text, textSpan, settings).Tokens.Count;

    /// <inheritdoc/>
    protected override int GetIndexByTokenCount(
        string? text, ReadOnlySpan<char> textSpan, Library.EncodeSettings settings, bool fromEnd, out string? normalizedText, out int tokenCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(settings.MaxTokenCount);
        return base.GetIndexByTokenCount(text, text ?? textSpan, settings, fromEnd, out normalizedText, out tokenCount);
    }

    private StringBuilder? NormalizedText(Library.EncodeSettings settings)
        => settings.ConsiderNormalization && _parts.Normalizer is not null ? new StringBuilder() : null;

    private sealed class NormalizerStep(Func<string, string> normalize) : Library.Normalizer
    {
        public override string Normalize(string original) => normalize(TextRules.WellFormed(original));

        public override string Normalize(ReadOnlySpan<char> original) => Normalize(original.ToString());
    }

    private sealed class CutStep(WordEncoder words) : Library.PreTokenizer
    {
        public override IEnumerable<(int Offset, int Length)> PreTokenize(string text)
            => words.Cut(new Piece(TextRules.WellFormed(text), 0, text.Length, true, [.. Enumerable.Range(0, text.Length + 1)]));

        public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => PreTokenize(text.ToString());
    }
}
