using System.Globalization;
using System.Reflection;
using Reasoning.Models;

namespace Reasoning.Trainer.Recipes;

/// <summary>One option of a recipe: how it is called, written, checked and explained.</summary>
internal sealed class Setting
{
    private readonly PropertyInfo _property;
    private readonly SettingAttribute _about;

    private Setting(PropertyInfo property, SettingAttribute about)
    {
        _property = property;
        _about = about;
        Name = Words.Kebab(property.Name);
    }

    /// <summary>All settings, by group.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        .. typeof(Recipe).GetProperties()
            .Select(property => (property, about: property.GetCustomAttribute<SettingAttribute>()))
            .Where(pair => pair.about is not null)
            .Select(pair => new Setting(pair.property, pair.about!))
            .OrderBy(setting => setting.Group),
    ];

    /// <summary>The key in recipes, in <c>--set key=value</c> and in run.json.</summary>
    public string Name { get; }

    public SettingGroup Group => _about.Group;

    public string Unit => _about.Unit;

    public string Effect => _about.Effect;

    /// <summary>The value of a recipe that does not say otherwise.</summary>
    public string Default => Text(new Recipe());

    /// <summary>Whether the value is one of a few words, so that the unit says nothing.</summary>
    public bool IsWord => _property.PropertyType.IsEnum || _property.PropertyType == typeof(bool);

    /// <summary>The allowed values, for people.</summary>
    public string Range
    {
        get
        {
            Type type = _property.PropertyType;
            if (type.IsEnum) return string.Join(" | ", Words.Of(type));
            if (type == typeof(bool)) return "true | false";
            if (type == typeof(string)) return "text";
            if (type == typeof(IReadOnlyList<string>)) return "names, separated by commas";
            string low = Number(_about.Min), high = Number(_about.Max);
            if (double.IsInfinity(_about.Min) && double.IsInfinity(_about.Max)) return "any";
            if (double.IsInfinity(_about.Max)) return _about.Above ? $"above {low}" : $"at least {low}";
            return _about.Above ? $"above {low}, up to {high}" : $"{low} to {high}";
        }
    }

    /// <summary>The setting of a name.</summary>
    /// <exception cref="UserErrorException">There is none; the message suggests the nearest.</exception>
    public static Setting Find(string name, string where)
    {
        foreach (Setting setting in All)
        {
            if (setting.Name == name) return setting;
        }

        throw new UserErrorException($"{where}: unknown option '{name}'{Nearest.Hint(name, All.Select(setting => setting.Name))}");
    }

    /// <summary>Whether a recipe uses the setting.</summary>
    public bool Concerns(Recipe recipe) => Group switch
    {
        SettingGroup.PolicyGradient => recipe.Objective == ObjectiveKind.Grpo,
        SettingGroup.Novelty => recipe.Reward == RewardKind.MajorityNovelty,
        SettingGroup.Entropy => recipe.Objective != ObjectiveKind.Grpo,
        SettingGroup.Predictor => recipe.Objective == ObjectiveKind.Zerosiam,
        _ => true,
    };

    /// <summary>The value in a recipe, as it would be written in a recipe file.</summary>
    public string Text(Recipe recipe) => _property.GetValue(recipe) switch
    {
        Enum value => Words.Of(value),
        bool value => value ? "true" : "false",
        string text => text,
        IReadOnlyList<string> list => string.Join(",", list),
        double value => Number(value),
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        _ => "",
    };

    /// <summary>Reads a value and puts it into a recipe that nobody else holds yet.</summary>
    /// <exception cref="UserErrorException">The text is no value of this setting, or out of range; the message names the range.</exception>
    public void Put(Recipe recipe, string text, string where) => _property.SetValue(recipe, Parse(text.Trim(), where));

    private object Parse(string text, string where)
    {
        Type type = _property.PropertyType;
        if (type.IsEnum)
        {
            return Words.Parse(type, text)
                ?? throw new UserErrorException($"{where}: {Name} is '{text}'; allowed: {Range}{Nearest.Hint(text, Words.Of(type))}");
        }

        if (type == typeof(string)) return text;
        if (type == typeof(bool) && bool.TryParse(text, out bool flag)) return flag;
        if (type == typeof(IReadOnlyList<string>))
            return text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

        bool isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number);
        bool isWhole = type == typeof(int) || type == typeof(ulong);
        bool fits = isNumber && double.IsFinite(number) && (_about.Above ? number > _about.Min : number >= _about.Min)
            && number <= _about.Max
            && (!isWhole || (number == Math.Floor(number) && (type != typeof(int) || number <= int.MaxValue)));
        if (!fits) throw new UserErrorException(
            $"{where}: {Name} is '{text}'; allowed: {Range}{(isWhole ? ", a whole number" : "")} ({Unit})");
        if (type == typeof(ulong)) return ulong.TryParse(text, CultureInfo.InvariantCulture, out ulong large) ? large : (ulong)number;
        if (type == typeof(int)) return (int)number;
        return number;
    }

    private static string Number(double value) =>
        value.ToString(CultureInfo.InvariantCulture).Replace("E-0", "e-", StringComparison.Ordinal).Replace('E', 'e');
}
