using System.Text;
using Reasoning.Models.Files;

namespace Reasoning.Models.Tokenization;

/// <summary>SentencePiece's way with spaces: each becomes a visible mark, and a mark is put before the text.</summary>
internal static class Metaspace
{
    private enum Prefix
    {
        Always,
        First,
        Never,
    }

    /// <summary>The marks, and the cuts before them.</summary>
    public static void AddSteps(JsonFields fields, List<PreTokenizerStep> steps)
    {
        char mark = Mark(fields);
        Prefix prefix = ReadPrefix(fields);
        steps.Add(new((piece, output) =>
        {
            string text = piece.ToString().Replace(' ', mark);
            bool wantsPrefix = prefix == Prefix.Always || (prefix == Prefix.First && piece.OpensInput);
            output.Add(piece.With(wantsPrefix && !text.StartsWith(mark) ? mark + text : text));
        }, Rewrites: true));
        if (fields.Bool("split", true)) steps.Add(PreTokenizers.ByText(mark.ToString(), invert: false, SplitBehavior.MergedWithNext));
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
