using Reasoning.Models;

namespace Reasoning.Trainer.Recipes;

/// <summary>A recipe with, for each setting, where its value came from.</summary>
/// <param name="Name">Name, or path, of the recipe it started from.</param>
/// <param name="Recipe">The values.</param>
/// <param name="Origins">By setting: <c>default</c>, the recipe, or the command line.</param>
internal sealed record EffectiveRecipe(string Name, Recipe Recipe, IReadOnlyDictionary<string, string> Origins)
{
    /// <summary>Where a value comes from when nobody set it.</summary>
    public const string FromDefault = "default";

    /// <summary>Where a value comes from that was given as an option.</summary>
    public const string FromCommandLine = "command line";

    /// <summary>Where a value comes from that a recipe has.</summary>
    public static string FromRecipe(string name) => $"recipe {name}";

    /// <summary>Puts a recipe file and the settings of the command line together.</summary>
    /// <param name="file">The recipe.</param>
    /// <param name="overrides">Key, value and the option it was given with, later ones winning.</param>
    /// <exception cref="UserErrorException">A key is unknown, a value out of range, or two settings contradict each other.</exception>
    public static EffectiveRecipe Build(RecipeFile file, IEnumerable<(string Key, string Value, string Where)> overrides)
    {
        var recipe = new Recipe();
        Dictionary<string, string> origins = Setting.All.ToDictionary(setting => setting.Name, _ => FromDefault);
        foreach (RecipeEntry entry in file.Entries)
        {
            string where = $"{entry.File.Where}:{entry.Line}";
            recipe = Setting.Find(entry.Key, where).Put(recipe, entry.Value, where);
            origins[entry.Key] = FromRecipe(entry.File.Name);
        }

        return new EffectiveRecipe(file.Given, recipe, origins).With(overrides);
    }

    /// <summary>The same with some settings changed.</summary>
    /// <exception cref="UserErrorException">A key is unknown, a value out of range, or two settings contradict each other.</exception>
    public EffectiveRecipe With(IEnumerable<(string Key, string Value, string Where)> overrides)
    {
        Recipe recipe = Recipe;
        var origins = new Dictionary<string, string>(Origins);
        foreach ((string key, string value, string where) in overrides)
        {
            recipe = Setting.Find(key, where).Put(recipe, value, where);
            origins[key] = FromCommandLine;
        }

        recipe.Check();
        return new EffectiveRecipe(Name, recipe, origins);
    }

    /// <summary>Splits <c>key=value</c>.</summary>
    /// <exception cref="UserErrorException">There is no equals sign.</exception>
    public static (string Key, string Value, string Where) Assignment(string text)
    {
        int at = text.IndexOf('=', StringComparison.Ordinal);
        if (at <= 0) throw new UserErrorException($"--set {text}: write key=value, for example --set learning-rate=1e-5");
        return (text[..at].Trim(), text[(at + 1)..], $"--set {text[..at].Trim()}"); // the value may be a secret
    }
}
