using System.Buffers;
using System.Text;

namespace Reasoning.Jinja;

/// <summary>Cutting strings into parts and putting others in.</summary>
internal static class StringSplitting
{
    private static readonly SearchValues<char> s_lineEnds = SearchValues.Create("\n\r\v\f\u001C\u001D\u001E\u0085\u2028\u2029");

    /// <summary><c>split</c> and <c>rsplit</c>: at white space where no separator is given.</summary>
    public static SequenceValue Split(string text, CallArguments arguments, bool fromEnd, Budget budget)
    {
        string method = fromEnd ? "rsplit" : "split";
        Value?[] bound = arguments.Bind(method, 0, "sep", "maxsplit");
        int most = bound[1] is null ? -1 : Numbers.Small(bound[1]!, "'maxsplit'");
        if (most < 0) most = int.MaxValue;
        bool atSpace = bound[0] is null or NoneValue;
        string separator = atSpace ? "" : StringMethods.Text(bound[0]!, method);
        if (!atSpace && separator.Length == 0) throw new TemplateException($"'{method}' with an empty separator");
        budget.Text(text.Length);
        List<string> parts = atSpace ? AtSpace(text, most, fromEnd) : At(text, separator, most, fromEnd);
        budget.Spend(parts.Count);
        return SequenceValue.List([.. parts.Select(part => new StringValue(part))]);
    }

    /// <summary><c>splitlines</c></summary>
    public static SequenceValue Lines(string text, CallArguments arguments, Budget budget)
    {
        bool keepEnds = arguments.Bind("splitlines", 0, "keepends")[0]?.IsTrue ?? false;
        budget.Text(text.Length);
        List<string> lines = Lines(text, keepEnds);
        budget.Spend(lines.Count);
        return SequenceValue.List([.. lines.Select(line => new StringValue(line))]);
    }

    /// <summary>The lines of a text; one that ends with a line end has no empty last line.</summary>
    public static List<string> Lines(string text, bool keepEnds = false)
    {
        var lines = new List<string>();
        for (int start = 0; start < text.Length;)
        {
            int length = text.AsSpan(start).IndexOfAny(s_lineEnds);
            int end = length < 0 ? text.Length : start + length;
            int next = length < 0 ? end : text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? end + 2 : end + 1;
            lines.Add(text[start..(keepEnds ? next : end)]);
            start = next;
        }
        return lines;
    }

    /// <summary><c>partition</c> and <c>rpartition</c></summary>
    public static SequenceValue Partition(string text, string separator, bool last, Budget budget)
    {
        if (separator.Length == 0) throw new TemplateException("'partition' with an empty separator");
        budget.Text(text.Length);
        int index = last ? text.LastIndexOf(separator, StringComparison.Ordinal) : text.IndexOf(separator, StringComparison.Ordinal);
        string[] parts = index >= 0 ? [text[..index], separator, text[(index + separator.Length)..]] : last ? ["", "", text] : [text, "", ""];
        return SequenceValue.Tuple([.. parts.Select(part => new StringValue(part))]);
    }

    /// <summary><c>replace</c>; a negative count replaces everywhere.</summary>
    public static StringValue Replace(string text, string old, string replacement, int most, Budget budget)
    {
        IEnumerable<int> places = old.Length == 0 ? Boundaries(text) : Occurrences(text, old);
        List<int> chosen = [.. most < 0 ? places : places.Take(most)];
        budget.Text(text.Length + ((long)chosen.Count * (replacement.Length - old.Length)));
        budget.Spend(chosen.Count);
        var result = new StringBuilder();
        int start = 0;
        foreach (int place in chosen)
        {
            result.Append(text, start, place - start).Append(replacement);
            start = place + old.Length;
        }
        return new StringValue(result.Append(text, start, text.Length - start).ToString());
    }

    /// <summary>Where a text occurs, without overlaps.</summary>
    public static IEnumerable<int> Occurrences(string text, string wanted)
    {
        for (int place = text.IndexOf(wanted, StringComparison.Ordinal); place >= 0;
            place = text.IndexOf(wanted, place + wanted.Length, StringComparison.Ordinal)) yield return place;
    }

    private static IEnumerable<int> Boundaries(string text)
    {
        int place = 0;
        yield return 0;
        foreach (string point in CodePoints.Of(text)) yield return place += point.Length;
    }

    private static List<string> At(string text, string separator, int most, bool fromEnd)
    {
        List<int> places = [.. Occurrences(text, separator)];
        if (fromEnd && places.Count > 0) places = FromEnd(text, separator, most);
        else if (places.Count > most) places = places[..most];
        var parts = new List<string>(places.Count + 1);
        int start = 0;
        foreach (int place in places)
        {
            parts.Add(text[start..place]);
            start = place + separator.Length;
        }
        parts.Add(text[start..]);
        return parts;
    }

    private static List<int> FromEnd(string text, string separator, int most)
    {
        var places = new List<int>();
        int end = text.Length;
        while (places.Count < most && text.AsSpan(0, end).LastIndexOf(separator) is >= 0 and var place)
        {
            places.Add(place);
            end = place;
        }
        places.Reverse();
        return places;
    }

    private static List<string> AtSpace(string text, int most, bool fromEnd)
    {
        var parts = new List<string>();
        ReadOnlySpan<char> rest = fromEnd ? text.AsSpan().TrimEnd(PythonText.Spaces) : text.AsSpan().TrimStart(PythonText.Spaces);
        while (!rest.IsEmpty)
        {
            int space = parts.Count >= most ? -1 : fromEnd ? rest.LastIndexOfAny(PythonText.Spaces) : rest.IndexOfAny(PythonText.Spaces);
            if (space < 0)
            {
                parts.Add(rest.ToString());
                break;
            }
            parts.Add((fromEnd ? rest[(space + 1)..] : rest[..space]).ToString());
            rest = fromEnd ? rest[..space].TrimEnd(PythonText.Spaces) : rest[space..].TrimStart(PythonText.Spaces);
        }
        if (fromEnd) parts.Reverse();
        return parts;
    }
}
