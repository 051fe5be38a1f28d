using System.Globalization;

namespace Reasoning.Eval.Results;

/// <summary>A number that describes an evaluation and is not tested: every test that is printed costs the others power.</summary>
/// <param name="Name">As tables and JSON call it.</param>
/// <param name="Value">Its value.</param>
/// <param name="Unit">"%" for a share, "nats", or empty for a number.</param>
public sealed record Measure(string Name, double Value, string Unit)
{
    /// <summary>The value as tables write it, with its unit.</summary>
    public override string ToString() => Unit.Length == 0 ? Number : $"{Number} {Unit}";

    /// <summary>Name and change, such as "answer entropy 0.88 → 0.78 nats".</summary>
    /// <param name="after">The same measure afterwards.</param>
    public string To(Measure after) => $"{Name} {Number} → {after}";

    private string Number => Unit == "%"
        ? Figures.Percent(Value)
        : Value.ToString("0.00", CultureInfo.InvariantCulture);
}
