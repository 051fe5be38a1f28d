namespace Reasoning.Trainer.Starter.Problems;

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

    /// <summary>A shifted training problem: the three above together.</summary>
    All = Operands | Steps | Wording,

    /// <summary>Equations with factors of 3 to 7, where training has 2 to 5. Only the prompt sets have it: it is absent from training.</summary>
    Factors = 8,
}
