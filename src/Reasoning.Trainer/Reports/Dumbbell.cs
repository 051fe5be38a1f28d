using System.Globalization;

namespace Reasoning.Trainer.Reports;

/// <summary>
/// Shares before and after on a line from 0 to 100 %, with their intervals. Places are percentages of the width, so that the text keeps its
/// size on a phone.
/// </summary>
internal sealed class Dumbbell(string title, string description)
{
    private const int Row = 46, Top = 6, Axis = 26;
    private const double Margin = 2;

    private readonly List<(string Label, IReadOnlyList<Point> Points)> _rows = [];

    /// <summary>A value on a row.</summary>
    /// <param name="Name">Whose.</param>
    /// <param name="Look">Class of its mark: base, other or adapted.</param>
    /// <param name="Value">A share with its interval.</param>
    internal sealed record Point(string Name, string Look, Interval Value);

    /// <summary>Adds a row, the base first and the adapted model last.</summary>
    public void Add(string label, params IReadOnlyList<Point> points) => _rows.Add((label, points));

    /// <summary>What the marks of some points mean.</summary>
    public static Html Legend(IEnumerable<Point> points) => $"""
        <ul class="legend">{points.Select(point => (Html)$"""<li><svg width="34" height="14" viewBox="-17 -7 34 14" aria-hidden="true"><path class="span {point.Look}" d="M-15 0h30"/>{Mark(point.Look)}</svg>{point.Name}</li>""")}<li class="note">bars: 95 % intervals</li></ul>
        """;

    public Html Draw()
    {
        int height = Top + (_rows.Count * Row) + Axis;
        int bottom = height - Axis;
        return $"""
            <svg class="dumbbell" width="100%" height="{height}" role="img"><title>{title}</title><desc>{description}</desc>{((int[])[0, 25, 50, 75, 100]).Select(tick => (Html)
            $"""<line class="grid" x1="{X(tick)}" x2="{X(tick)}" y1="{Top}" y2="{bottom}"/><text class="tick" x="{X(tick)}" y="{bottom + 17}" text-anchor="{(tick == 0 ? "start" : tick == 100 ? "end" : "middle")}">{tick}{(tick == 100 ? " %" : "")}</text>""")}
            {_rows.Select((row, i) => Line(row.Label, row.Points, Top + (i * Row)))}</svg>
            """;
    }

    private static Html Line(string label, IReadOnlyList<Point> points, int y)
    {
        string values = string.Join(" → ", points.Select(point => Table.Show(point.Value.Value, Form.Percent)));
        int line = y + 30;
        return $"""
            <text class="label" x="0" y="{y + 14}">{label}</text><text class="value" x="100%" y="{y + 14}" text-anchor="end">{values}</text>
            <line class="way" x1="{At(points[0])}" x2="{At(points[^1])}" y1="{line}" y2="{line}"/>
            {points.Select((point, i) => (Html)$"""
            <g><title>{label}, {point.Name}: {Table.Show(point.Value, Form.Percent)} %</title>{Span(point, line + (6 * (i - ((points.Count - 1) / 2.0))))}<svg x="{At(point)}" y="{line}" width="1" height="1" overflow="visible">{Mark(point.Look)}</svg></g>
            """)}
            """;
    }

    private static Html? Span(Point point, double y) => double.IsNaN(point.Value.Low) ? null :
        (Html)$"""<line class="span {point.Look}" x1="{X(100 * point.Value.Low)}" x2="{X(100 * point.Value.High)}" y1="{y}" y2="{y}"/>""";

    private static Html Mark(string look) => Chart.Mark(look == "other" ? 3 : 0, $"mark {look}");

    private static string At(Point point) => X(100 * point.Value.Value);

    private static string X(double percent) =>
        (Margin + (Math.Clamp(percent, 0, 100) * (100 - (2 * Margin)) / 100)).ToString("0.##", CultureInfo.InvariantCulture) + "%";
}
