using System.Globalization;
using System.Reflection;
using Reasoning.Models;
using Reasoning.Trainer.Network;

namespace Reasoning.Trainer.Recipes;

/// <summary>One option of a recipe: how it is called, written, checked and explained.</summary>
internal sealed class Setting
{
    /// <summary>Unit of a text that is an address, which may bring secrets along.</summary>
    public const string AddressUnit = "address";

    private readonly PropertyInfo _property;
    private readonly SettingAttribute _about;
    private readonly MethodSettings? _own;
    private readonly Objective[] _users;
    private readonly Reward[] _rewards;

    private Setting(PropertyInfo property, SettingAttribute about, MethodSettings? own, Objective[] users, Reward[] rewards)
    {
        (_property, _about, _own, _users, _rewards) = (property, about, own, users, rewards);
        Name = Words.Kebab(property.Name);
    }

    /// <summary>All settings, by group.</summary>
    public static IReadOnlyList<Setting> All => Catalogue.Current.Settings;

    /// <summary>The key in recipes, in <c>--set key=value</c> and in run.json.</summary>
    public string Name { get; }

    public SettingGroup Group => _about.Group;

    /// <summary>What stands above it in lists: its group, and the rewards or objectives that use it where not all do.</summary>
    public string Heading
    {
        get
        {
            string title = _own is null ? Group.ToString() : Words.Title(_own.GetType().Name.Replace("Settings", "", StringComparison.Ordinal));
            if (_rewards.Length > 0) return $"{title} (reward {string.Join(", ", _rewards.Select(reward => reward.Name))})";
            return _users.Length == 0 ? title : $"{title} (objective {string.Join(", ", _users.Select(method => method.Name))})";
        }
    }

    public string Unit => _about.Unit;

    public string Effect => _about.Effect;

    /// <summary>The value of a recipe that does not say otherwise.</summary>
    public string Default => Text(new Recipe());

    /// <summary>Whether the value is one of a few words, so that the unit says nothing.</summary>
    public bool IsWord => Choices is not null || _property.PropertyType == typeof(bool);

    /// <summary>The words it can be; null where it is something else.</summary>
    private IReadOnlyList<string>? Choices => _property.PropertyType switch
    {
        { IsEnum: true } type => Words.Of(type),
        Type type when type == typeof(Objective) => [.. Catalogue.Current.Objectives.Select(method => method.Name)],
        Type type when type == typeof(Reward) => [.. Catalogue.Current.Rewards.Select(reward => reward.Name)],
        _ => null,
    };

    /// <summary>The allowed values, for people.</summary>
    public string Range
    {
        get
        {
            Type type = _property.PropertyType;
            if (Choices is { } words) return string.Join(" | ", words);
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

        string hint = OtherNames.Find(name) is { } ours ? $"; here it is '{ours}'" : Nearest.Hint(name, All.Select(setting => setting.Name));
        throw new UserErrorException($"{where}: unknown setting '{name}'{hint}");
    }

    /// <summary>Whether a recipe uses the setting.</summary>
    public bool Concerns(Recipe recipe)
    {
        if (_about.When is { } condition && !(bool)typeof(Recipe).GetProperty(condition)!.GetValue(recipe)!) return false;
        return _rewards.Length > 0 ? _rewards.Contains(recipe.Reward) : _users.Length == 0 || _users.Contains(recipe.Objective);
    }

    /// <summary>Whether one of some records declares it.</summary>
    public bool IsOf(IReadOnlyList<MethodSettings> records) => _own is not null && records.Contains(_own);

    /// <summary>The value in a recipe, as it would be written in a recipe file.</summary>
    public string Text(Recipe recipe) => _property.GetValue(_own is null ? recipe : recipe.Of(_own)) switch
    {
        Declaration declaration => declaration.Name,
        Enum value => Words.Of(value),
        bool value => value ? "true" : "false",
        string text => text,
        IReadOnlyList<string> list => string.Join(",", list),
        double value => Number(value),
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        _ => "",
    };

    /// <summary>Reads a value.</summary>
    /// <returns>The recipe with it.</returns>
    /// <exception cref="UserErrorException">The text is no value of this setting, or out of range; the message names the range.</exception>
    public Recipe Put(Recipe recipe, string text, string where)
    {
        object value = Parse(text.Trim(), where);
        if (_own is null)
        {
            Recipe changed = recipe with { };
            _property.SetValue(changed, value);
            return changed;
        }

        MethodSettings own = recipe.Of(_own) with { };
        _property.SetValue(own, value);
        return recipe.With(own);
    }

    /// <summary>The settings of recipes and of the rewards and methods that a catalogue has, by group.</summary>
    public static IReadOnlyList<Setting> Of(IReadOnlyList<Objective> methods, IReadOnlyList<Reward> rewards)
    {
        IEnumerable<MethodSettings> own =
            [.. rewards.SelectMany(reward => reward.Settings), .. methods.SelectMany(method => method.Settings)];
        return
        [
            .. Declared(typeof(Recipe), null, group => group switch
            {
                SettingGroup.Reward => [.. methods.Where(method => method.UsesRewards)],
                SettingGroup.Episodes => [.. methods.Where(method => !method.UsesRewards)],
                _ => [],
            }).Concat(own.Distinct().SelectMany(settings => Declared(
                settings.GetType(), settings, _ => [.. methods.Where(method => method.Settings.Contains(settings))],
                [.. rewards.Where(reward => reward.Settings.Contains(settings))]))).OrderBy(setting => setting.Group),
        ];
    }

    private static IEnumerable<Setting> Declared(
        Type type, MethodSettings? own, Func<SettingGroup, Objective[]> users, Reward[]? rewards = null) =>
        from property in type.GetProperties()
        let about = property.GetCustomAttribute<SettingAttribute>()
        where about is not null
        select new Setting(property, about, own, users(about.Group), rewards ?? []);

    private object Parse(string text, string where)
    {
        Type type = _property.PropertyType;
        if (Choices is { } words)
        {
            object? choice = type.IsEnum ? Words.Parse(type, text)
                : type == typeof(Reward) ? Catalogue.Current.Rewards.FirstOrDefault(reward => reward.Name == text)
                : Catalogue.Current.Objectives.FirstOrDefault(method => method.Name == text);
            return choice ?? throw new UserErrorException($"{where}: {Name} is '{text}'; allowed: {Range}{Nearest.Hint(text, words)}");
        }

        if (type == typeof(string)) return Unit == AddressUnit ? WithoutSecrets(text, where) : text;
        if (type == typeof(bool))
            return bool.TryParse(text, out bool flag) ? flag : throw new UserErrorException($"{where}: {Name} is '{text}'; allowed: {Range}");
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

    // Settings are printed, recorded and published with the model.
    private string WithoutSecrets(string address, string where) => Address.WithoutSecrets(
        address, $"{where}: {Name}", "put the key into an environment variable: OPENAI_API_KEY for rollouts, for embeddings the one that embedding-key-variable names");

    private static string Number(double value) =>
        value.ToString(CultureInfo.InvariantCulture).Replace("E-0", "e-", StringComparison.Ordinal).Replace('E', 'e');
}
