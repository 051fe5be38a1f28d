namespace Reasoning.Trainer.Starter.Problems;

/// <summary>The form in which a problem is put.</summary>
public enum ProblemKind
{
    /// <summary>An expression to evaluate.</summary>
    Expression,

    /// <summary>A number and instructions what to do with it.</summary>
    Instructions,

    /// <summary>A linear equation in one unknown.</summary>
    Equation,

    /// <summary>A short story about things that come and go.</summary>
    Story,
}
