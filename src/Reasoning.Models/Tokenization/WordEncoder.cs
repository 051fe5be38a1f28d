namespace Reasoning.Models;

/// <summary>
/// Pre-tokenizer and model: from a stretch of normalized text to ids. Where the pre-tokenizer ends, as that of byte-level models does, in a
/// well-known cut and the spelling of bytes, the two are one pass over the text, without a string for each word.
/// </summary>
internal sealed class WordEncoder
{
    private readonly PreTokenizer[] _steps;
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
        _steps = [.. steps.Take(count).Select(step => step.Apply)];
    }

    /// <summary>Adds the ids of <paramref name="piece"/>.</summary>
    public void Encode(Piece piece, List<int> ids)
    {
        if (_steps.Length == 0)
        {
            EncodePiece(piece.Span, ids);
            return;
        }
        var pieces = new List<Piece> { piece };
        var next = new List<Piece>();
        foreach (PreTokenizer step in _steps)
        {
            next.Clear();
            foreach (Piece part in pieces) step(part, next);
            (pieces, next) = (next, pieces);
        }
        foreach (Piece part in pieces) EncodePiece(part.Span, ids);
    }

    private void EncodePiece(ReadOnlySpan<char> text, List<int> ids)
    {
        if (!_spellsBytes)
        {
            _model.Encode(text, ids);
            return;
        }
        int start = 0;
        while (start < text.Length)
        {
            int end = _scanner is null ? text.Length : _scanner(text, start);
            _model.EncodeBytes(text[start..end], ids);
            start = end;
        }
    }
}
