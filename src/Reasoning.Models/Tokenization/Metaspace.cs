using System.Text;

namespace Reasoning.Models;

/// <summary>SentencePiece's way with spaces: each becomes a visible mark, and a mark is put before the text.</summary>
internal static class Metaspace
{
    private enum Prefix
    {
        Always,
        First,
        Never,
    }

    public static PreTokenizer PreTokenizer(JsonFields fields)
    {
        char mark = Mark(fields);
        Prefix prefix = ReadPrefix(fields);
        bool split = fields.Bool("split", true);
        return (piece, output) =>
        {
            string text = piece.ToString().Replace(' ', mark);
            bool wantsPrefix = prefix == Prefix.Always || (prefix == Prefix.First && piece.OpensInput);
            if (wantsPrefix && !text.StartsWith(mark)) text = mark + text;
            Piece marked = piece.With(text);
            if (!split)
            {
                output.Add(marked);
                return;
            }
            var spans = new List<(int End, bool IsMatch)>();
            Splitter.Spans(marked, mark.ToString(), spans);
            Splitter.Split(marked, spans, SplitBehavior.MergedWithNext, output);
        };
    }

    public static Decoder Decoder(JsonFields fields)
    {
        char mark = Mark(fields);
        bool dropsFirst = ReadPrefix(fields) != Prefix.Never;
        return next => new MetaspaceSink(next, mark, dropsFirst);
    }

    private static char Mark(JsonFields fields)
    {
        string mark = fields.OptionalString("replacement") ?? "\u2581";
        if (mark.Length == 1 && Rune.TryCreate(mark[0], out _)) return mark[0];
        throw fields.Error("replacement", "must be one character");
    }

    private static Prefix ReadPrefix(JsonFields fields) => fields.OptionalString("prepend_scheme") switch
    {
        "always" => Prefix.Always,
        "first" => Prefix.First,
        "never" => Prefix.Never,
        null => fields.Bool("add_prefix_space", true) ? Prefix.Always : Prefix.Never,
        string other => throw fields.Error("prepend_scheme", $"is '{other}', which is not supported"),
    };
}
