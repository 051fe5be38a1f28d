using System.Text;
using Reasoning.Eval.Statistics;
using Reasoning.Trainer.Measures;

namespace Reasoning.Trainer.Reports;

/// <summary>One metric over the steps, a panel an arm, all with the same axes. Every run is a line of its own; several have a band of their mean.</summary>
/// <param name="metric">What is drawn.</param>
/// <param name="arms">Whose.</param>
internal sealed class Curves(Metric metric, IReadOnlyList<Arm> arms)
{
    private const int Width = 320, Height = 150, Left = 40, Right = 8, Top = 8, Bottom = 22;

    private readonly List<(Arm Arm, List<IReadOnlyList<(int Step, double Value)>> Lines)> _panels =
        [.. arms.Select(arm => (arm, arm.Runs.Select(run => Thinning.Of(run.Series(metric.Name))).Where(line => line.Count > 0).ToList()))];

    private readonly int _steps = arms.Max(arm => arm.Runs.Max(run => Math.Max(run.LastStep, 1)));

    public bool IsEmpty => _panels.TrueForAll(panel => panel.Lines.Count == 0);

    private bool IsShare => metric.Unit == "share";

    // What compares with gold answers; training never sees it, but for the labelled baseline.
    private bool IsHidden => metric.Name.Contains("accuracy", StringComparison.Ordinal) || metric.Name == Metrics.CorrectShare.Name;

    public Html Draw()
    {
        double[] values = [.. _panels.SelectMany(panel => panel.Lines).SelectMany(line => line).Select(point => point.Value)];
        (double low, double high) = (values.Min(), values.Max());
        // From zero on, unless that would leave less than a third of the height to what changes; then the axis says that it is broken.
        bool fromZero = low >= 0 && (IsShare || high - low > high / 3);
        double[] ticks = Chart.Ticks(fromZero ? 0 : low, high > low || high > 0 && fromZero ? high : low + 1, 3);
        bool isBroken = !fromZero && ticks[0] > 0;
        string unit = IsShare ? "%" : metric.Unit, good = metric.Better switch { "up" => " ↑ is good", "down" => " ↓ is good", _ => "" };
        return $"""
            <div class="metric"><h3>{metric.Name.Replace('_', ' ')} <small>{unit}{good}{(IsHidden ? ", hidden from training" : "")}</small></h3><p class="note">{metric.Meaning}</p><div class="panels">
            {_panels.Where(panel => panel.Lines.Count > 0).Select(panel => Panel(panel.Arm, panel.Lines, ticks, isBroken))}</div></div>
            """;
    }

    private Html Panel(Arm arm, List<IReadOnlyList<(int Step, double Value)>> lines, double[] ticks, bool isBroken)
    {
        double bottom = Height - Bottom;
        string ends = string.Join("; ", lines.Select(line => $"{Chart.Label(line[0].Value, IsShare)} at step {line[0].Step}, {Chart.Label(line[^1].Value, IsShare)} at step {line[^1].Step}"));
        double[] stepTicks = [.. Chart.Ticks(0, _steps, 4).Where(tick => tick <= _steps && tick == Math.Floor(tick))];
        return $"""
            <figure>{(arms.Count > 1 ? (Html)$"<figcaption>{arm.Name}</figcaption>" : null)}<svg viewBox="0 0 {Width} {Height}" role="img"><title>{metric.Name.Replace('_', ' ')}{(arms.Count > 1 ? ", " + arm.Name : "")}</title><desc>{metric.Meaning} {ends}.</desc>
            {ticks.Select(tick => (Html)$"""<line class="grid" x1="{Left}" x2="{Width - Right}" y1="{Y(tick)}" y2="{Y(tick)}"/><text class="tick" x="{Left - 5}" y="{Y(tick) + 4}" text-anchor="end">{Chart.Label(tick, IsShare)}</text>""")}
            {(isBroken ? (Html)$"""<path class="broken" d="M{Left - 4} {bottom - 3}l4-3 4 3M{Left - 4} {bottom + 1}l4-3 4 3"><title>the axis does not begin at zero</title></path>""" : null)}
            {stepTicks.Select(tick => (Html)$"""<text class="tick" x="{X(tick)}" y="{Height - 7}" text-anchor="middle">{Chart.Label(tick)}</text>""")}
            {Band()}{arm.Runs.SelectMany(run => run.Checkpoints).Distinct().Select(step => (Html)$"""<path class="checkpoint" d="M{X(step)} {bottom}l-3.5 6h7z"><title>checkpoint after step {step}</title></path>""")}
            {arm.Runs.SelectMany(run => run.Alarms).Select(alarm => (Html)$"""<g class="alarm"><title>step {alarm.Step}: {alarm.Alarm}; {alarm.What}</title><path d="M{X(alarm.Step)} {Top}V{bottom}"/><text x="{X(alarm.Step)}" y="{Top + 9}" text-anchor="{(alarm.Step > _steps / 2 ? "end" : "start")}"> {alarm.Action} </text></g>""")}
            {lines.Select(line => line.Count == 1
                ? (Html)$"""<circle class="dot" cx="{X(line[0].Step)}" cy="{Y(line[0].Value)}" r="3"/>"""
                : (Html)$"""<path class="line{(lines.Count > 1 ? " thin" : "")}{(IsHidden ? " hidden" : "")}" d="{Path(line)}"/>""")}</svg></figure>
            """;

        double Y(double value) => bottom - ((Math.Clamp(value, ticks[0], ticks[^1]) - ticks[0]) / (ticks[^1] - ticks[0]) * (bottom - Top));

        string Path(IEnumerable<(int Step, double Value)> points)
        {
            var path = new StringBuilder();
            foreach ((int step, double value) in points)
                path.Append(path.Length == 0 ? 'M' : 'L').Append(FormattableString.Invariant($"{X(step):0.#} {Y(value):0.#}"));
            return path.ToString();
        }

        // The 95 % interval of the mean over seeds, at steps that all runs have; of many every so many.
        Html? Band()
        {
            if (lines.Count < 2) return null;
            (int Step, SeedSpread Spread)[] spreads =
            [
                .. arm.Runs.SelectMany(run => run.Series(metric.Name)).GroupBy(point => point.Step).Where(step => step.Count() == lines.Count)
                    .OrderBy(step => step.Key).Select(step => (step.Key, SeedSpread.Of([.. step.Select(point => point.Value)]))),
            ];
            if (spreads.Length < 2) return null;
            int every = (spreads.Length + Thinning.Spans - 1) / Thinning.Spans;
            spreads = [.. spreads.Where((_, i) => i % every == 0 || i == spreads.Length - 1)];
            IEnumerable<(int, double)> around = spreads.Select(one => (one.Step, one.Spread.Low)).Concat(spreads.Reverse().Select(one => (one.Step, one.Spread.High)));
            return $"""<path class="band" d="{Path(around)}Z"/>""";
        }
    }

    private double X(double step) => Left + (step / _steps * (Width - Left - Right));
}
