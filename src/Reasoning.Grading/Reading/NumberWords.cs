using System.Collections.Frozen;
using Reasoning.Grading.Algebra;

namespace Reasoning.Grading.Reading;

/// <summary>Numbers in words: twenty-one, one hundred and five, three quarters, half a dozen; and the words that multiply a number.</summary>
internal static class NumberWords
{
    private static readonly FrozenDictionary<string, int> s_small = Words(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen")
        .Select((word, i) => (word, i)).Concat(Words("twenty thirty forty fifty sixty seventy eighty ninety").Select((word, i) => (word, 20 + (10 * i))))
        .ToFrozenDictionary(pair => pair.word, pair => pair.Item2, StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, Rational> s_multipliers = new (string Word, Rational Factor)[]
        {
            ("dozen", new(12)), ("score", new(20)), ("hundred", new(100)), ("thousand", new(1000)), ("million", Ten(6)), ("billion", Ten(9)),
            ("trillion", Ten(12)), ("万", Ten(4)), ("亿", Ten(8)), ("half", Part(2)), ("halve", Part(2)), ("third", Part(3)), ("quarter", Part(4)),
            ("fourth", Part(4)), ("fifth", Part(5)), ("sixth", Part(6)), ("seventh", Part(7)), ("eighth", Part(8)), ("ninth", Part(9)),
            ("tenth", Part(10)), ("eleventh", Part(11)), ("twelfth", Part(12)), ("fifteenth", Part(15)), ("sixteenth", Part(16)),
            ("twentieth", Part(20)), ("hundredth", Part(100)), ("thousandth", Part(1000)), ("millionth", Part(1_000_000)),
        }.SelectMany(row => new[] { row, (row.Word + "s", row.Factor) })
        .ToFrozenDictionary(row => row.Item1, row => row.Item2, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a number can begin with this word.</summary>
    public static bool Begins(string word) => s_small.ContainsKey(word) || word is "half" or "Half" or "a" or "A" or "an" or "An";

    /// <summary>What a word behind a number multiplies it by.</summary>
    public static Rational? Multiplier(string word) => s_multipliers.TryGetValue(word, out Rational factor) ? factor : null;

    /// <summary>The number that the tokens from <paramref name="at"/> spell, which moves behind it; null with nothing taken when they spell none.</summary>
    public static Rational? Read(List<Token> tokens, ref int at)
    {
        int start = at;
        Rational total = Rational.Zero, group = Rational.Zero;
        // "a half", "a dozen", "half", "one", "twenty"
        bool isArticle = Word(at) is "a" or "an" or "A" or "An";
        if (isArticle && Word(at + 1) is { } counted && Multiplier(counted) is not null)
        {
            group = Rational.One;
            at++;
        }
        else if (Word(at) is "half" or "Half")
        {
            at++;
            if (Word(at) is not ("a" or "an")) return Rational.Of(1, 2);
            if (Word(at + 1) is not "dozen") return Fail(ref at);
            at += 2;
            return new Rational(6);
        }
        else if (!Small(ref at, ref group))
        {
            return Fail(ref at);
        }
        while (Word(at) is { } word && Multiplier(word) is { } factor && factor.IsInteger)
        {
            group *= factor;
            at++;
            if (factor.Numerator >= 1000)
            {
                total += group;
                group = Rational.Zero;
            }
            int and = Word(at) == "and" ? 1 : 0;
            int next = at + and;
            Rational more = Rational.Zero;
            if (!Small(ref next, ref more) || (Word(next) is { } part && Multiplier(part) is { IsInteger: false })) break;
            group += more;
            at = next;
        }
        Rational value = total + group;
        if (Word(at) is "point" or "Point" && Word(at + 1) is { } first && s_small.TryGetValue(first, out _))
        {
            at++;
            for (Rational place = Part(10); Word(at) is { } digit && s_small.TryGetValue(digit, out int d) && d < 10; place *= Part(10), at++)
                value += place * new Rational(d);
        }
        return value;

        string? Word(int i) => i < tokens.Count && tokens[i].IsLetters ? tokens[i].Text : null;

        Rational? Fail(ref int position)
        {
            position = start;
            return null;
        }

        bool Small(ref int position, ref Rational value)
        {
            if (Word(position) is not { } word || !s_small.TryGetValue(word, out int number)) return false;
            position++;
            if (number >= 20 && Word(position) is { } ones && s_small.TryGetValue(ones, out int unit) && unit is > 0 and < 10)
            {
                number += unit;
                position++;
            }
            value = new Rational(number);
            return true;
        }
    }

    /// <summary>"and a half", "and three quarters" behind a number: what it adds, with <paramref name="at"/> moved behind it; else null.</summary>
    public static Rational? Addition(List<Token> tokens, ref int at)
    {
        if (at + 2 >= tokens.Count || tokens[at].Text != "and") return null;
        int next = at + 1;
        if (Read(tokens, ref next) is not { } count || next >= tokens.Count || Multiplier(tokens[next].Text) is not { IsInteger: false } part) return null;
        Rational added = count * part;
        if ((added - Rational.One).Sign >= 0) return null;
        at = next + 1;
        return added;
    }

    private static string[] Words(string text) => text.Split(' ');

    private static Rational Ten(int power) => new Rational(10).Power(power);

    private static Rational Part(int denominator) => Rational.Of(1, denominator);
}
