using System.Globalization;
using System.Text;

namespace Reasoning.Models.Tokenization;

/// <summary>Rewrites each token on its own.</summary>
internal sealed class MapSink(TokenSink next, Func<string, string> map) : WholeTokenSink(next)
{
    protected override void Token(string token) => Emit(map(token));
}

/// <summary>Puts all tokens together to one, with something between them.</summary>
internal sealed class JoinSink(TokenSink next, string separator) : TokenSink
{
    private bool _isBetween;

    public override void Add(string chunk)
    {
        if (_isBetween && separator.Length > 0) next.Add(separator);
        _isBetween = false;
        next.Add(chunk);
    }

    public override void EndToken() => _isBetween = true;

    public override void End()
    {
        next.EndToken();
        next.End();
    }
}

/// <summary>
/// Byte-level BPE: tokens spell bytes, and the bytes of all tokens are one UTF-8 text. A token with a character that spells no byte, as
/// added tokens may have, stands for its own text.
/// </summary>
internal sealed class ByteLevelSink(TokenSink next) : WholeTokenSink(next)
{
    private readonly System.Text.Decoder _decoder = Encoding.UTF8.GetDecoder();
    private byte[] _bytes = new byte[64];
    private char[] _chars = new char[68];

    public override void End()
    {
        Decode([], flush: true);
        Next.EndToken();
        base.End();
    }

    protected override void Token(string token)
    {
        if (_bytes.Length < 3 * token.Length)
        {
            _bytes = new byte[3 * token.Length];
            _chars = new char[(3 * token.Length) + 4];
        }
        for (int i = 0; i < token.Length; i++)
        {
            int value = ByteAlphabet.ToByte(token[i]);
            if (value < 0)
            {
                Decode(_bytes.AsSpan(0, Encoding.UTF8.GetBytes(token, _bytes)), flush: false);
                return;
            }
            _bytes[i] = (byte)value;
        }
        Decode(_bytes.AsSpan(0, token.Length), flush: false);
    }

    // The decoder keeps back the bytes of an unfinished character.
    private void Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        int count = _decoder.GetChars(bytes, _chars, flush);
        if (count > 0) Next.Add(new string(_chars, 0, count));
    }
}

/// <summary>
/// Puts runs of byte tokens such as <c>&lt;0x0A&gt;</c> together to text. A run that is not UTF-8 becomes one U+FFFD for each of its bytes,
/// so that nothing of a run is known before its end.
/// </summary>
internal sealed class ByteFallbackSink(TokenSink next) : WholeTokenSink(next)
{
    private readonly List<byte> _run = [];

    public override void End()
    {
        EndRun();
        base.End();
    }

    protected override void Token(string token)
    {
        if (Value(token) is { } value)
        {
            _run.Add(value);
            return;
        }
        EndRun();
        Emit(token);
    }

    private void EndRun()
    {
        if (_run.Count == 0) return;
        byte[] bytes = [.. _run];
        _run.Clear();
        if (System.Text.Unicode.Utf8.IsValid(bytes)) Emit(Encoding.UTF8.GetString(bytes));
        else foreach (byte _ in bytes) Emit("\uFFFD");
    }

    private static byte? Value(string token)
    {
        bool isByte = token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>';
        return isByte && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value)
            ? value
            : null;
    }
}

/// <summary>Marks become spaces; those of the first token are dropped where a mark was put before the text.</summary>
internal sealed class MetaspaceSink(TokenSink next, char mark, bool dropsFirst) : WholeTokenSink(next)
{
    private bool _isFirst = true;

    protected override void Token(string token)
    {
        Emit(_isFirst && dropsFirst ? token.Replace(mark.ToString(), "", StringComparison.Ordinal) : token.Replace(mark, ' '));
        _isFirst = false;
    }
}

/// <summary>Takes up to so many of one character from the beginning of each token.</summary>
internal sealed class StripStartSink(TokenSink next, char symbol, int count) : TokenSink
{
    private int _taken;
    private bool _isInside;

    public override void Add(string chunk)
    {
        int from = 0;
        while (!_isInside && from < chunk.Length && _taken < count && chunk[from] == symbol)
        {
            from++;
            _taken++;
        }
        if (from == chunk.Length) return;
        _isInside = true;
        next.Add(from == 0 ? chunk : chunk[from..]);
    }

    public override void EndToken()
    {
        _taken = 0;
        _isInside = false;
        next.EndToken();
    }

    public override void End() => next.End();
}
