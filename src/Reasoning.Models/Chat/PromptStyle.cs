namespace Reasoning.Models.Chat;

/// <summary>How a problem becomes the input of a model.</summary>
public enum PromptStyle
{
    /// <summary>A text with the problem in it that the model continues: what a base model knows.</summary>
    Plain,

    /// <summary>A user's turn in the checkpoint's chat template.</summary>
    Chat,

    /// <summary>The problem and nothing else.</summary>
    Bare,
}
