using System.Globalization;

namespace Reasoning.Grading.Reading;

/// <summary>The part of the reader for units: cm^2, square metres, km/h, kilometers per hour, \frac{\text{m}}{\text{s}}.</summary>
internal sealed partial class Reader
{
    /// <summary>Whether what stands here can only be a unit, not a factor.</summary>
    private bool AtUnit()
    {
        Token token = _tokens[_at];
        if (token.Is("frac")) return _at + 2 < _tokens.Count && _tokens[_at + 1].Is("{") && UnitName(_at + 2, isPlainLetter: false) is not null;
        if (!token.IsLetters || _at == 0) return false;
        if (token.Text is "square" or "sq" or "cubic" or "cu" or "per" || Units.IsAdjective(token.Text)) return true;
        if (UnitName(_at, isPlainLetter: false) is not null) return true;
        // "12 m/s" outside of words: a letter, but with a second unit below it that ends the answer.
        return token.SpaceBefore && _tokens[_at - 1].Kind == TokenKind.Number && _at + 2 < _tokens.Count && _tokens[_at + 1].Is("/")
            && UnitName(_at, isPlainLetter: true) is not null && UnitName(_at + 2, isPlainLetter: true) is not null
            && (_at + 3 == _tokens.Count || _tokens[_at + 3].Is("^"));
    }

    private string? UnitName(int at, bool isPlainLetter)
    {
        if (at >= _tokens.Count || !_tokens[at].IsLetters) return null;
        Token token = _tokens[at];
        if (token.Kind == TokenKind.Name && !(Units.IsLetter(token.Text) && (token.InText || isPlainLetter))) return null;
        return Units.Canonical(token.Text);
    }

    /// <summary>Units up to the first token that is none; false for a power that cannot be read, or two units that contradict each other.</summary>
    private bool ReadUnit()
    {
        if (AtEnd || !AtUnit()) return true;
        var powers = new SortedDictionary<string, int>(StringComparer.Ordinal);
        if (!ReadUnits(powers, 1, isBelow: false)) return false;
        string unit = string.Join('*', powers.Where(pair => pair.Value != 0).Select(pair => pair.Value == 1 ? pair.Key : $"{pair.Key}^{pair.Value}"));
        return powers.Count == 0 || SetUnit(unit);
    }

    private bool ReadUnits(SortedDictionary<string, int> powers, int side, bool isBelow)
    {
        bool isFirst = true;
        while (!AtEnd)
        {
            int start = _at, sign = side, power = 1;
            bool isDivided = TakeWord("per") || (!isFirst && (Take("/") || TakeWord("an") || TakeWord("a")));
            if (isDivided) sign = -side;
            else if (!isFirst) Take("*");
            if (Take("frac"))
            {
                if (!Take("{") || !ReadUnits(powers, sign, isBelow: true) || !Take("}") || !Take("{") || !ReadUnits(powers, -sign, isBelow: true) || !Take("}")) return false;
                isFirst = false;
                continue;
            }
            while (!AtEnd && Units.IsAdjective(_tokens[_at].Text)) _at++;
            if (TakeWord("square") || TakeWord("sq")) power = 2;
            else if (TakeWord("cubic") || TakeWord("cu")) power = 3;
            if (UnitName(_at, isPlainLetter: isBelow || isDivided || (isFirst && AtUnit())) is not { } name)
            {
                _at = start;
                return true;
            }
            _at++;
            if (TakeWord("squared")) power = 2;
            else if (TakeWord("cubed")) power = 3;
            if (Take("^"))
            {
                bool isGroup = Take("{"), isNegative = Take("-");
                if (AtEnd || _tokens[_at].Kind != TokenKind.Number || !int.TryParse(_tokens[_at++].Text, NumberStyles.None, CultureInfo.InvariantCulture, out int given)) return false;
                power = isNegative ? -given : given;
                if (isGroup && !Take("}")) return false;
            }
            foreach (string part in name.Split('*'))
            {
                int caret = part.IndexOf('^', StringComparison.Ordinal);
                int own = caret < 0 ? 1 : int.Parse(part[(caret + 1)..], CultureInfo.InvariantCulture);
                string key = caret < 0 ? part : part[..caret];
                powers[key] = powers.GetValueOrDefault(key) + (sign * power * own);
            }
            isFirst = false;
        }
        return true;
    }
}
