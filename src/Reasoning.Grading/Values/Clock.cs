using System.Numerics;
using Reasoning.Grading.Algebra;

namespace Reasoning.Grading.Values;

/// <summary>Times of day: two numbers around a colon, the second of two digits below 60, with or without am and pm.</summary>
internal static class Clock
{
    /// <summary>The time, or null when the parts are no time.</summary>
    public static CollectionValue? Of(List<Value> parts)
    {
        if (parts.Count != 2 || parts[0] is not ScalarValue { Unit: null } hour || parts[1] is not ScalarValue minute) return null;
        return minute.Unit is null or "am" or "pm" ? Of(hour.Expression, minute.Expression, minute.Unit ?? "") : null;
    }

    /// <summary>"7 pm".</summary>
    public static CollectionValue? OfHour(Value value) =>
        value is ScalarValue { Unit: "am" or "pm" } scalar ? Of(scalar.Expression, Expression.Of(Rational.Zero), scalar.Unit) : null;

    /// <summary>Equal minutes of the day; without am or pm on one side, equal minutes of the half day that its hour allows.</summary>
    public static bool AreEqual(CollectionValue a, CollectionValue b)
    {
        (int x, int y) = (Minutes(a), Minutes(b));
        if (x == y) return true;
        bool isOpen = (a.Brackets.Length == 0) != (b.Brackets.Length == 0);
        // 3:30 may be 3:30 pm; 15:30 and 0:30 name their half of the day.
        return isOpen && Hour(a) is >= 1 and <= 12 && Hour(b) is >= 1 and <= 12 && x % 720 == y % 720;
    }

    private static CollectionValue? Of(Expression hour, Expression minute, string half)
    {
        if (hour.Constant is not { IsInteger: true } h || minute.Constant is not { IsInteger: true } m) return null;
        bool isTime = h.Sign >= 0 && m.Sign >= 0 && m.Numerator < 60 && (half.Length == 0 ? h.Numerator <= 24 : h.Numerator >= 1 && h.Numerator <= 12);
        return isTime ? new CollectionValue(CollectionKind.Clock, [new ScalarValue(hour), new ScalarValue(minute)], half) : null;
    }

    private static int Hour(CollectionValue clock) => (int)Part(clock, 0);

    private static int Minutes(CollectionValue clock)
    {
        int hour = Hour(clock);
        if (clock.Brackets.Length > 0) hour = (hour % 12) + (clock.Brackets == "pm" ? 12 : 0);
        return (hour * 60) + (int)Part(clock, 1);
    }

    private static BigInteger Part(CollectionValue clock, int part) => ((ScalarValue)clock.Items[part]).Expression.Constant!.Value.Numerator;
}
