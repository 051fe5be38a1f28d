using Reasoning.Models;

namespace Reasoning.Trainer.Recipes;

/// <summary>All settings of a run, and for each where its value came from.</summary>
public sealed record EffectiveRecipe
{
    internal EffectiveRecipe(string name, Recipe recipe, IReadOnlyDictionary<string, string> origins) =>
        (Name, Recipe, Origins) = (name, recipe, origins);

    /// <summary>Name, or path, of the recipe it started from.</summary>
    public string Name { get; }

    /// <summary>By setting: <c>default</c>, the recipe, or the command line.</summary>
    public IReadOnlyDictionary<string, string> Origins { get; }

    /// <summary>The values.</summary>
    internal Recipe Recipe { get; }

    /// <summary>Where a value comes from when nobody set it.</summary>
    internal const string FromDefault = "default";

    /// <summary>Where a value comes from that was given as an option.</summary>
    internal const string FromCommandLine = "command line";

    /// <summary>Where a value comes from that a recipe has.</summary>
    internal static string FromRecipe(string name) => $"recipe {name}";

    /// <summary>Reads a recipe.</summary>
    /// <param name="nameOrPath">A shipped recipe, or the path of a YAML file.</param>
    /// <param name="settings">Settings that differ from it, each <c>key=value</c>; <c>reasoning train --help-settings</c> lists them.</param>
    /// <exception cref="UserErrorException">There is no such recipe, a key is unknown, a value out of range, or two settings contradict each other.</exception>
    public static EffectiveRecipe Load(string nameOrPath, params IEnumerable<string> settings) =>
        Build(RecipeFile.Load(nameOrPath), settings.Select(Assignment));

    /// <summary>Puts a recipe file and the settings of the command line together.</summary>
    /// <param name="file">The recipe.</param>
    /// <param name="overrides">Key, value and the option it was given with, later ones winning.</param>
    /// <exception cref="UserErrorException">A key is unknown, a value out of range, or two settings contradict each other.</exception>
    internal static EffectiveRecipe Build(RecipeFile file, IEnumerable<(string Key, string Value, string Where)> overrides)
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
    internal EffectiveRecipe With(IEnumerable<(string Key, string Value, string Where)> overrides)
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
    internal static (string Key, string Value, string Where) Assignment(string text)
    {
        int at = text.IndexOf('=', StringComparison.Ordinal);
        if (at <= 0) throw new UserErrorException($"--set {text}: write key=value, for example --set learning-rate=1e-5");
        return (text[..at].Trim(), text[(at + 1)..], $"--set {text[..at].Trim()}"); // the value may be a secret
    }
}
