namespace Reasoning.Trainer.Starter.Problems;

/// <summary>What one step of a solution does to the number reached so far.</summary>
public enum Operation
{
    Add,
    Subtract,
    Multiply,

    /// <summary>Division without remainder.</summary>
    Divide,
}
