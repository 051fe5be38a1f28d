namespace Reasoning.Trainer.Loop;

/// <summary>Why the loop ended.</summary>
internal enum LoopEnd
{
    /// <summary>All steps are done.</summary>
    Done,

    /// <summary>Someone asked to stop; the last complete step is saved.</summary>
    Interrupted,

    /// <summary>The guard stopped a run that collapses.</summary>
    Collapsed,
}
