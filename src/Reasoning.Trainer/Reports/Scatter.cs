namespace Reasoning.Trainer.Reports;

/// <summary>What each run gains in pass@1 against what it loses in pass@k: a point a seed, a shape an arm.</summary>
internal static class Scatter
{
    private const int Width = 440, Height = 320, Left = 46, Right = 14, Top = 12, Bottom = 40;

    /// <param name="title">What is drawn.</param>
    /// <param name="across">Name of what the way across says.</param>
    /// <param name="up">Name of what the way up says.</param>
    /// <param name="points">Shares with their intervals over problems.</param>
    public static Html Draw(string title, string across, string up, IReadOnlyList<(int Arm, string Name, bool IsControl, Interval X, Interval Y)> points)
    {
        double[] xs = Chart.Ticks(Math.Min(0, points.Min(point => point.X.Low)), Math.Max(0, points.Max(point => point.X.High)), 5);
        double[] ys = Chart.Ticks(Math.Min(0, points.Min(point => point.Y.Low)), Math.Max(0, points.Max(point => point.Y.High)), 5);
        return $"""
            <svg class="scatter" viewBox="0 0 {Width} {Height}" role="img"><title>{title}</title><desc>{across} across, {up} upwards; a point for each seed, with its 95 % intervals over problems.</desc>
            {xs.Select(tick => (Html)$"""<line class="grid{(tick == 0 ? " zero" : "")}" x1="{X(tick)}" x2="{X(tick)}" y1="{Top}" y2="{Height - Bottom}"/><text class="tick" x="{X(tick)}" y="{Height - Bottom + 15}" text-anchor="middle">{Chart.Label(tick, isShare: true)}</text>""")}
            {ys.Select(tick => (Html)$"""<line class="grid{(tick == 0 ? " zero" : "")}" x1="{Left}" x2="{Width - Right}" y1="{Y(tick)}" y2="{Y(tick)}"/><text class="tick" x="{Left - 6}" y="{Y(tick) + 4}" text-anchor="end">{Chart.Label(tick, isShare: true)}</text>""")}
            <text class="tick" x="{Width - Right}" y="{Height - 6}" text-anchor="end">{across}, points</text><text class="tick" x="{-Top}" y="13" text-anchor="end" transform="rotate(-90)">{up}, points</text>
            {points.Select(point => (Html)$"""
            <g><title>{point.Name}: {Table.Show(point.X, Form.Points)} and {Table.Show(point.Y, Form.Points)} points</title><path class="cross" d="M{X(point.X.Low)} {Y(point.Y.Value)}H{X(point.X.High)}M{X(point.X.Value)} {Y(point.Y.Low)}V{Y(point.Y.High)}"/></g>
            """)}
            {points.Select(point => (Html)$"""<g transform="translate({X(point.X.Value)} {Y(point.Y.Value)})">{Chart.Mark(point.Arm, Look(point.Arm, point.IsControl))}</g>""")}</svg>
            <ul class="legend">{points.DistinctBy(point => point.Arm).Select(point => (Html)$"""<li><svg width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">{Chart.Mark(point.Arm, Look(point.Arm, point.IsControl))}</svg>{point.Name.Split(", seed ")[0]}</li>""")}</ul>
            """;

        double X(double value) => Left + ((value - xs[0]) / (xs[^1] - xs[0]) * (Width - Left - Right));
        double Y(double value) => Height - Bottom - ((value - ys[0]) / (ys[^1] - ys[0]) * (Height - Bottom - Top));
    }

    private static string Look(int arm, bool isControl) => isControl ? "mark control" : $"mark hue{arm % 4}";
}
