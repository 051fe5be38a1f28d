namespace Reasoning.Grading;

/// <summary>What an answer was read as.</summary>
public enum AnswerKind
{
    /// <summary>Blank. Equals nothing, itself included.</summary>
    Empty,

    /// <summary>An exact rational number, with or without unit.</summary>
    Number,

    /// <summary>An expression with roots or symbols.</summary>
    Expression,

    /// <summary>A list, set, tuple, interval, union, ratio or matrix.</summary>
    Collection,

    /// <summary>An equation, an inequality or a named result.</summary>
    Relation,

    /// <summary>A lettered choice together with what it chooses.</summary>
    Choice,

    /// <summary>Words.</summary>
    Text,

    /// <summary>Not understood. Equals only the same text.</summary>
    Unread,

    /// <summary>Too long or too large. Equals only the same text.</summary>
    OverBudget,
}
