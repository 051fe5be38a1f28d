using Reasoning.Models.Files;

namespace Reasoning.Models.Tokenization;

/// <summary>A token that is found in the text before the model sees it, such as <c>&lt;|endoftext|&gt;</c>.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its text.</param>
/// <param name="IsSpecial">Whether decoding may leave it out.</param>
/// <param name="IsNormalized">Whether it is looked for after normalization, not before.</param>
/// <param name="TakesSpaceLeft">Whether a match takes in the white space before it.</param>
/// <param name="TakesSpaceRight">Whether a match takes in the white space after it.</param>
/// <param name="IsWord">Whether it matches only where no word character is next to it.</param>
internal sealed record AddedToken(
    int Id, string Content, bool IsSpecial, bool IsNormalized, bool TakesSpaceLeft, bool TakesSpaceRight, bool IsWord)
{
    public static AddedToken Read(JsonFields fields)
    {
        string content = fields.String("content");
        if (content.Length == 0) throw fields.Error("content", "is empty");
        bool isSpecial = fields.Bool("special", false);
        return new AddedToken(
            fields.Int("id", 0, BpeModel.MaxId),
            content,
            isSpecial,
            fields.Bool("normalized", !isSpecial),
            fields.Bool("lstrip", false),
            fields.Bool("rstrip", false),
            fields.Bool("single_word", false));
    }
}
