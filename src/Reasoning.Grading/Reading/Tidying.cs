using System.Globalization;

namespace Reasoning.Grading.Reading;

/// <summary>Settles by their neighbours what single tokens stand for, before the grammar sees them.</summary>
internal static class Tidying
{
    private static readonly string[] s_introductions = ["where", "for", "with", "all", "any", "every", "each", "some", "arbitrary", "forall", "given", "a", "an", "the"];

    public static List<Token> Apply(List<Token> tokens)
    {
        tokens = SplitDigits(tokens);
        for (int i = 0; i < tokens.Count; i++)
        {
            Token token = tokens[i];
            if (token.Kind == TokenKind.Function && !(i + 1 < tokens.Count && (tokens[i + 1].Kind is TokenKind.Name or TokenKind.Number or TokenKind.Function
                || tokens[i + 1].Is("(") || tokens[i + 1].Is("{") || tokens[i + 1].Is("_") || tokens[i + 1].Is("^") || tokens[i + 1].Is("frac")
                || tokens[i + 1].Is("sqrt") || tokens[i + 1].Is("[") || tokens[i + 1].Is("-") || tokens[i + 1].Is("|") || tokens[i + 1].Is("begin"))))
            {
                tokens[i] = token with { Kind = TokenKind.Word }; // 12 min
            }
            else if (token is { Kind: TokenKind.Word, Text: "and" or "or" or "And" or "Or" or "和" or "或" or "与" or "及" } && !BelongsToNumber(tokens, i))
            {
                // "(or 0.4)" is a remark
                if (i > 0 && tokens[i - 1].Is("(")) tokens.RemoveAt(i--);
                else tokens[i] = new Token(TokenKind.Symbol, ",", token.SpaceBefore);
            }
        }
        Conditions(tokens);
        Matrices(tokens);
        for (int i = tokens.Count - 1; i >= 0; i--)
        {
            if (tokens[i].Is(",") && ((i > 0 && tokens[i - 1].Is(",")) || i == tokens.Count - 1 || i == 0)) tokens.RemoveAt(i);
        }
        return tokens;
    }

    // \frac12 takes one digit for each argument: cuts "12" into "1" and "2", and \frac ab likewise. A number alone in braces that are no argument loses them.
    private static List<Token> SplitDigits(List<Token> tokens)
    {
        int[] close = Closes(tokens), cuts = new int[tokens.Count];
        bool[] isArgument = new bool[tokens.Count + 1];
        for (int i = 0; i < tokens.Count; i++)
        {
            bool isFunction = tokens[i].Kind == TokenKind.Function;
            int count = isFunction || tokens[i].Is("^") || tokens[i].Is("_") || tokens[i].Is("sqrt") ? 1 : tokens[i].Is("frac") || tokens[i].Is("binom") ? 2 : 0;
            int argument = i + 1;
            if (tokens[i].Is("sqrt") && argument < tokens.Count && tokens[argument].Is("[")) argument = close[argument] + 1;
            while (isFunction && argument + 1 < tokens.Count && (tokens[argument].Is("^") || tokens[argument].Is("_"))) argument = close[argument + 1] + 1;
            for (; count > 0 && argument < tokens.Count; argument++, count--)
            {
                Token token = tokens[argument];
                isArgument[argument] = true;
                argument = close[argument];
                bool isDigits = token.Kind == TokenKind.Number && token.Text.All(char.IsAsciiDigit), isLetters = token is { Kind: TokenKind.Word, InText: false };
                if (!(tokens[i].Is("frac") || tokens[i].Is("binom")) || !(isDigits || isLetters)) continue;
                cuts[argument] = Math.Min(count, token.Text.Length - 1);
                if (count == 2 && token.Text.Length > 1) count--;
            }
        }
        var split = new List<Token>(tokens.Count);
        for (int i = 0; i < tokens.Count; i++)
        {
            Token token = tokens[i];
            if (token.Is("{") && !isArgument[i] && close[i] == i + 2 && tokens[i + 1].Kind == TokenKind.Number)
            {
                split.Add(tokens[i + 1] with { SpaceBefore = true });
                i += 2;
                continue;
            }
            TokenKind kind = token.Kind == TokenKind.Word ? TokenKind.Name : token.Kind;
            for (int cut = 0; cut < cuts[i]; cut++) split.Add(new Token(kind, token.Text[cut..(cut + 1)], cut == 0 && token.SpaceBefore));
            split.Add(cuts[i] == 0 ? token : new Token(token.Text.Length - cuts[i] == 1 ? kind : token.Kind, token.Text[cuts[i]..], SpaceBefore: false));
        }
        return split;
    }

    // For every opening brace or square bracket the index of the one that closes it; for any other token its own.
    private static int[] Closes(List<Token> tokens)
    {
        int[] close = new int[tokens.Count];
        var open = new Stack<int>();
        for (int i = 0; i < tokens.Count; i++)
        {
            close[i] = i;
            if (tokens[i].Is("{") || tokens[i].Is("[")) open.Push(i);
            else if ((tokens[i].Is("}") || tokens[i].Is("]")) && open.TryPop(out int start)) close[start] = i;
        }
        return close;
    }

    private static int CloseOf(List<Token> tokens, int open, string left, string right)
    {
        int depth = 0;
        for (int i = open; i < tokens.Count; i++)
        {
            if (tokens[i].Is(left)) depth++;
            if (tokens[i].Is(right) && --depth == 0) return i;
        }
        return tokens.Count;
    }

    // "five and a half", "one hundred and five"
    private static bool BelongsToNumber(List<Token> tokens, int and)
    {
        int at = and;
        if (and == 0 || tokens[and].Text != "and") return false;
        if ((tokens[and - 1].Kind == TokenKind.Number || NumberWords.Begins(tokens[and - 1].Text)) && NumberWords.Addition(tokens, ref at) is not null) return true;
        return NumberWords.Multiplier(tokens[and - 1].Text) is { IsInteger: true } factor && factor.Numerator >= 100 && and + 1 < tokens.Count
            && tokens[and + 1].Text is not ("a" or "an") && NumberWords.Begins(tokens[and + 1].Text);
    }

    // "where k is an integer", "for all integers k", "(k = 0, ±1, ±2, …)": what a symbol ranges over.
    private static void Conditions(List<Token> tokens)
    {
        for (int i = 1; i < tokens.Count; i++)
        {
            if (tokens[i].Is("…")) Progression(tokens, ref i);
            int at = i;
            while (at < tokens.Count && tokens[at].Kind is TokenKind.Word or TokenKind.Name or TokenKind.Unknown && s_introductions.Contains(tokens[at].Text)
                && (tokens[at].Kind != TokenKind.Name || tokens[at].InText)) at++;
            string? set = Set(tokens, ref at);
            if (at >= tokens.Count || tokens[at].Kind != TokenKind.Name || (at == i && set is null && !IsExplained())) continue;
            Token name = tokens[at++];
            if (at < tokens.Count && set is null && tokens[at].Text is "is" or "are" or "be" or "a" or "an" or "integer")
            {
                if (tokens[at].Text is "is" or "are" or "be") at++;
                while (at < tokens.Count && tokens[at].Text is "a" or "an" or "any" or "some") at++;
                set = Set(tokens, ref at);
                if (set is null) continue;
            }
            bool isRelation = at < tokens.Count && tokens[at] is { Kind: TokenKind.Symbol, Text: "∈" or "≥" or "≤" or "<" or ">" or "≠" or "=" };
            if (set is null ? !isRelation : isRelation) continue;
            tokens.RemoveRange(i, at - i);
            List<Token> condition = [new(TokenKind.Symbol, ",", true), name with { InText = false }];
            if (set is not null) condition.AddRange([new(TokenKind.Symbol, "∈", true), new(TokenKind.Name, set, true)]);
            if (tokens[i - 1].Is("(") || tokens[i - 1].Is("[") || tokens[i - 1].Is(",")) condition.RemoveAt(0);
            tokens.InsertRange(i, condition);

            // "k is …", and behind a separator "k an integer"
            bool IsExplained() => at + 1 < tokens.Count && (tokens[at + 1].Text == "is"
                || (tokens[at + 1].Text is "a" or "an" or "integer" && (tokens[at - 1].Is(",") || tokens[at - 1].Is("("))));
        }
    }

    // The name of a set of numbers, in words.
    private static string? Set(List<Token> tokens, ref int at)
    {
        int next = at;
        string kind = next < tokens.Count && tokens[next].Text is "positive" or "natural" or "nonnegative" or "real" ? tokens[next++].Text : "";
        bool isNoun = next < tokens.Count && tokens[next].Text is "integer" or "integers" or "number" or "numbers" or "整数";
        if (!isNoun || (kind.Length == 0 && tokens[next].Text.StartsWith("number", StringComparison.Ordinal))) return null;
        at = next + 1;
        return kind switch { "" => "mathbb⟨Z⟩", "positive" => "mathbb⟨Z⟩+", "real" => "ℝ", _ => "mathbb⟨N⟩" };
    }

    // k = 0, ±1, ±2, … is every integer; n = 1, 2, 3, … every integer from 1 on.
    private static void Progression(List<Token> tokens, ref int dots)
    {
        int at = dots - 1;
        var steps = new List<int>();
        bool isSigned = false;
        while (at > 1 && (tokens[at].Is(",") || tokens[at].Is("±") || (tokens[at].Kind == TokenKind.Number && tokens[at].Text.Length < 6 && tokens[at].Text.All(char.IsAsciiDigit))))
        {
            isSigned |= tokens[at].Is("±");
            if (tokens[at].Kind == TokenKind.Number) steps.Insert(0, int.Parse(tokens[at].Text, CultureInfo.InvariantCulture));
            at--;
        }
        bool isRun = steps.Count >= 2 && tokens[at].Is("=") && tokens[at - 1].Kind == TokenKind.Name;
        for (int i = 1; i < steps.Count; i++) isRun &= steps[i] == steps[i - 1] + 1;
        if (!isRun || (isSigned && steps[0] != 0)) return;
        List<Token> condition = isSigned
            ? [new(TokenKind.Symbol, "∈", true), new(TokenKind.Name, "mathbb⟨Z⟩", true)]
            : [new(TokenKind.Symbol, "≥", true), new(TokenKind.Number, steps[0].ToString(CultureInfo.InvariantCulture), true)];
        tokens.RemoveRange(at, dots + 1 - at);
        tokens.InsertRange(at, condition);
        dots = at;
    }

    // Brackets around a matrix of no brackets are its own; bars make a determinant of it.
    private static void Matrices(List<Token> tokens)
    {
        for (int i = tokens.Count - 2; i >= 0; i--)
        {
            if (tokens[i] is { Kind: TokenKind.Function, Text: "det" } && tokens[i + 1].Is("begin"))
            {
                tokens[i] = tokens[i + 1] with { Text = "det" };
                tokens.RemoveAt(i + 1);
                continue;
            }
            if (!tokens[i + 1].Is("begin") || !(tokens[i].Is("(") || tokens[i].Is("[") || tokens[i].Is("|"))) continue;
            int end = CloseOf(tokens, i + 1, "begin", "end") + 1;
            bool isClosed = end < tokens.Count && (tokens[i].Text, tokens[end].Text) is ("(", ")") or ("[", "]") or ("|", "|");
            if (!isClosed) continue;
            if (tokens[i].Is("|")) tokens[i + 1] = tokens[i + 1] with { Text = "det" };
            tokens.RemoveAt(end);
            tokens.RemoveAt(i);
        }
    }
}
