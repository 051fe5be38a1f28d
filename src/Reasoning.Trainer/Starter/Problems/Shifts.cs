namespace Reasoning.Trainer.Starter;

/// <summary>In which respects a problem differs from the source distribution.</summary>
[Flags]
public enum Shifts
{
    /// <summary>A source problem: one or two steps, operands mostly below 50, the usual wording.</summary>
    None = 0,

    /// <summary>Longer operands: two and three digits.</summary>
    Operands = 1,

    /// <summary>More steps: three.</summary>
    Steps = 2,

    /// <summary>Other wording: phrases and stories that no source problem uses.</summary>
    Wording = 4,

    /// <summary>A shifted problem: all of them together.</summary>
    All = Operands | Steps | Wording,
}
