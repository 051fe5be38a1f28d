namespace Reasoning.Models.Tokenization;

/// <summary>
/// The reversible map of byte-level BPE from bytes to visible characters: printable Latin-1 bytes stand for themselves, the other 68
/// for the characters from U+0100 on, in order (Radford et al. 2019, GPT-2).
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] s_charOf = new char[256];
    private static readonly short[] s_byteOf = new short[0x144];

    static ByteAlphabet()
    {
        Array.Fill(s_byteOf, (short)-1);
        int next = 0x100;
        for (int value = 0; value < 256; value++)
        {
            bool isPrintable = value is (>= 0x21 and <= 0x7E) or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            char symbol = isPrintable ? (char)value : (char)next++;
            s_charOf[value] = symbol;
            s_byteOf[symbol] = (short)value;
        }
    }

    public static char ToChar(byte value) => s_charOf[value];

    /// <summary>The byte that a character stands for, or -1.</summary>
    public static int ToByte(char symbol) => symbol < s_byteOf.Length ? s_byteOf[symbol] : -1;

    /// <summary>The characters for the UTF-8 bytes of a text.</summary>
    public static string Encode(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = text.Length <= 256 ? stackalloc byte[text.Length * 3] : new byte[text.Length * 3];
        bytes = bytes[..System.Text.Encoding.UTF8.GetBytes(text, bytes)];
        return Encode((ReadOnlySpan<byte>)bytes);
    }

    /// <summary>The characters for bytes.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => string.Create(bytes.Length, bytes, static (span, source) =>
    {
        for (int i = 0; i < span.Length; i++) span[i] = s_charOf[source[i]];
    });
}
