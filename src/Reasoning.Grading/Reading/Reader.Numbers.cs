using System.Globalization;
using System.Numerics;
using Reasoning.Grading.Algebra;
using Reasoning.Grading.Rules;
using Reasoning.Grading.Values;

namespace Reasoning.Grading.Reading;

/// <summary>The part of the reader that makes exact numbers of digits.</summary>
internal sealed partial class Reader
{
    private const int MaxExponentDigits = 4;
    private const int MaxFactorial = 200;

    // 1011_2, (413)_5, 413_{\text{five}}, 413 base 5: digits in a base. Base ten is an ordinary number.
    private Value? ReadBased()
    {
        int start = _at;
        bool isBracketed = Take("(");
        if (!AtEnd && _tokens[_at] is { Kind: TokenKind.Number } number && number.Text.All(char.IsAsciiDigit))
        {
            _at++;
            bool isClosed = !isBracketed || Take(")");
            bool isBelow = isClosed && Take("_"), isGroup = Take("{"), isNoted = !isBelow && Take("(");
            _ = TakeWord("in");
            bool isNamed = TakeWord("base");
            bool isInner = isBelow && Take("(");
            Rational? radix = AtEnd || !(isBelow || isNamed) ? null
                : _tokens[_at].Kind == TokenKind.Number ? Parse(_tokens[_at++].Text) : NumberWords.Read(_tokens, ref _at);
            bool isWhole = isClosed && radix is { IsInteger: true, Sign: > 0 } && (!isInner || Take(")")) && (!isGroup || Take("}")) && (!isNoted || Take(")"));
            if (isWhole)
            {
                _budget.Note(Rulebook.Bases);
                string digits = number.Text.TrimStart('0');
                if (radix != new Rational(10)) return new BasedValue(digits.Length == 0 ? "0" : digits, radix!.Value.ToString());
                return Parse(number.Text) is { } value ? new ScalarValue(Expression.Of(value)) : null;
            }
        }
        _at = start;
        return null;
    }

    // "7 3/4" and "1\frac34": a whole number before a proper fraction of digits adds to it.
    private Expression? ReadMixedNumber()
    {
        if (_at + 3 >= _tokens.Count || !IsWhole(_at)) return null;
        int start = _at;
        string whole = _tokens[_at++].Text;
        (string Top, string Bottom)? fraction = null;
        if (IsWhole(_at) && _tokens[_at].SpaceBefore && _tokens[_at + 1].Is("/") && IsWhole(_at + 2))
        {
            fraction = (_tokens[_at].Text, _tokens[_at + 2].Text);
            _at += 3;
        }
        else if (Take("frac") && ReadDigits() is { } first && ReadDigits() is { } second)
        {
            fraction = (first, second);
        }
        if (fraction is { } part && int.TryParse(part.Top, out int top) && int.TryParse(part.Bottom, out int bottom) && top < bottom
            && Parse(whole) is { } integer)
        {
            return Expression.Of(integer + Rational.Of(top, bottom));
        }
        _at = start;
        return null;

        bool IsWhole(int at) => at < _tokens.Count && _tokens[at].Kind == TokenKind.Number && _tokens[at].Text.All(char.IsAsciiDigit);

        string? ReadDigits()
        {
            if (Peek("{") && IsWhole(_at + 1) && _at + 2 < _tokens.Count && _tokens[_at + 2].Is("}"))
            {
                _at += 3;
                return _tokens[_at - 2].Text;
            }
            if (!IsWhole(_at)) return null;
            return _tokens[_at++].Text;
        }
    }

    private Expression? Factorial(Expression value)
    {
        if (value.Constant is not { IsInteger: true, Sign: >= 0 } n || n.Numerator > MaxFactorial) return Expression.Of(Atom.Value("!", $"({value.Key})!", value));
        BigInteger product = 1;
        for (int i = 2; i <= (int)n.Numerator; i++) product *= i;
        return _budget.Spend((int)n.Numerator) ? Expression.Of(new Rational(product)) : null;
    }

    /// <summary>The exact value of a number token: 12, 1.5, .5, 2e-3, 0.1(6).</summary>
    private Rational? Parse(string text)
    {
        if (!_budget.Spend(1 + (text.Length * text.Length / 4096))) return null;
        if (text.Length <= 9 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int small)) return new Rational(small);
        int e = text.IndexOf('e', StringComparison.Ordinal);
        int exponent = 0;
        if (e >= 0)
        {
            ReadOnlySpan<char> power = text.AsSpan(e + 1);
            if (power.Length > MaxExponentDigits + 1
                || !int.TryParse(power, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
                || !_budget.Spend(Math.Abs(exponent)))
            {
                _budget.Exhaust();
                return null;
            }
            text = text[..e];
        }
        string repetend = "";
        int bracket = text.IndexOf('(', StringComparison.Ordinal);
        if (bracket >= 0)
        {
            repetend = text[(bracket + 1)..^1];
            text = text[..bracket];
        }
        int point = text.IndexOf('.', StringComparison.Ordinal);
        int decimals = point < 0 ? 0 : text.Length - point - 1;
        string digits = point < 0 ? text : text.Remove(point, 1);
        BigInteger mantissa = digits.Length == 0 ? 0 : BigInteger.Parse(digits, CultureInfo.InvariantCulture);
        Rational value = Rational.Of(mantissa, BigInteger.Pow(10, decimals));
        if (repetend.Length > 0)
        {
            BigInteger nines = BigInteger.Pow(10, repetend.Length) - 1;
            value += Rational.Of(BigInteger.Parse(repetend, CultureInfo.InvariantCulture), nines * BigInteger.Pow(10, decimals));
        }
        return value * new Rational(10).Power(exponent);
    }
}
