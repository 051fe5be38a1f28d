namespace Reasoning.Trainer.Starter.Problems;

/// <summary>One step of a solution: the number reached so far becomes <see cref="Apply"/> of it.</summary>
/// <param name="Operation">What is done.</param>
/// <param name="Operand">With which number, positive.</param>
public readonly record struct Step(Operation Operation, int Operand)
{
    /// <summary>The sign of the operation in worked solutions.</summary>
    public char Sign => Operation switch
    {
        Operation.Add => '+',
        Operation.Subtract => '-',
        Operation.Multiply => '*',
        _ => '/',
    };

    /// <summary>The number after this step.</summary>
    public int Apply(int value) => Operation switch
    {
        Operation.Add => value + Operand,
        Operation.Subtract => value - Operand,
        Operation.Multiply => value * Operand,
        _ => value / Operand,
    };
}
