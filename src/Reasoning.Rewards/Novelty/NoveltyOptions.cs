namespace Reasoning.Rewards.Novelty;

/// <summary>
/// The choices where the paper (arXiv 2509.15194) and its code differ. The defaults follow the code for the bands, because the published
/// curves come from it, and neither for validity, because both rules call π and (C) invalid.
/// </summary>
public sealed record NoveltyOptions
{
    /// <summary>Weight of the mean similarity to the own group; the rest goes to the largest similarity to anyone. Both: 0.5.</summary>
    public double Alpha { get; init; } = 0.5;

    /// <summary>
    /// What equal scores and groups of one become. False (code): the middle of the band, +0.75 or −0.75, and a lone member takes the top
    /// of its band, +1 or −0.5. True (paper): the scaled novelty is 0, so the bottom of the band, +0.5 or −1.
    /// </summary>
    public bool EqualScoresGoToTheBottom { get; init; }

    /// <summary>Whether negative cosines count as 0 (code) or stand (paper).</summary>
    public bool ClipSimilarity { get; init; } = true;

    /// <summary>Which responses are valid; see <see cref="NoveltyReward.IsValid"/>.</summary>
    public NoveltyValidity Validity { get; init; } = NoveltyValidity.ReadableAnswer;

    /// <summary>Which text is embedded; see <see cref="NoveltyReward.ReasoningPart"/>.</summary>
    public NoveltyText Text { get; init; } = NoveltyText.BeforeFinalBox;

    /// <summary>The rules of the paper.</summary>
    public static NoveltyOptions Paper { get; } = new()
    {
        EqualScoresGoToTheBottom = true,
        ClipSimilarity = false,
        Validity = NoveltyValidity.FinalBoxHasDigit,
        Text = NoveltyText.BeforeFinalBox,
    };

    /// <summary>The rules of the released code.</summary>
    public static NoveltyOptions Code { get; } = new() { Validity = NoveltyValidity.AnyBoxHasDigit, Text = NoveltyText.AfterThinking };
}
