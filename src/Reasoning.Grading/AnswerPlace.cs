namespace Reasoning.Grading;

/// <summary>Where an answer may stand in a response.</summary>
public enum AnswerPlace
{
    /// <summary>In the last box only (see <see cref="AnswerExtractor.Extract(string)"/>).</summary>
    Box,

    /// <summary>
    /// In the last box, and where there is no box at all behind the last "answer is", in the last math or as the last number (see
    /// <see cref="AnswerExtractor.ExtractWithFallbacks"/>). For models that were never taught to box.
    /// </summary>
    Anywhere,
}
