namespace Reasoning.Grading;

/// <summary>The result of comparing two answers. Only <see cref="Equal"/> earns anything; the others say why not.</summary>
public enum Outcome
{
    /// <summary>The same value, or the same text.</summary>
    Equal,

    /// <summary>Both were understood, and no equality was found.</summary>
    Different,

    /// <summary>One of them is blank or was not understood.</summary>
    Unparsed,

    /// <summary>One of them is too long or too large to work out.</summary>
    OutOfBudget,
}
