using System.Globalization;
using System.Text;
using System.Text.Json;
using Reasoning.Eval.Results;
using Reasoning.Eval.Statistics;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Reports;

/// <summary>How the cells of a column look on the page; in CSV and JSON numbers stand as they are.</summary>
internal enum Form
{
    Text,
    Number,
    Percent,

    /// <summary>A difference of shares, in hundredths, with its sign.</summary>
    Points,
    PValue,
}

/// <summary>A column.</summary>
/// <param name="Key">Its name in CSV and JSON; an interval adds KEY_low and KEY_high.</param>
/// <param name="Head">What stands above it on the page; null for a column of the files alone.</param>
/// <param name="Form">How its cells look.</param>
internal sealed record Column(string Key, string? Head, Form Form = Form.Text);

/// <summary>A number with the ends of its 95 % interval, which are NaN where there is none.</summary>
internal sealed record Interval(double Value, double Low, double High)
{
    public static Interval Of(Estimate estimate) => new(estimate.Value, estimate.Low, estimate.High);

    public static Interval Of(PairedDifference difference) => new(difference.Mean, difference.Low, difference.High);

    public static Interval Of(SeedSpread spread) => new(spread.Mean, spread.Low, spread.High);
}

/// <summary>One table, written three times from the same cells: on the page, as CSV and as JSON.</summary>
/// <param name="name">Name of its files.</param>
/// <param name="columns">Its columns.</param>
internal sealed class Table(string name, params Column[] columns)
{
    private readonly List<object?[]> _rows = [];

    public string Name => name;

    public IReadOnlyList<object?[]> Rows => _rows;

    /// <summary>Adds a row of texts, numbers and intervals, one cell a column; null is an empty cell.</summary>
    public void Add(params object?[] cells)
    {
        if (cells.Length != columns.Length) throw new ArgumentException($"{cells.Length} cells for the {columns.Length} columns of {name}", nameof(cells));
        _rows.Add(cells);
    }

    /// <summary>The rows as they stand on the page.</summary>
    /// <param name="caption">What the table says.</param>
    /// <param name="rows">Which of them; null for all.</param>
    public Html OnPage(string caption, IEnumerable<object?[]>? rows = null)
    {
        (Column Column, int Index)[] shown = [.. columns.Select((column, i) => (column, i)).Where(pair => pair.column.Head is not null)];
        return $"""
            <figure class="table"><figcaption>{caption}</figcaption><div class="wide" tabindex="0" role="region" aria-label="{caption}"><table aria-label="{caption}"><thead><tr>{shown.Select(pair =>
                (Html)$"""<th scope="col"{Class(pair.Column)}>{pair.Column.Head}</th>""")}</tr></thead><tbody>{(rows ?? _rows).Select(row => (Html)$"""
            <tr>{shown.Select((pair, place) => place == 0
                ? (Html)$"""<th scope="row">{Cell(row[pair.Index], pair.Column.Form)}</th>"""
                : (Html)$"""<td{Class(pair.Column)}>{Cell(row[pair.Index], pair.Column.Form)}</td>""")}</tr>
            """)}</tbody></table></div></figure>
            """;
    }

    public string Csv()
    {
        var text = new StringBuilder();
        bool[] wide = HaveIntervals();
        text.AppendJoin(',', columns.SelectMany((column, i) => Keys(column, wide[i])).Select(Field)).Append('\n');
        foreach (object?[] row in _rows) text.AppendJoin(',', row.SelectMany((cell, i) => Values(cell, wide[i])).Select(Field)).Append('\n');
        return text.ToString();

        static string Field(object? value)
        {
            string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            return text.AsSpan().ContainsAny("\",\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
        }
    }

    /// <summary>The rows as an array of objects.</summary>
    public void Json(Utf8JsonWriter json)
    {
        bool[] wide = HaveIntervals();
        string[] keys = [.. columns.SelectMany((column, i) => Keys(column, wide[i]))];
        json.WriteStartArray(name);
        foreach (object?[] row in _rows)
        {
            json.WriteStartObject();
            foreach ((string key, object? value) in keys.Zip(row.SelectMany((cell, i) => Values(cell, wide[i]))))
            {
                if (value is double or int) JsonLines.Number(json, key, Convert.ToDouble(value, CultureInfo.InvariantCulture));
                else json.WriteString(key, (string?)value);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>A cell as it stands on the page.</summary>
    public static string Show(object? cell, Form form) => cell switch
    {
        null => "",
        Interval { Low: double.NaN } alone => Number(alone.Value, form),
        Interval interval => $"{Number(interval.Value, form, interval)} {Ends(interval, form)}",
        double number => Number(number, form),
        int number => number.ToString("#,0", CultureInfo.InvariantCulture),
        _ => (string)cell,
    };

    // On a phone the ends stand below the value.
    private static Html Cell(object? cell, Form form) => cell is Interval { Low: not double.NaN } interval
        ? (Html)$"{Number(interval.Value, form, interval)} <span>{Ends(interval, form)}</span>"
        : (Html)$"{Show(cell, form)}";

    private static string Ends(Interval interval, Form form) => $"[{Number(interval.Low, form, interval)}, {Number(interval.High, form, interval)}]";

    private static string Number(double value, Form form, Interval? with = null) => !double.IsFinite(value) ? "" : form switch
    {
        Form.Percent => Figures.Percent(value),
        Form.Points => Figures.Signed(value).Replace('-', '−'),
        Form.PValue => Figures.PValue(value),
        _ when with is not null && with.High > with.Low => (Math.Round(value, Digits(with)) + 0.0).ToString("#,0." + new string('0', Digits(with)), CultureInfo.InvariantCulture).Replace('-', '−'),
        _ => Math.Abs(value) >= 1000 ? Cli.Show.Whole(value) : Cli.Show.Number(value + 0.0).Replace('-', '−'), // no minus before a zero
    };

    // As many decimals as show two digits of half the interval.
    private static int Digits(Interval interval) => Math.Clamp(1 - (int)Math.Floor(Math.Log10((interval.High - interval.Low) / 2)), 0, 9);

    private static Html? Class(Column column) => column.Form == Form.Text ? null : Html.Ours(" class=\"n\"");

    private bool[] HaveIntervals() => [.. columns.Select((_, i) => _rows.Exists(row => row[i] is Interval))];

    private static IEnumerable<string> Keys(Column column, bool hasInterval) => hasInterval ? [column.Key, column.Key + "_low", column.Key + "_high"] : [column.Key];

    private static IEnumerable<object?> Values(object? cell, bool hasInterval) =>
        !hasInterval ? [cell] : cell is Interval interval ? [interval.Value, interval.Low, interval.High] : [cell, null, null];
}
