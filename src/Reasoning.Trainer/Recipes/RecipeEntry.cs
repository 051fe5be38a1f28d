namespace Reasoning.Trainer.Recipes;

/// <summary>A line of a recipe file.</summary>
internal sealed record RecipeEntry(string Key, string Value, long Line);
