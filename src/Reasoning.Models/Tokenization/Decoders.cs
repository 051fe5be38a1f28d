using System.Text;

namespace Reasoning.Models;

/// <summary>A token on its way to text.</summary>
/// <param name="Text">As the vocabulary spells it, or as earlier steps left it.</param>
/// <param name="IsAdded">Whether it is an added token, which stands for its own text.</param>
internal readonly record struct TokenText(string Text, bool IsAdded);

/// <summary>One step from tokens to text, in place.</summary>
internal delegate void Decoder(List<TokenText> tokens);

/// <summary>Reads the <c>decoder</c> of tokenizer.json to a list of steps.</summary>
internal static class Decoders
{
    public static List<Decoder> Read(JsonFields? fields)
    {
        var steps = new List<Decoder>();
        if (fields is { } present) Add(present, steps);
        else steps.Add(tokens => Fuse(tokens, " "));
        return steps;
    }

    private static void Add(JsonFields fields, List<Decoder> steps)
    {
        string type = fields.String("type");
        switch (type)
        {
            case "Sequence":
                foreach (JsonFields child in fields.Objects("decoders")) Add(child, steps);
                break;
            case "ByteLevel": steps.Add(ByteLevel); break;
            case "ByteFallback": steps.Add(ByteFallback); break;
            case "Fuse": steps.Add(tokens => Fuse(tokens, "")); break;
            case "Metaspace": steps.Add(Metaspace.Decoder(fields)); break;
            case "Strip": steps.Add(Strip(fields)); break;
            case "Replace":
                Func<string, string> replace = Normalizers.Replace(fields);
                steps.Add(tokens =>
                {
                    for (int i = 0; i < tokens.Count; i++) tokens[i] = tokens[i] with { Text = replace(tokens[i].Text) };
                });
                break;
            default:
                throw fields.Error("type", $"is '{type}', a decoder that is not supported");
        }
    }

    private static void Fuse(List<TokenText> tokens, string separator)
    {
        string text = string.Join(separator, tokens.Select(token => token.Text));
        tokens.Clear();
        tokens.Add(new TokenText(text, false));
    }

    private static void ByteLevel(List<TokenText> tokens)
    {
        var bytes = new List<byte>();
        foreach (TokenText token in tokens)
        {
            bool isSpelled = !token.IsAdded && token.Text.All(symbol => ByteAlphabet.ToByte(symbol) >= 0);
            if (isSpelled) bytes.AddRange(token.Text.Select(symbol => (byte)ByteAlphabet.ToByte(symbol)));
            else bytes.AddRange(Encoding.UTF8.GetBytes(token.Text));
        }
        tokens.Clear();
        tokens.Add(new TokenText(Encoding.UTF8.GetString([.. bytes]), false));
    }

    // A run of byte tokens that is not UTF-8 becomes one U+FFFD for each byte.
    private static void ByteFallback(List<TokenText> tokens)
    {
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        var result = new List<TokenText>(tokens.Count);
        var run = new List<byte>();
        foreach (TokenText token in tokens)
        {
            if (ByteToken(token.Text) is { } value)
            {
                run.Add(value);
                continue;
            }
            FlushRun();
            result.Add(token);
        }
        FlushRun();
        tokens.Clear();
        tokens.AddRange(result);

        void FlushRun()
        {
            if (run.Count == 0) return;
            byte[] bytes = [.. run];
            run.Clear();
            if (System.Text.Unicode.Utf8.IsValid(bytes)) result.Add(new TokenText(strict.GetString(bytes), false));
            else result.AddRange(bytes.Select(_ => new TokenText("\uFFFD", false)));
        }
    }

    /// <summary>The byte that a token such as <c>&lt;0x0A&gt;</c> stands for, or null.</summary>
    private static byte? ByteToken(string token)
    {
        bool isByte = token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>';
        bool isHex = isByte && char.IsAsciiHexDigit(token[3]) && char.IsAsciiHexDigit(token[4]);
        return isHex ? Convert.FromHexString(token.AsSpan(3, 2))[0] : null;
    }

    private static Decoder Strip(JsonFields fields)
    {
        string content = fields.String("content");
        if (content.Length != 1) throw fields.Error("content", "must be one character");
        char symbol = content[0];
        int start = fields.Int("start", 0, int.MaxValue, 0);
        int stop = fields.Int("stop", 0, int.MaxValue, 0);
        return tokens =>
        {
            for (int i = 0; i < tokens.Count; i++)
            {
                string text = tokens[i].Text;
                int from = 0, to = text.Length;
                while (from < to && from < start && text[from] == symbol) from++;
                while (to > from && text.Length - to < stop && text[to - 1] == symbol) to--;
                tokens[i] = tokens[i] with { Text = text[from..to] };
            }
        };
    }
}
