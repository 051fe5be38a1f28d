using System.Reflection;
using System.Text;

namespace Reasoning.Trainer.Recipes;

/// <summary>How names of properties and choices are written in recipes: in kebab case.</summary>
internal static class Words
{
    public static string Kebab(string name)
    {
        var text = new StringBuilder();
        foreach (char c in name)
        {
            if (char.IsUpper(c) && text.Length > 0) text.Append('-');
            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }

    /// <summary>The words of a name, as a heading.</summary>
    public static string Title(string name) => name[0] + Kebab(name)[1..].Replace('-', ' ');

    /// <summary>The word for a choice.</summary>
    public static string Of(Enum value)
    {
        string name = value.ToString();
        return value.GetType().GetField(name)?.GetCustomAttribute<WordAttribute>()?.Text ?? Kebab(name);
    }

    /// <summary>The words for all choices of a kind.</summary>
    public static IReadOnlyList<string> Of(Type kind) => [.. Enum.GetValues(kind).Cast<Enum>().Select(Of)];

    /// <summary>The choice that a word means; null if there is none.</summary>
    public static object? Parse(Type kind, string word) => Enum.GetValues(kind).Cast<Enum>().FirstOrDefault(value => Of(value) == word);
}
