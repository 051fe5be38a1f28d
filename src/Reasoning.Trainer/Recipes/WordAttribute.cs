namespace Reasoning.Trainer.Recipes;

/// <summary>How a choice is written where its name in kebab case does not say it.</summary>
/// <param name="text">The word in recipes and on the command line.</param>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class WordAttribute(string text) : Attribute
{
    public string Text { get; } = text;
}
