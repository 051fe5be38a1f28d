using System.Runtime.InteropServices;

namespace Reasoning.Models.Tokenization;

/// <summary>
/// Pre-tokenizer and model: from a stretch of normalized text to ids. Where the pre-tokenizer ends, as that of byte-level models does, in a
/// well-known cut and the spelling of bytes, the two are one pass over the text, without a string for each word.
/// </summary>
internal sealed class WordEncoder
{
    private readonly PreTokenizerStep[] _steps;
    private readonly WordScanner? _scanner;
    private readonly bool _spellsBytes;
    private readonly BpeModel _model;

    /// <param name="steps">The pre-tokenizer.</param>
    /// <param name="model">The model behind it.</param>
    /// <param name="fuses">Whether steps are put together where they can be; without, all run as they are written.</param>
    public WordEncoder(List<PreTokenizerStep> steps, BpeModel model, bool fuses = true)
    {
        _model = model;
        int count = steps.Count;
        if (fuses && count > 0 && steps[count - 1].SpellsBytes && model.SpellsAllBytes)
        {
            _spellsBytes = true;
            count--;
            if (count > 0) _scanner = steps[count - 1].Scanner;
            if (_scanner is not null) count--;
        }
        _steps = [.. steps.Take(count)];
    }

    /// <summary>Adds the ids of <paramref name="piece"/>.</summary>
    /// <param name="piece">With origins, if there are <paramref name="places"/>.</param>
    /// <param name="ids">Receives the ids.</param>
    /// <param name="places">Receives where in the normalized text each of them comes from.</param>
    /// <param name="cuts">Whether the text is cut; without, it is only rewritten as the model needs it.</param>
    public void Encode(Piece piece, List<int> ids, List<Range>? places = null, bool cuts = true)
    {
        if (_steps.Length == 0)
        {
            EncodePiece(piece, ids, places, cuts);
            return;
        }
        foreach (Piece part in Run(piece, cuts)) EncodePiece(part, ids, places, cuts);
    }

    /// <summary>Where in the normalized text the words of a piece with origins lie.</summary>
    public List<(int Offset, int Length)> Cut(Piece piece)
    {
        var words = new List<(int Offset, int Length)>();
        foreach (Piece part in Run(piece, cuts: true))
        {
            for (int start = 0, end; start < part.Length; start = end)
            {
                end = _scanner is null ? part.Length : _scanner(part.Span, start);
                int offset = part.Origins![part.Start + start];
                words.Add((offset, part.Origins[part.Start + end] - offset));
            }
        }
        return words;
    }

    private List<Piece> Run(Piece piece, bool cuts)
    {
        var pieces = new List<Piece> { piece };
        var next = new List<Piece>();
        foreach (PreTokenizerStep step in _steps)
        {
            if (!cuts && !step.Rewrites) continue;
            next.Clear();
            foreach (Piece part in pieces) step.Apply(part, next);
            (pieces, next) = (next, pieces);
        }
        return pieces;
    }

    private void EncodePiece(Piece piece, List<int> ids, List<Range>? places, bool cuts)
    {
        ReadOnlySpan<char> text = piece.Span;
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = _scanner is null || !cuts ? text.Length : _scanner(text, start);
            int before = ids.Count;
            _model.Encode(text[start..end], ids, _spellsBytes);
            if (places is not null) Locate(piece.Slice(start, end - start), CollectionsMarshal.AsSpan(ids)[before..], places);
        }
    }

    private void Locate(Piece word, ReadOnlySpan<int> ids, List<Range> places)
    {
        foreach (Range place in _model.Locate(word.Span, ids, _spellsBytes))
            places.Add(word.Origins![word.Start + place.Start.Value]..word.Origins[word.Start + place.End.Value]);
    }
}
