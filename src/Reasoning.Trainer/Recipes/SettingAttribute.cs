namespace Reasoning.Trainer.Recipes;

/// <summary>Describes a setting where it is declared: help texts, range checks and tables are made from this.</summary>
/// <param name="group">The part of a run it belongs to.</param>
/// <param name="unit">Unit, or the kind of value.</param>
/// <param name="effect">One sentence.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SettingAttribute(SettingGroup group, string unit, string effect) : Attribute
{
    /// <summary>Describes a setting of a method.</summary>
    public SettingAttribute(string unit, string effect) : this(SettingGroup.Own, unit, effect)
    {
    }

    public SettingGroup Group { get; } = group;

    public string Unit { get; } = unit;

    public string Effect { get; } = effect;

    /// <summary>Smallest allowed value.</summary>
    public double Min { get; init; } = double.NegativeInfinity;

    /// <summary>Largest allowed value.</summary>
    public double Max { get; init; } = double.PositiveInfinity;

    /// <summary>Whether <see cref="Min"/> itself is refused.</summary>
    public bool Above { get; init; }

    /// <summary>A property of <see cref="Recipe"/> that says whether a recipe uses the setting; null where all do.</summary>
    public string? When { get; init; }
}
