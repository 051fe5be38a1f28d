namespace Reasoning.Trainer.Recipes;

/// <summary>Settings of methods that adapt while prompts come in: how they come.</summary>
internal sealed record StreamSettings : MethodSettings
{
    [Setting("word", "Order of the prompts: shuffled anew for every epoch, or as in the file, over and over.")]
    public PromptOrderKind PromptOrder { get; init; } = PromptOrderKind.Shuffled;
}

/// <summary>In which order prompts are drawn.</summary>
internal enum PromptOrderKind
{
    /// <summary>Every epoch in its own random order.</summary>
    Shuffled,

    /// <summary>As they stand in the file.</summary>
    File,
}
