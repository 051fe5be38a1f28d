using System.Globalization;
using System.Text;

namespace Reasoning.Jinja;

/// <summary>Dates as C's <c>strftime</c> writes them in the C locale.</summary>
internal static class DateText
{
    private static readonly CultureInfo s_culture = CultureInfo.InvariantCulture;

    /// <summary>A date in a format; a minus sign after the percent sign drops leading zeros.</summary>
    /// <exception cref="TemplateException">The format has a directive that is not supported.</exception>
    public static string Format(DateTime date, string format)
    {
        var text = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                text.Append(format[i]);
                continue;
            }
            bool isShort = i + 1 < format.Length && format[i + 1] == '-';
            if (isShort) i++;
            if (++i >= format.Length) throw new TemplateException("a date format ends with '%'");
            string part = Part(date, format[i]);
            text.Append(isShort && part.Length > 1 ? part.TrimStart('0') is { Length: > 0 } trimmed ? trimmed : "0" : part);
        }
        return text.ToString();
    }

    private static string Part(DateTime date, char directive) => directive switch
    {
        'Y' => date.Year.ToString(s_culture),
        'y' => date.ToString("yy", s_culture),
        'm' => date.ToString("MM", s_culture),
        'B' => date.ToString("MMMM", s_culture),
        'b' or 'h' => date.ToString("MMM", s_culture),
        'd' => date.ToString("dd", s_culture),
        'e' => date.Day.ToString(s_culture).PadLeft(2),
        'j' => date.DayOfYear.ToString("000", s_culture),
        'A' => date.ToString("dddd", s_culture),
        'a' => date.ToString("ddd", s_culture),
        'w' => ((int)date.DayOfWeek).ToString(s_culture),
        'H' => date.ToString("HH", s_culture),
        'I' => date.ToString("hh", s_culture),
        'M' => date.ToString("mm", s_culture),
        'S' => date.ToString("ss", s_culture),
        'p' => date.Hour < 12 ? "AM" : "PM",
        'F' => date.ToString("yyyy-MM-dd", s_culture),
        'D' => date.ToString("MM/dd/yy", s_culture),
        'T' => date.ToString("HH:mm:ss", s_culture),
        'R' => date.ToString("HH:mm", s_culture),
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        _ => throw new TemplateException($"the date directive '%{directive}' is not supported"),
    };
}
