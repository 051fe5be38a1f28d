using Reasoning.Grading.Algebra;
using Reasoning.Grading.Values;

namespace Reasoning.Grading.Reading;

/// <summary>The part of the reader below relations: sums, products, powers, fractions, roots, function values, and units behind them.</summary>
internal sealed partial class Reader
{
    private static readonly Expression s_degree = Expression.Symbol("π").Scale(Rational.Of(1, 180));

    private string? _unit;
    private bool _percent;
    private bool _infinite;

    private Value? ReadScalar()
    {
        if (AtEnd) return null;
        bool isWord = _tokens[_at] is { Kind: TokenKind.Text or TokenKind.Word, Text.Length: > 2 };
        if (isWord && _at + 1 < _tokens.Count && _tokens[_at + 1].Is("="))
            return new TextValue(_tokens[_at++].Text.ToLowerInvariant());
        if (ReadBased() is { } based) return based;
        (string? outerUnit, bool outerPercent, bool outerInfinite) = (_unit, _percent, _infinite);
        (_unit, _percent, _infinite) = (null, false, false);
        Expression? sum = ReadSum();
        if (Take("choose")) sum = sum is { } n && ReadSum() is { } k ? Functions.Binomial(n, k, _budget) : null;
        while (!AtEnd && _tokens[_at].Kind is TokenKind.Word or TokenKind.Text && Units.PowerOfTen(_tokens[_at].Text) is { } power)
        {
            sum = sum?.Scale(new Rational(10).Power(power));
            _at++;
        }

        bool ok = sum is not null && ReadUnit() && (!_infinite || sum.Key is "∞" or "-1*∞");
        ScalarValue? scalar = ok ? new ScalarValue(sum!, _unit, _percent) : null;
        (_unit, _percent, _infinite) = (outerUnit, outerPercent, outerInfinite);
        return scalar;
    }

    private bool ReadUnit()
    {
        string unit = "";
        while (!AtEnd)
        {
            Token token = _tokens[_at];
            if (token.Is("/") && unit.Length > 0) unit += "/";
            else if (token.Kind == TokenKind.Name && unit.EndsWith('/')) unit += token.Text;
            else if (token.Kind == TokenKind.Text || (token.Kind == TokenKind.Word && IsUnit(token, unit)))
                unit += (unit.EndsWith('/') ? "" : " ") + token.Text;
            else break;
            _at++;
            if (Take("^"))
            {
                bool group = Take("{");
                if (AtEnd || _tokens[_at].Kind != TokenKind.Number) return false;
                unit += "^" + _tokens[_at++].Text;
                if (group && !Take("}")) return false;
            }
        }
        return unit.Length == 0 || SetUnit(Units.Canonical(unit));

        static bool IsUnit(Token token, string unit) => Units.IsUnitWord(token.Text) || unit.Length > 0 || token.Text is "square" or "cubic" or "sq";
    }

    private string? Currency() => Take("$") ? "dollar" : Take("€") ? "euro" : Take("£") ? "£" : null;

    private bool SetUnit(string? unit)
    {
        if (unit is null) return true;
        bool fits = _unit is null || string.Equals(_unit, unit, StringComparison.Ordinal);
        _unit = unit;
        return fits;
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
        TokenKind.Name or TokenKind.Function => true,
        TokenKind.Number => _at > 0 && _tokens[_at - 1].Is("!"), // 3!2!
        TokenKind.Word => !Units.IsUnitWord(token.Text) && token.Text is not ("square" or "cubic" or "sq"),
        TokenKind.Symbol => token.Text is "(" or "[" or "frac" or "sqrt" or "binom" or "⌊" or "⌈" or "∑" or "∏" or "det" || (token.Text == "|" && _bars == 0)
            || (token.Text == "{" && _at + 1 < _tokens.Count && _tokens[_at + 1].Kind != TokenKind.Number), // {1}{2} is not 2
        _ => false,
    };

    private Expression? ReadFactor()
    {
        if (AtEnd || !Enter()) return null;
        Expression? value;
        if (Take("-")) value = ReadFactor()?.Negate();
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
                if (!SetUnit("°")) return null;
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
                if (!SetUnit("°")) return null;
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
            case TokenKind.Name:
                return ReadName(token.Text);
            case TokenKind.Word:
                return token.Text.Length > 4 ? null : Letters(token.Text);
            case TokenKind.Function:
                return ReadFunction(token.Text);
            case TokenKind.Text:
                return token.Text.All(char.IsAsciiDigit) && Parse(token.Text) is { } digits ? Expression.Of(digits) : null;
        }
        return token.Text switch
        {
            "(" => Closed(ReadSum(), ")"),
            "[" => Closed(ReadSum(), "]"),
            "{" => ReadGroup(),
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

    // {n \choose k} is the old spelling of a binomial.
    private Expression? ReadGroup()
    {
        Expression? value = ReadSum();
        if (Take("choose")) value = value is { } n && ReadSum() is { } k ? Functions.Binomial(n, k, _budget) : null;
        return Closed(value, "}");
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
