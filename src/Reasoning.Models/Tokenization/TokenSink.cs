using System.Text;

namespace Reasoning.Models.Tokenization;

/// <summary>
/// One step from tokens to text, fed from the left. A token comes as one chunk or several, closed by <see cref="EndToken"/>; several are
/// what a step leaves behind that puts tokens together, and spare it to wait for the last of them.
/// </summary>
internal abstract class TokenSink
{
    /// <summary>Takes a chunk of the current token.</summary>
    public abstract void Add(string chunk);

    /// <summary>Closes the current token.</summary>
    public abstract void EndToken();

    /// <summary>Closes the text; nothing comes after it.</summary>
    public abstract void End();
}

/// <summary>The end of a chain of steps: collects the text.</summary>
internal sealed class TextSink : TokenSink
{
    private readonly StringBuilder _text = new();

    public override void Add(string chunk) => _text.Append(chunk);

    public override void EndToken()
    {
    }

    public override void End()
    {
    }

    /// <summary>What has come since the last call.</summary>
    public string Take()
    {
        if (_text.Length == 0) return "";
        string text = _text.ToString();
        _text.Clear();
        return text;
    }
}

/// <summary>A step that needs the whole of each token.</summary>
/// <param name="next">Where its results go.</param>
internal abstract class WholeTokenSink(TokenSink next) : TokenSink
{
    private readonly StringBuilder _rest = new();
    private string? _first;

    protected TokenSink Next { get; } = next;

    public sealed override void Add(string chunk)
    {
        if (_first is null) _first = chunk;
        else _rest.Append(chunk);
    }

    public sealed override void EndToken()
    {
        string token = _rest.Length == 0 ? _first ?? "" : _first + _rest;
        _first = null;
        _rest.Clear();
        Token(token);
    }

    public override void End() => Next.End();

    protected abstract void Token(string token);

    protected void Emit(string token)
    {
        Next.Add(token);
        Next.EndToken();
    }
}
