namespace Reasoning.Trainer.Recipes;

/// <summary>Parts of a run, in the order in which settings are listed.</summary>
internal enum SettingGroup
{
    Method,
    Sampling,
    Parameters,

    /// <summary>Only for recipes whose trainable is sorsa.</summary>
    Sorsa,
    Optimizer,

    /// <summary>Only for objectives that use rewards.</summary>
    Reward,

    /// <summary>Only for recipes whose reward is majority+novelty.</summary>
    Novelty,

    /// <summary>Declared by methods, and only for those.</summary>
    Own,

    /// <summary>Only for objectives that use no rewards.</summary>
    Episodes,
    Run,
    Evaluation,
    Guard,
}
