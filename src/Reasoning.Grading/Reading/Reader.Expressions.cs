using Reasoning.Grading.Algebra;
using Reasoning.Grading.Rules;
using Reasoning.Grading.Values;

namespace Reasoning.Grading.Reading;

/// <summary>The part of the reader below relations: sums, products, powers, fractions, roots, function values, and units behind them.</summary>
internal sealed partial class Reader
{
    private static readonly Expression s_degree = Expression.Symbol("π").Scale(Rational.Of(1, 180));

    private const int LongDecimal = 10;

    private string? _unit;
    private bool _percent;
    private bool _infinite;

    private Value? ReadScalar()
    {
        if (AtEnd) return null;
        if (ReadBased() is { } based) return based;
        (string? outerUnit, bool outerPercent, bool outerInfinite) = (_unit, _percent, _infinite);
        (_unit, _percent, _infinite) = (null, false, false);
        int start = _at;
        Expression? sum = ReadFraction();
        (Rational? place, bool isLong) = Decimal(start);
        sum = ReadMultipliers(sum);
        bool ok = sum is not null && ReadUnit() && ReadRemark(sum) && (!_infinite || sum.Key is "∞" or "-1*∞");
        ScalarValue? scalar = ok ? new ScalarValue(sum!, _unit, _percent, place, isLong) : null;
        (_unit, _percent, _infinite) = (outerUnit, outerPercent, outerInfinite);
        return scalar;
    }

    // What a unit of the last place is worth, when the tokens since start are one decimal; ten significant digits make it long.
    private (Rational? Place, bool IsLong) Decimal(int start)
    {
        if (start < _at && (_tokens[start].Is("-") || _tokens[start].Is("+"))) start++;
        int end = _percent && _tokens[_at - 1].Is("%") ? _at - 1 : _at;
        if (end != start + 1 || _tokens[start].Kind != TokenKind.Number) return (null, false);
        string text = _tokens[start].Text;
        int point = text.IndexOf('.', StringComparison.Ordinal);
        if (point < 0 || text.AsSpan().ContainsAny("(e")) return (null, false);
        int digits = text.Replace(".", "", StringComparison.Ordinal).TrimStart('0').Length;
        return (new Rational(10).Power((_percent ? -2 : 0) - (text.Length - point - 1)), digits >= LongDecimal);
    }

    // "5 dozen", "3 and a half", "x squared".
    private Expression? ReadMultipliers(Expression? value)
    {
        int start = _at;
        while (value is not null && !AtEnd && _tokens[_at].IsLetters)
        {
            string word = _tokens[_at].Text;
            bool isNumber = value.Constant is not null;
            if (isNumber && NumberWords.Multiplier(word) is { } factor)
            {
                value = value.Scale(factor);
                _at++;
            }
            else if (isNumber && NumberWords.Addition(_tokens, ref _at) is { } more)
            {
                value = Expression.Add(value, Expression.Of(value.Constant!.Value.Sign < 0 ? -more : more), _budget);
            }
            else if (word is "squared" or "cubed")
            {
                bool isOne = value.Constant is { Sign: >= 0 } || (value.Constant is null && value.Denominator.IsOne && value.Numerator.Terms.Length == 1);
                if (!isOne) return null;
                value = value.Power(Expression.Of(new Rational(word == "squared" ? 2 : 3)), _budget);
                _at++;
            }
            else if (word == "per" && _at + 1 < _tokens.Count && _tokens[_at + 1].Text == "cent")
            {
                _percent = true;
                value = value.Scale(Rational.Of(1, 100));
                _at += 2;
            }
            else
            {
                break;
            }
        }
        if (_at > start) _budget.Note(Rulebook.NumberWords);
        return value;
    }

    // 2/5 (0.4): the same number once more in brackets.
    private bool ReadRemark(Expression value)
    {
        if (!IsRemark()) return true;
        _at++;
        _ = Take("≈") || Take("=");
        bool isPercent = _percent;
        int start = _at;
        Expression? again = ReadSum();
        (Rational? place, _) = Decimal(start);
        _percent = isPercent;
        _budget.Note(Rulebook.Chains);
        return again is not null && Take(")") && (Expression.AreEqual(value, again, _budget)
            || (place is { } unit && NumericAgreement.Rounds(again, value, unit, _budget)));
    }

    private bool IsRemark()
    {
        if (!Peek("(") || !_tokens[_at].SpaceBefore) return false;
        int number = _at + 1;
        bool isMarked = number < _tokens.Count && (_tokens[number].Is("≈") || _tokens[number].Is("="));
        if (isMarked) number++;
        if (number < _tokens.Count && _tokens[number].Is("-")) number++;
        if (number >= _tokens.Count || _tokens[number].Kind != TokenKind.Number) return false;
        bool isPercent = number + 1 < _tokens.Count && _tokens[number + 1].Is("%");
        int close = number + (isPercent ? 2 : 1);
        return close < _tokens.Count && _tokens[close].Is(")") && (isMarked || isPercent || _tokens[number].Text.Contains('.', StringComparison.Ordinal));
    }

    private string? Currency()
    {
        bool isCode = !AtEnd && _at + 1 < _tokens.Count && _tokens[_at] is { Kind: TokenKind.Word, Text: "USD" or "US" or "EUR" or "GBP" or "Rs" or "RMB" or "CNY" or "INR" }
            && (_tokens[_at + 1].Kind == TokenKind.Number || _tokens[_at + 1].Is("$"));
        if (isCode && _tokens[_at++].Text is { } code) return code == "US" ? Currency() : Units.Canonical(code);
        return Take("$") ? "dollar" : Take("€") ? "euro" : Take("£") ? "£" : Take("¥") ? "yen" : Take("₹") ? "rupee" : null;
    }

    private bool SetUnit(string? unit)
    {
        if (unit is null) return true;
        _budget.Note(Rulebook.Units);
        bool fits = _unit is null || string.Equals(_unit, unit, StringComparison.Ordinal);
        // $5 per hour
        if (_unit is not null && unit.Split('*').All(part => part.Contains("^-", StringComparison.Ordinal))) (unit, fits) = ($"{_unit}*{unit}", true);
        _unit = unit;
        return fits;
    }

    // "1 \over 2" and "n \choose k" reach to the end of what surrounds them.
    private Expression? ReadFraction()
    {
        Expression? top = ReadSum();
        if (Take("over")) return top is not null && ReadSum()?.Inverse(_budget) is { } inverse ? Multiply(top, inverse) : null;
        return Take("choose") ? top is { } n && ReadSum() is { } k ? Functions.Binomial(n, k, _budget) : null : top;
    }

    private Expression? ReadSum()
    {
        if (!Enter()) return null;
        Expression? total = null;
        while (true)
        {
            int sign = 0;
            if (Take("+")) sign = 1;
            else if (Take("-")) sign = -1;
            else if (_sign != 0 && Take("±")) sign = _sign;
            else if (_sign != 0 && Take("∓")) sign = -_sign;
            if (sign == 0 && total is not null) break;
            Expression? term = ReadProduct();
            if (sign < 0) term = term?.Negate();
            total = total is null || term is null ? term : Expression.Add(total, term, _budget);
            if (total is null) return null;
        }
        _depth--;
        return total;
    }

    private Expression? ReadProduct()
    {
        int start = _at;
        Expression? product = ReadMixedNumber() is { } mixed ? ReadPostfix(mixed, raised: true) : ReadFactor();
        bool divided = false;
        while (product is not null && !AtEnd && _budget.Spend(1))
        {
            Token token = _tokens[_at];
            if (Take("*"))
            {
                product = Multiply(product, ReadFactor());
            }
            else if (Take("/"))
            {
                bool percent = _percent;
                product = Multiply(product, ReadFactor()?.Inverse(_budget));
                if (_percent != percent) return null; // 1/2% could be half a percent
                divided = true;
            }
            else if (StartsFactor(token))
            {
                // Letters that stand apart from other operands are words of a sentence, not a product.
                if (token.SpaceBefore && (token.Kind == TokenKind.Word || _tokens[_at - 1].Kind == TokenKind.Word)) return null;
                // 1/2x could be half of x or the inverse of 2x. A number over a number set apart from what follows is a coefficient.
                bool isCoefficient = _at - start == 3 && _tokens[start].Kind == TokenKind.Number && _tokens[_at - 1].Kind == TokenKind.Number
                    && (token.SpaceBefore || token.Text is "π" or "sqrt");
                if (divided && !isCoefficient) return null;
                product = Multiply(product, ReadFactor());
                divided = false;
            }
            else
            {
                break;
            }
        }
        return product;
    }

    private Expression? Multiply(Expression left, Expression? right) => right is null ? null : Expression.Multiply(left, right, _budget);

    private bool StartsFactor(Token token) => token.Kind switch
    {
        TokenKind.Name or TokenKind.Function => !AtUnit(),
        TokenKind.Number => _at > 0 && _tokens[_at - 1].Is("!"), // 3!2!
        TokenKind.Word => IsProduct(token) && !AtUnit(),
        TokenKind.Symbol => (token.Text is "(" or "[" && !IsCondition() && !IsRemark()) || (token.Text == "frac" && !AtUnit()) || token.Text is "sqrt" or "binom" or "⌊" or "⌈" or "∑" or "∏" or "det" || (token.Text == "|" && _bars == 0)
            || (token.Text == "{" && _at + 1 < _tokens.Count && _tokens[_at + 1].Kind != TokenKind.Number), // {1}{2} is not 2
        _ => false,
    };

    private Expression? ReadFactor()
    {
        if (AtEnd || !Enter()) return null;
        Expression? value;
        if (Take("-") || TakeWord("negative") || TakeWord("minus")) value = ReadFactor()?.Negate();
        else if (Take("+")) value = ReadFactor();
        else if (Currency() is { } currency) value = SetUnit(currency) ? ReadFactor() : null;
        else value = ReadPostfix(ReadPrimary());
        _depth--;
        return value;
    }

    private Expression? ReadPostfix(Expression? value, bool raised = false)
    {
        while (value is not null && !AtEnd)
        {
            if (Peek("^") && IsDegree())
            {
                if (!SetDegree()) return null;
            }
            else if (Peek("^"))
            {
                if (raised) return null;
                _at++;
                value = ReadExponent() is { } exponent ? value.Power(exponent, _budget) : null;
                raised = true;
            }
            else if (Take("!"))
            {
                value = Factorial(value);
            }
            else if (Take("%"))
            {
                _percent = true;
                value = value.Scale(Rational.Of(1, 100));
            }
            else if (Take("°"))
            {
                if (!SetDegree()) return null;
            }
            else if (Currency() is { } currency)
            {
                if (!SetUnit(currency)) return null;
            }
            else
            {
                break;
            }
        }
        return value;
    }

    // 45° or 45°C
    private bool SetDegree()
    {
        bool hasScale = !AtEnd && _tokens[_at] is { Kind: TokenKind.Name, Text: "C" or "F" } scale
            && (scale.InText || !scale.SpaceBefore || _at + 1 == _tokens.Count);
        return SetUnit(hasScale ? $"°{_tokens[_at++].Text}" : "°");
    }

    private bool TakeWord(string word)
    {
        if (AtEnd || !_tokens[_at].IsLetters || !string.Equals(_tokens[_at].Text, word, StringComparison.OrdinalIgnoreCase)) return false;
        _at++;
        return true;
    }

    // Letters in a row that may be a product of symbols.
    private static bool IsProduct(Token token) => token is { Kind: TokenKind.Word, InText: false, Text.Length: <= 4 } && char.IsAscii(token.Text[0])
        && !Commands.OfSentences.Contains(char.ToLowerInvariant(token.Text[0]) + token.Text[1..]) && NumberWords.Multiplier(token.Text) is null && !(token.Text.Length > 2 && NumberWords.Begins(token.Text));

    // x^\circ and x^{\circ}
    private bool IsDegree()
    {
        bool Is(int offset, string symbol) => _at + offset < _tokens.Count && _tokens[_at + offset].Is(symbol);
        int length = Is(1, "°") ? 2 : Is(1, "{") && Is(2, "°") && Is(3, "}") ? 4 : 0;
        _at += length;
        return length > 0;
    }

    private Expression? ReadExponent()
    {
        if (Take("-")) return ReadExponent()?.Negate();
        if (AtEnd) return null;
        return _tokens[_at].Is("{") || _tokens[_at].Is("(") || _tokens[_at].Kind is TokenKind.Number or TokenKind.Name || _tokens[_at].Is("frac")
            ? ReadPrimary()
            : null;
    }

    private Expression? ReadPrimary()
    {
        Token token = _tokens[_at++];
        switch (token.Kind)
        {
            case TokenKind.Number:
                if (Peek("_")) return null;
                return Parse(token.Text) is { } number ? Expression.Of(number) : null;
            case TokenKind.Name or TokenKind.Word when NumberWords.Begins(token.Text) && ReadNumberWords() is { } spelled:
                return Expression.Of(spelled);
            case TokenKind.Name:
                return ReadName(token.Text);
            case TokenKind.Word:
                return IsProduct(token) ? Letters(token.Text) : null;
            case TokenKind.Function:
                return ReadFunction(token.Text);
        }
        return token.Text switch
        {
            "(" => Closed(ReadFraction(), ")"),
            "[" => Closed(ReadSum(), "]"),
            "{" => Closed(ReadFraction(), "}"),
            "|" => ReadAbsolute(),
            "frac" => ReadArgument() is { } top && ReadArgument()?.Inverse(_budget) is { } bottom ? Expression.Multiply(top, bottom, _budget) : null,
            "sqrt" => ReadRoot(),
            "binom" => ReadArgument() is { } n && ReadArgument() is { } k ? Functions.Binomial(n, k, _budget) : null,
            "⌊" => Closed(ReadSum(), "⌋") is { } floored ? Functions.Apply("floor", [floored], _budget) : null,
            "⌈" => Closed(ReadSum(), "⌉") is { } raised ? Functions.Apply("ceil", [raised], _budget) : null,
            "det" => ReadDeterminant(),
            "∑" or "∏" => ReadSeries(token.Text == "∏"),
            _ => null,
        };
    }

    private Rational? ReadNumberWords()
    {
        int at = _at - 1;
        if (NumberWords.Read(_tokens, ref at) is not { } number) return null;
        // A letter alone is a symbol.
        if (at == _at - 1 || (_tokens[_at - 1].Text.Length == 1 && at == _at && (AtEnd || NumberWords.Multiplier(_tokens[_at].Text) is null))) return null;
        _at = at;
        _budget.Note(Rulebook.NumberWords);
        return number;
    }

    private Expression? Closed(Expression? value, string close) => Take(close) ? value : null;

    private Expression? Letters(string word) => Letters(word, _budget);

    /// <summary>The product of the letters of a word.</summary>
    internal static Expression? Letters(string word, Budget budget)
    {
        Expression? product = Expression.Of(Rational.One);
        foreach (char letter in word) product = product is null ? null : Expression.Multiply(product, Expression.Symbol(letter.ToString()), budget);
        return product;
    }

    private Expression? ReadName(string name)
    {
        if (_bound is not null && _bound.TryGetValue(name, out Expression? bound) && !Peek("_")) return bound;
        if (name == "∞") _infinite = true;
        if (Take("_"))
        {
            if (ReadSubscript() is not { } subscript) return null;
            name += "_" + subscript;
        }
        bool isFunction = name[0] is 'f' or 'g' or 'h' or 'F' or 'G' or 'H' && Peek("(");
        if (!isFunction) return Expression.Symbol(name);
        _at++;
        if (ReadItems() is not { } arguments || !Take(")")) return null;
        return Expression.Symbol($"{name}({string.Join(',', arguments.Select(argument => argument.Key))})");
    }

    private string? ReadSubscript()
    {
        if (AtEnd) return null;
        if (!Take("{")) return _tokens[_at].Kind is TokenKind.Number or TokenKind.Name ? _tokens[_at++].Text : null;
        string subscript = "";
        while (!AtEnd && !Peek("}") && !Peek("{"))
        {
            subscript += _tokens[_at++].Text;
        }
        return Take("}") && subscript.Length > 0 ? subscript : null;
    }

    private Expression? ReadFunction(string name)
    {
        Expression? power = null, @base = null;
        if (Take("_"))
        {
            if (name != "log") return null;
            @base = ReadArgument();
            if (@base is null) return null;
        }
        if (Take("^"))
        {
            power = ReadExponent();
            // sin^{-1} is the inverse function to some and the reciprocal to others.
            if (power?.Constant is not { Sign: > 0 }) return null;
        }
        if (AtEnd) return null;
        (string? unit, bool isAngle) = (_unit, name is "sin" or "cos" or "tan" or "cot" or "sec" or "csc");
        if (isAngle) _unit = null;
        Expression[]? arguments = Peek("(") || Peek("{") ? ReadArguments() : ReadBareArgument() is { } bare ? [bare] : null;
        if (arguments is null) return null;
        if (isAngle)
        {
            // sin 30°: a degree is π/180.
            if (_unit == "°") arguments[0] = Expression.Multiply(arguments[0], s_degree, _budget)!;
            else if (_unit is not null) return null;
            _unit = unit;
        }
        Expression? value = @base is not null
            ? arguments.Length == 1 ? Functions.Logarithm(arguments[0], @base, _budget) : null
            : Functions.Apply(name, arguments, _budget);
        return power is null ? value : value?.Power(power, _budget);
    }

    private Expression[]? ReadArguments()
    {
        string close = _tokens[_at++].Text == "(" ? ")" : "}";
        if (ReadItems() is not { } items || !Take(close)) return null;
        var arguments = new Expression[items.Count];
        for (int i = 0; i < arguments.Length; i++)
        {
            if (items[i] is not ScalarValue { IsPercent: false } scalar || (scalar.Unit is not null && scalar.Unit != "°")) return null;
            if (scalar.Unit is not null && !SetUnit(scalar.Unit)) return null;
            arguments[i] = scalar.Expression;
        }
        return arguments;
    }

    // sin 2x: numbers and symbols up to the next operator or function.
    private Expression? ReadBareArgument()
    {
        Expression? product = ReadFactor();
        while (product is not null && !AtEnd && (_tokens[_at].Kind == TokenKind.Name || _tokens[_at].Is("sqrt")))
            product = Multiply(product, ReadFactor());
        return product;
    }

    private Expression? ReadAbsolute()
    {
        _bars++;
        Expression? inside = ReadSum();
        _bars--;
        return inside is null || !Take("|") ? null : Functions.Apply("abs", [inside], _budget);
    }

    private Expression? ReadRoot()
    {
        Rational degree = new(2);
        if (Take("["))
        {
            if (Closed(ReadSum(), "]")?.Constant is not { IsInteger: true, Sign: > 0 } given) return null;
            degree = given;
        }
        // \sqrt12 sets a root over the 1 alone, though its writer may have meant 12.
        if (!AtEnd && _tokens[_at] is { Kind: TokenKind.Number, Text.Length: > 1, SpaceBefore: false }) return null;
        if (AtEnd || ReadPrimary() is not { } radicand) return null;
        bool isOddRootOfNegative = !degree.Numerator.IsEven && radicand.IsConstant
            && (radicand.Constant?.Sign ?? NumericAgreement.Sign(radicand, _budget)) < 0;
        Expression? root = (isOddRootOfNegative ? radicand.Negate() : radicand).Power(Expression.Of(degree.Inverse()), _budget);
        return isOddRootOfNegative ? root?.Negate() : root;
    }

    /// <summary>The argument of \frac and its kin: a group, a digit or a symbol.</summary>
    private Expression? ReadArgument() =>
        !AtEnd && (Peek("{") || Peek("frac") || Peek("binom") || Peek("sqrt") || _tokens[_at].Kind is TokenKind.Number or TokenKind.Name) ? ReadPrimary() : null;
}
