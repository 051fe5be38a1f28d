using Reasoning.Grading.Algebra;
using Reasoning.Grading.Values;

namespace Reasoning.Grading.Reading;

/// <summary>
/// Reads tokens as lists of relations between collections of expressions. Recursive descent over five levels: list, relation, operand
/// (union), single (collection or expression), sum. Every level returns null for what it does not understand; then the answer is unread.
/// </summary>
internal sealed partial class Reader
{
    private static readonly TextValue s_skipped = new("…");
    private static readonly string[] s_relations = ["∈", "≤", "≥", "<", ">", "≠"], s_separators = [",", ";"], s_signs = ["±", "∓"], s_equals = ["="];

    private readonly List<Token> _tokens;
    private readonly Budget _budget;
    private int _at;
    private int _depth;
    private readonly bool _hasMatrices, _hasRelations, _hasSigns;
    private int _bars;
    private Dictionary<string, Expression>? _bound;

    /// <summary>Which sign ± takes in this pass; 0 outside of one.</summary>
    private int _sign;

    private Reader(List<Token> tokens, Budget budget)
    {
        _tokens = tokens;
        _budget = budget;
        _hasRelations = tokens.Exists(token => token.Kind == TokenKind.Symbol && s_relations.Contains(token.Text));
        _hasSigns = tokens.Exists(token => token.Is("±") || token.Is("∓"));
        _hasMatrices = tokens.Exists(token => token.Is("begin"));
    }

    private bool AtEnd => _at >= _tokens.Count;

    public static Value? Read(string foldedText, Budget budget)
    {
        List<Token>? tokens = Lexer.Read(foldedText, budget);
        if (tokens is null || tokens.Count == 0) return null;
        tokens = Tidying.Apply(tokens);
        if (tokens.Count == 0) return null;
        var reader = new Reader(tokens, budget);
        Value? value = reader.ReadSequence();
        return reader.AtEnd && !budget.IsSpent ? value : null;
    }

    private bool Peek(string symbol) => !AtEnd && _tokens[_at].Is(symbol);

    private bool Take(string symbol)
    {
        if (!Peek(symbol)) return false;
        _at++;
        return true;
    }

    private bool Enter()
    {
        if (++_depth > Budget.MaxDepth) _budget.Exhaust();
        return _budget.Spend(1);
    }

    /// <summary>One item, or several as an unordered list.</summary>
    private Value? ReadSequence()
    {
        List<Value>? items = ReadItems();
        // "2/5 or 0.4" is one number.
        if (items is [ScalarValue a, ScalarValue b] && (a.Place is null && !a.IsPercent) != (b.Place is null && !b.IsPercent) && Relations.Same(a, b, _budget) is { } exact) return exact;
        return items is null ? null : items.Count == 1 ? items[0] : new CollectionValue(CollectionKind.List, items);
    }

    /// <summary>Items up to a closing bracket or the end. Where both "," and ";" separate, ";" separates lists.</summary>
    private List<Value>? ReadItems()
    {
        if (!Enter()) return null;
        List<List<Value>> groups = [[]];
        while (true)
        {
            if (!ReadItem(groups[^1])) return null;
            // "kπ (k ∈ ℤ)"
            while (IsCondition())
            {
                string close = Take("(") ? ")" : Take("[") ? "]" : "";
                if (ReadItems() is not { } conditions || !Take(close)) return null;
                groups[^1].AddRange(conditions);
            }
            bool semicolon = Peek(";");
            if (!Take(",") && !Take(";")) break;
            if (!semicolon) Take(","); // ", and"
            if (semicolon) groups.Add([]);
        }
        _depth--;
        for (int i = 0; i < groups.Count; i++)
        {
            if (Families.Build(groups[i], _budget) is not { } group) return null;
            groups[i] = group;
        }

        if (groups.Count == 1) return Named(groups[0]);
        return [.. groups.Select(group => group.Count == 1 ? group[0] : new CollectionValue(CollectionKind.List, group))];
    }

    // A bracket that holds a relation is a condition, not a factor.
    private bool IsCondition() => _hasRelations && (Peek("(") || Peek("[")) && Find(s_relations, level: 1, []) >= 0;

    /// <summary>
    /// The first of some symbols from here on, at a level of brackets (0: outside of any; null: wherever); −1 when the bracket that
    /// encloses that level closes before, or one of <paramref name="stops"/> stands outside of brackets.
    /// </summary>
    private int Find(string[] wanted, int? level, string[] stops)
    {
        int depth = 0;
        for (int i = _at; i < _tokens.Count && _budget.Spend((i & 7) == 7 ? 1 : 0); i++)
        {
            if (_tokens[i].Kind != TokenKind.Symbol) continue;
            string text = _tokens[i].Text;
            if ((level ?? depth) == depth && wanted.Contains(text)) return i;
            if (depth == 0 && stops.Contains(text)) return -1;
            if (text is "(" or "[" or "{" or "⦃" or "begin" or "det") depth++;
            else if (text is ")" or "]" or "}" or "⦄" or "end" && --depth < (level ?? 0)) return -1;
        }
        return -1;
    }

    // n = 1, 2, 3: the name holds for all of them.
    private static List<Value> Named(List<Value> items)
    {
        if (items.Count < 2 || items[0] is not AssignmentValue { Right: ScalarValue } first) return items;
        for (int i = 1; i < items.Count; i++)
        {
            if (items[i] is not ScalarValue) return items;
        }
        for (int i = 1; i < items.Count; i++) items[i] = new AssignmentValue(first.Name, items[i], null);
        return items;
    }

    /// <summary>Adds one item; one with ± gives two, each read with one sign.</summary>
    private bool ReadItem(List<Value> items)
    {
        if (_sign != 0 || !ItemHasPlusMinus()) return ReadRelation() is { } value && Keep(value);
        int start = _at;
        _sign = 1;
        Value? upper = ReadRelation();
        int end = _at;
        _at = start;
        _sign = -1;
        Value? lower = ReadRelation();
        _sign = 0;
        return upper is not null && lower is not null && _at == end && Keep(upper) && Keep(lower);

        bool Keep(Value value)
        {
            items.Add(value);
            return true;
        }
    }

    // The items inside of braces are expanded one by one.
    private bool ItemHasPlusMinus() => _hasSigns && !Peek("⦃") && !Peek("{") && Find(s_signs, level: null, s_separators) >= 0;

    private Value? ReadRelation()
    {
        if (!Enter()) return null;
        List<Value> sides = [];
        List<string> operators = [];
        int from = _at;
        while (true)
        {
            (int start, int depth) = (_at, _depth);
            Value? side = (operators.Count == 0 ? ReadQuantity() : null) ?? ReadOperand();
            if (side is null || !(AtEnd || IsEndOfSide() || IsCondition()))
            {
                // a = … = b: what stands between may be beyond this reader, the result is not.
                (_at, _depth, _bars) = (start, depth, 0);
                if (operators.Exists(op => op != "=") || !SkipToEquals()) return null;
                operators.Add("=");
                sides.Add(s_skipped);
                continue;
            }
            sides.Add(side);
            if (AtEnd || _tokens[_at] is not { Kind: TokenKind.Symbol, Text: "=" or "<" or ">" or "≤" or "≥" or "≠" or "≈" or "∈" }) break;
            operators.Add(_tokens[_at++].Text);
        }
        _depth--;
        if (operators.Count == 0) return sides[0];
        if (operators is ["="] && SaysNothing(from)) return null;
        bool hasSkipped = sides.Exists(side => ReferenceEquals(side, s_skipped));
        if (!hasSkipped) return Relations.Make(sides, operators, _budget);
        int last = operators.LastIndexOf("=");
        // An integral, a sum without end or a limit names its value.
        bool isLimit = last == 0 && _tokens[from] is { Kind: TokenKind.Unknown, Text: "int" or "iint" or "oint" or "lim" } or { Kind: TokenKind.Symbol, Text: "∑" or "∏" };
        bool isChain = (last >= 1 || isLimit) && operators.Skip(last + 1).All(op => op == "≈") && !ReferenceEquals(sides[last + 1], s_skipped);
        if (!isChain) return null;
        // Without a name in front, the members that were read must lead to the result.
        return ReferenceEquals(sides[0], s_skipped) ? sides[last + 1] : Relations.Make([sides[0], sides[last], sides[last + 1]], ["=", "="], _budget);
    }

    // 1 = 1, the same tokens on both sides, is no answer.
    private bool SaysNothing(int from)
    {
        int length = (_at - from - 1) / 2;
        if (_at - from != (2 * length) + 1) return false;
        for (int i = 0; i < length; i++)
        {
            if (_tokens[from + i].Text != _tokens[from + length + 1 + i].Text) return false;
        }
        return true;
    }

    /// <summary>
    /// What can only name a quantity before an equals sign: words, or a capital letter or f, g, h before a bracket (P(X &gt; 3) = …); null
    /// with nothing taken for anything else.
    /// </summary>
    private TextValue? ReadQuantity()
    {
        int end = _at;
        bool hasWord = false;
        for (; end < _tokens.Count && _tokens[end].IsLetters && (_tokens[end].InText || _tokens[end].Text.Length > 2); end++) hasWord |= _tokens[end].Kind == TokenKind.Word;
        bool isCall = end < _tokens.Count - 1 && (hasWord || (_tokens[end].Kind == TokenKind.Name && end++ == _at && (IsFunctionName(_tokens[_at].Text) || HasArguments(end))));
        if (isCall && end < _tokens.Count && (_tokens[end].Is("(") || _tokens[end].Is("[")))
        {
            int depth = 0;
            do
            {
                if (_tokens[end].Is("(") || _tokens[end].Is("[")) depth++;
                if (_tokens[end].Is(")") || _tokens[end].Is("]")) depth--;
                end++;
            }
            while (depth > 0 && end < _tokens.Count);
        }
        else if (!hasWord)
        {
            return null;
        }
        if (end >= _tokens.Count || !_tokens[end].Is("=") || !_budget.Spend(end - _at)) return null;
        string name = string.Join(' ', _tokens.Skip(_at).Take(end - _at).Select(token => token.Text)).ToLowerInvariant();
        _at = end;
        return new TextValue(name);
    }

    private static bool IsFunctionName(string name) => name is [>= 'A' and <= 'Z' or 'f' or 'g' or 'h'] or ['m', 'a', 't', 'h', 'b', 'b', ..];

    // y(2), n(A), d(A, B) are values, not products.
    private bool HasArguments(int open) => open + 2 < _tokens.Count && _tokens[open].Is("(") && _tokens[open + 1].Kind is TokenKind.Name or TokenKind.Number
        && (_tokens[open + 2].Is(")") || _tokens[open + 2].Is(","));

    private bool IsEndOfSide() => _tokens[_at] is
    {
        Kind: TokenKind.Symbol, Text: "=" or "<" or ">" or "≤" or "≥" or "≠" or "≈" or "∈" or "," or ";"
        or ")" or "]" or "}" or "⦄" or "|" or "&" or "\\\\" or "end"
    };

    // Takes everything up to the next "=" of this item, which stays outside brackets.
    private bool SkipToEquals()
    {
        int equals = Find(s_equals, level: 0, [.. s_separators, .. s_relations]);
        if (equals < 0 || !_budget.Spend(1 + equals - _at)) return false;
        _at = equals + 1;
        return true;
    }

    private Value? ReadOperand()
    {
        if (ReadSingle() is not { } first) return null;
        if (Take("∖")) return ReadSingle() is { } removed ? new CollectionValue(CollectionKind.Difference, [first, removed]) : null;
        if (!Peek("∪")) return first;
        List<Value> parts = [first];
        while (Take("∪"))
        {
            if (ReadSingle() is not { } part) return null;
            parts.Add(part);
        }
        return parts.TrueForAll(part => part is CollectionValue) ? new CollectionValue(CollectionKind.Union, parts) : null;
    }

    private Value? ReadSingle()
    {
        if (AtEnd || !Enter()) return null;
        Value? value = ReadSetBuilder() ?? ReadCollection() ?? ReadRatio();
        _depth--;
        return value;
    }

    /// <summary>
    /// {x : x &gt; 0} or {x ∈ ℝ | x &gt; 0} is its condition, {kπ | k ∈ ℤ} its values; null with nothing taken for anything else.
    /// </summary>
    private Value? ReadSetBuilder()
    {
        if (!Peek("⦃") || _at + 2 >= _tokens.Count) return null;
        (int start, int depth, int bars) = (_at, _depth, _bars++);
        bool isName = _tokens[++_at].Kind == TokenKind.Name && _tokens[_at + 1] is { Kind: TokenKind.Symbol, Text: "∈" or ":" or "|" };
        Value? head = null;
        if (isName)
        {
            _at++;
            if (Take("∈") && !AtEnd && _tokens[_at].Kind == TokenKind.Name) _at++;
        }
        else
        {
            head = ReadCollection() ?? ReadScalar();
        }
        _bars = bars;
        List<Value>? conditions = (isName || head is not null) && (Take(":") || Take("|")) ? ReadItems() : null;
        if (conditions is not null && Take("⦄"))
        {
            if (head is not null) conditions = Families.Build([head, .. conditions], _budget);
            if (conditions is [var value] && (head is not null || value is not ScalarValue)) return value;
            if (conditions is not null && head is null) return new CollectionValue(CollectionKind.List, conditions);
        }
        (_at, _depth) = (start, depth);
        return null;
    }

    /// <summary>A collection if one starts here, else null with nothing taken.</summary>
    private CollectionValue? ReadCollection()
    {
        (int start, int depth) = (_at, _depth);
        CollectionValue? value = null;
        if (Take("∅")) value = new CollectionValue(CollectionKind.Set, []);
        else if (Peek("⦃")) value = ReadBracketed(CollectionKind.Set);
        else if (HasMatrix()) return ReadMatrixSum();
        else if (_tokens[_at] is { Kind: TokenKind.Name, Text: "ℝ" }) value = ReadReals();
        else if ((Peek("(") || Peek("[")) && HasSeparatorInside()) value = ReadBracketed(CollectionKind.Bracketed);
        else if (Peek("{") && HasSeparatorInside()) value = ReadBracketed(CollectionKind.List);
        bool endsHere = AtEnd || (_tokens[_at].Kind == TokenKind.Symbol
            && _tokens[_at].Text is "," or ";" or ")" or "]" or "}" or "⦄" or "=" or "∪" or "∖" or "≈" or "∈" or "∩" or "&" or "\\\\" or "end" or ":" or "|");
        if (value is null || !endsHere)
        {
            (_at, _depth) = (start, depth);
            return null;
        }
        return value;
    }

    private CollectionValue ReadReals()
    {
        _at++;
        Expression infinity = Expression.Symbol("∞");
        return new CollectionValue(CollectionKind.Bracketed, [new ScalarValue(infinity.Negate()), new ScalarValue(infinity)], "()");
    }

    private CollectionValue? ReadBracketed(CollectionKind kind)
    {
        string open = _tokens[_at++].Text;
        if (kind == CollectionKind.Set && Take("⦄")) return new CollectionValue(kind, []);
        if (ReadItems() is not { } items || AtEnd) return null;
        string close = _tokens[_at++] is { Kind: TokenKind.Symbol } token ? token.Text : "";
        bool matches = (open, close) is ("⦃", "⦄") or ("{", "}") or ("(", ")") or ("[", "]") or ("(", "]") or ("[", ")");
        if (!matches) return null;
        return new CollectionValue(kind, items, kind == CollectionKind.Bracketed ? open + close : "");
    }

    private bool HasSeparatorInside() => Find(s_separators, level: 1, []) >= 0;

    private CollectionValue? ReadMatrix(string open)
    {
        if (!Take(open)) return null;
        List<Value> cells = [];
        int columns = -1, inRow = 0;
        while (!AtEnd)
        {
            if (ReadRelation() is not { } cell) return null;
            cells.Add(cell);
            inRow++;
            if (Take("&")) continue;
            if (columns >= 0 && inRow != columns) return null;
            (columns, inRow) = (inRow, 0);
            if (Take("\\\\") && !Peek("end")) continue;
            return Take("end") ? new CollectionValue(CollectionKind.Matrix, cells, $"{columns}") : null;
        }
        return null;
    }

    /// <summary>An expression with its unit, or a ratio of such.</summary>
    private Value? ReadRatio()
    {
        if (ReadScalar() is not { } first) return null;
        if (!Peek(":")) return Clock.OfHour(first) ?? first;
        int start = _at;
        List<Value> parts = [first];
        while (Take(":"))
        {
            if (ReadScalar() is not { } part) return null;
            parts.Add(part);
        }
        bool twoDigits = _tokens[start + 1] is { Kind: TokenKind.Number, Text: [>= '0' and <= '5', _] };
        return (twoDigits ? Clock.Of(parts) : null) ?? new CollectionValue(CollectionKind.Ratio, parts);
    }
}
