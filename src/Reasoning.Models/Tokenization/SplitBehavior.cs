namespace Reasoning.Models.Tokenization;

/// <summary>What happens to the matches where a text is split at them; names as in tokenizer.json.</summary>
internal enum SplitBehavior
{
    /// <summary>Each match is a piece of its own.</summary>
    Isolated,

    /// <summary>Matches are dropped.</summary>
    Removed,

    /// <summary>A match ends the piece before it.</summary>
    MergedWithPrevious,

    /// <summary>A match begins the piece after it.</summary>
    MergedWithNext,

    /// <summary>A run of adjacent matches is one piece.</summary>
    Contiguous,
}
