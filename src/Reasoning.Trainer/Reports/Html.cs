using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Reasoning.Trainer.Reports;

/// <summary>
/// Markup that is written as an interpolated string: what stands between the holes is ours, what comes through a hole is data and is escaped,
/// unless it is markup itself. So no text of a model can become part of the page.
/// </summary>
[InterpolatedStringHandler]
internal sealed class Html(int literalLength = 0, int formattedCount = 0)
{
    private readonly StringBuilder _text = new(literalLength + (formattedCount * 8));

    public int Length => _text.Length;

    public void AppendLiteral(string markup) => _text.Append(markup);

    public void AppendFormatted(Html? markup)
    {
        if (markup is not null) _text.Append(markup._text);
    }

    public void AppendFormatted(IEnumerable<Html> parts)
    {
        foreach (Html part in parts) AppendFormatted(part);
    }

    public void AppendFormatted(string? text)
    {
        foreach (char c in text ?? "")
        {
            _ = c switch
            {
                '&' => _text.Append("&amp;"),
                '<' => _text.Append("&lt;"),
                '>' => _text.Append("&gt;"),
                '"' => _text.Append("&quot;"),
                '\'' => _text.Append("&#39;"),
                < ' ' and not ('\n' or '\t') or '\x7f' => _text.Append('\uFFFD'), // HTML has no such characters
                _ => _text.Append(c),
            };
        }
    }

    public void AppendFormatted(int number) => _text.Append(CultureInfo.InvariantCulture, $"{number}");

    /// <summary>A coordinate.</summary>
    public void AppendFormatted(double number) => _text.Append(number.ToString("0.##", CultureInfo.InvariantCulture));

    /// <summary>Markup that the program brings along, such as its style sheet.</summary>
    public static Html Ours(string markup)
    {
        var html = new Html();
        html.AppendLiteral(markup);
        return html;
    }

    public override string ToString() => _text.ToString();
}
