namespace Reasoning.Trainer.Checkpoints;

/// <summary>
/// Answers since the run began whose prompts have a gold answer, each sampled before the update that learns from it; part of a
/// checkpoint, so that a resumed run counts on.
/// </summary>
internal sealed record OnlineCount
{
    public long Answers { get; set; }

    /// <summary>Those that equal the gold answer.</summary>
    public long Correct { get; set; }
}
