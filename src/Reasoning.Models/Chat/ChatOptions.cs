namespace Reasoning.Models.Chat;

/// <summary>How a conversation is rendered.</summary>
public sealed record ChatOptions
{
    /// <summary>Whether the text ends with the beginning of the assistant's turn.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>
    /// What <c>strftime_now</c> gives a template that asks for the date. Null: the template has no such function, and most then write a date
    /// of their own. The clock is never asked, so that the same conversation has the same ids on every day.
    /// </summary>
    public DateTime? Date { get; init; }

    /// <summary>Which of several templates; null for <c>tool_use</c> where the conversation has tools, else <c>default</c>.</summary>
    public string? Template { get; init; }
}
