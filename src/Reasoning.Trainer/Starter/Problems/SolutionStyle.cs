namespace Reasoning.Trainer.Starter.Problems;

/// <summary>How a worked solution is written.</summary>
public enum SolutionStyle
{
    /// <summary>One equation a step: <c>347+58=405</c>.</summary>
    Direct,

    /// <summary>Place by place: <c>347+50=397, +8=405</c>. Longer, and each equation is easier.</summary>
    ByPlace,

    /// <summary>
    /// Each step in either way, the places in either order, with words and signs drawn anew: <c>First 347+8 makes 355, +50 makes 405</c>.
    /// </summary>
    Varied,
}
