namespace Reasoning.Trainer.Recipes;

/// <summary>In which settings two recipes differ.</summary>
/// <param name="Other">The recipe that is compared with.</param>
/// <param name="Changes">Each setting that differs and that one of them uses, with both values.</param>
internal sealed record RecipeDifference(string Other, IReadOnlyList<(Setting Setting, string Ours, string Theirs)> Changes)
{
    /// <summary>The settings that differ, in the order of all settings.</summary>
    public static IReadOnlyList<(Setting Setting, string Ours, string Theirs)> Between(Recipe ours, Recipe theirs) =>
    [
        .. from setting in Setting.All
           where setting.Concerns(ours) || setting.Concerns(theirs)
           let own = setting.Text(ours)
           let other = setting.Text(theirs)
           where own != other
           select (setting, own, other),
    ];

    /// <summary>
    /// What someone's own recipe changes of a shipped one: of its base, else of the one that it differs least from. Settings of the command
    /// line are left out. Null for a shipped recipe.
    /// </summary>
    public static RecipeDifference? FromShipped(EffectiveRecipe effective)
    {
        if (RecipeFile.Shipped.Contains(effective.Name)) return null;
        string? named = RecipeFile.Shipped.FirstOrDefault(name => effective.Origins.Values.Contains(EffectiveRecipe.FromRecipe(name)));
        return (named is null ? RecipeFile.Shipped : [named])
            .Select(name => new RecipeDifference(
                name,
                [
                    .. Between(effective.Recipe, EffectiveRecipe.Build(RecipeFile.Load(name), []).Recipe)
                        .Where(change => effective.Origins[change.Setting.Name] != EffectiveRecipe.FromCommandLine),
                ]))
            .MinBy(difference => difference.Changes.Count);
    }
}
