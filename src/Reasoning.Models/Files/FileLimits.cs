namespace Reasoning.Models.Files;

/// <summary>
/// How much of what a person hands in is read whole, by kind: several times the largest that is known of each, and little enough that a
/// computer that runs a model can hold it. Weights and Parquet files have no limit: they are mapped or read in parts.
/// </summary>
public static class FileLimits
{
    /// <summary>Bytes of a file that comes with a model: its JSON, tokenizer, template or license. The largest tokenizers have 40 MB.</summary>
    public const long ModelFile = 1L << 27;

    /// <summary>Bytes of a prompt set as JSON, and of what a run writes as one: its record, evaluations, state, the list of a checkpoint.</summary>
    public const long Document = 1L << 29;

    /// <summary>Bytes of what is written by hand: a recipe, a conversation.</summary>
    public const long Handwritten = 1L << 24;

    /// <summary>Characters of a line of a log of a run: an answer of a million tokens with ids and log-probabilities.</summary>
    public const int Line = 1 << 26;

    /// <summary>
    /// Characters of one text that becomes tokens or is graded: a prompt, a message, an answer, a line of standard input. It fills a context of
    /// 256,000 tokens; a page has 2¹².
    /// </summary>
    public const int Text = 1 << 20;

    /// <summary>Refuses a text that is longer than <see cref="Text"/>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="what">What it is and where, for the message.</param>
    /// <exception cref="UserErrorException">It is.</exception>
    public static void Check(string text, string what)
    {
        if (text.Length > Text) throw new UserErrorException($"{what} has {text.Length} characters; at most {Text} are read");
    }
}
