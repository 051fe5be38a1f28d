namespace Reasoning.Trainer.Recipes;

/// <summary>Parts of a run, in the order in which settings are listed.</summary>
internal enum SettingGroup
{
    Method,
    Sampling,
    Parameters,
    Optimizer,

    /// <summary>Only for objectives that use rewards.</summary>
    Reward,

    /// <summary>Declared by rewards and methods, and only for those.</summary>
    Own,

    /// <summary>Only for objectives that use no rewards.</summary>
    Episodes,
    Run,
    Evaluation,
    Guard,
}
