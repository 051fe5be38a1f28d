namespace Reasoning.Models.Tokenization;

/// <summary>
/// Decodes ids one at a time, as they are sampled. Texts come as soon as they cannot change any more: never half a character, and all of
/// them in a row are what <see cref="Tokenizer.Decode(IEnumerable{int})"/> gives for all ids. For one sequence; not safe for use from several threads.
/// </summary>
public sealed class StreamingDecoder
{
    private readonly Tokenizer _tokenizer;
    private readonly bool _skipSpecialTokens;
    private readonly TextSink _text = new();
    private readonly TokenSink _first;
    private bool _isFinished;

    internal StreamingDecoder(Tokenizer tokenizer, bool skipSpecialTokens)
    {
        _tokenizer = tokenizer;
        _skipSpecialTokens = skipSpecialTokens;
        _first = tokenizer.DecodeInto(_text);
    }

    /// <summary>Takes the next id.</summary>
    /// <returns>The text that it completes; often that of earlier ids, too, and empty while a character is open.</returns>
    /// <exception cref="InvalidOperationException">The sequence was finished.</exception>
    public string Add(int id)
    {
        if (_isFinished) throw new InvalidOperationException("The sequence is finished; open another decoder for the next one.");
        _tokenizer.Add(id, _skipSpecialTokens, _first);
        return _text.Take();
    }

    /// <summary>Ends the sequence.</summary>
    /// <returns>What was held back: U+FFFD for a character that stays open.</returns>
    public string Finish()
    {
        if (_isFinished) return "";
        _isFinished = true;
        _first.End();
        return _text.Take();
    }
}
