namespace Reasoning.Trainer.Recipes;

/// <summary>Parts of a method, in the order in which settings are listed.</summary>
internal enum SettingGroup
{
    Method,
    Sampling,
    Parameters,
    Optimizer,

    /// <summary>Only for policy-gradient recipes.</summary>
    PolicyGradient,

    /// <summary>Only for recipes whose reward is majority+novelty.</summary>
    Novelty,

    /// <summary>Only for entropy and ZeroSiam recipes.</summary>
    Entropy,

    /// <summary>Only for ZeroSiam recipes.</summary>
    Predictor,
    Run,
    Evaluation,
    Guard,
}
