using System.Text;

namespace Reasoning.Jinja;

/// <content>Filters of texts.</content>
internal static partial class Filters
{
    private static StringValue Trim(Value value, CallArguments arguments, Budget budget)
    {
        Value? chars = arguments.Bind("trim", 0, "chars")[0];
        string? set = chars is null or NoneValue ? null : StringMethods.Text(chars, "trim");
        return budget.String(StringMethods.Strip(PythonText.Of(value, budget), set, true, true));
    }

    private static StringValue Replace(Value value, CallArguments arguments, Budget budget)
    {
        Value?[] bound = arguments.Bind("replace", 2, "old", "new", "count");
        int most = bound[2] is null or NoneValue ? -1 : Numbers.Small(bound[2]!, "the count of 'replace'");
        return StringSplitting.Replace(
            PythonText.Of(value, budget), PythonText.Of(bound[0]!, budget), PythonText.Of(bound[1]!, budget), most, budget);
    }

    private static StringValue Join(Value value, CallArguments arguments, Budget budget)
    {
        Value?[] bound = arguments.Bind("join", 0, "d", "attribute");
        string separator = bound[0] is null ? "" : PythonText.Of(bound[0]!, budget);
        Func<Value, Value> of = bound[1] is null or NoneValue ? item => item : AttributePath(bound[1]!, budget);
        var text = new StringBuilder();
        bool isFirst = true;
        foreach (Value item in Sequences.Items(value, budget))
        {
            string part = PythonText.Of(of(item), budget);
            budget.Text((long)part.Length + separator.Length);
            if (!isFirst) text.Append(separator);
            isFirst = false;
            text.Append(part);
        }
        return new StringValue(text.ToString());
    }

    private static StringValue Center(Value value, CallArguments arguments, Budget budget)
    {
        Value width = arguments.Bind("center", 0, "width")[0] ?? Numbers.Of(80);
        FunctionValue center = StringMethods.Find(PythonText.Of(value, budget), "center", budget)!;
        return (StringValue)center.Call(CallArguments.None with { Positional = [width] });
    }

    /// <summary>Puts spaces, or a text, before every line but the first.</summary>
    private static StringValue Indent(Value value, CallArguments arguments, Budget budget)
    {
        Value?[] bound = arguments.Bind("indent", 0, "width", "first", "blank");
        string indent;
        if (bound[0] is StringValue given)
        {
            indent = given.Text;
        }
        else
        {
            int width = bound[0] is null ? 4 : Math.Max(0, Numbers.Small(bound[0]!, "'width'"));
            budget.Text(width);
            indent = new string(' ', width);
        }
        bool first = bound[1]?.IsTrue ?? false, blank = bound[2]?.IsTrue ?? false;
        string text = StringMethods.Text(value, "indent");
        List<string> lines = StringSplitting.Lines(text + "\n");
        budget.Text(text.Length + (lines.Count * (long)(indent.Length + 1)));
        var result = new StringBuilder();
        for (int i = 0; i < lines.Count; i++)
        {
            if (i > 0) result.Append('\n');
            if (i == 0 ? first : blank || lines[i].Length > 0) result.Append(indent);
            result.Append(lines[i]);
        }
        return new StringValue(result.ToString());
    }

    /// <summary>Words begin after white space, hyphens and opening brackets; the rest of each is in lower case.</summary>
    private static string Title(string text)
    {
        var result = new StringBuilder();
        int start = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && !Separates(text[i])) continue;
            result.Append(Word(text[start..i]));
            if (i < text.Length) result.Append(text[i]);
            start = i + 1;
        }
        return result.ToString();

        static bool Separates(char c) => c is '-' or '(' or '{' or '[' or '<' || PythonText.IsSpace(c);

        static string Word(string word)
        {
            string? first = CodePoints.Of(word).FirstOrDefault();
            return first is null ? "" : CaseRules.Upper(first) + CaseRules.Lower(word[first.Length..]);
        }
    }

    private static Value WordCount(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Bind("wordcount", 0);
        int words = 0;
        bool inWord = false;
        foreach (char c in PythonText.Of(value, budget))
        {
            bool isWord = char.IsLetterOrDigit(c) || c == '_' || char.IsSurrogate(c);
            if (isWord && !inWord) words++;
            inWord = isWord;
        }
        return Numbers.Of(words);
    }

    private static StringValue Escape(Value value, CallArguments arguments, Budget budget)
    {
        arguments.Bind("escape", 0);
        string text = PythonText.Of(value, budget);
        budget.Text(text.Length * 6L);
        return new StringValue(text.Replace("&", "&amp;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
            .Replace("<", "&lt;", StringComparison.Ordinal).Replace("'", "&#39;", StringComparison.Ordinal)
            .Replace("\"", "&#34;", StringComparison.Ordinal));
    }
}
