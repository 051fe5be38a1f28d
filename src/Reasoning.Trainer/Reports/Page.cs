using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Reasoning.Trainer.Reports;

/// <summary>
/// The page of a run or of several: one file that answers five questions, each in a section, and asks nobody for anything. It is whole without
/// its script, which only filters, sorts, and follows a run that goes on.
/// </summary>
internal sealed class Page
{
    private readonly IReadOnlyList<Arm> _arms;
    private readonly OutcomePart _outcome;
    private readonly CostPart _cost;
    private readonly WayPart _way;
    private readonly ProblemsPart _problems;
    private readonly TrustPart _trust;

    /// <param name="arms">What is compared; a single run is an arm with one run.</param>
    /// <param name="link">From the page to a run's own, where there is one.</param>
    /// <param name="against">Name of the arm that the others are compared with beside the base; null for none.</param>
    public Page(IReadOnlyList<Arm> arms, Func<RunData, string?> link, string? against = null)
    {
        _arms = arms;
        _outcome = new OutcomePart(arms, against);
        _cost = new CostPart(arms);
        _way = new WayPart(arms);
        _problems = new ProblemsPart(arms, link);
        _trust = new TrustPart(arms);
    }

    /// <summary>Every table, in the order of the page.</summary>
    public IEnumerable<Table> Tables =>
        [_outcome.Outcome, _outcome.Seeds, _cost.Costs, _way.Steps, _way.Alarms, _problems.Problems, _trust.Settings, _trust.Sources, _trust.Overlaps, _trust.Rules];

    private bool IsOne => _arms is [{ Runs.Count: 1 }];

    /// <summary>The tables as one object of arrays.</summary>
    public static string Json(IEnumerable<Table> tables)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream)) // escapes what HTML would read as markup
        {
            json.WriteStartObject();
            foreach (Table table in tables) table.Json(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>The page.</summary>
    /// <param name="written">Now.</param>
    /// <param name="again">Seconds after which it is expected to be written anew; null for a page that stays as it is.</param>
    public string Write(DateTimeOffset written, int? again)
    {
        string style = Resource("page.css"), script = Resource("page.js");
        SampleLog? log = IsOne ? new SampleLog(_arms[0].Runs[0].Folder.SamplesFile, SamplesPart.Room) : null;
        (string Id, string Question, Html Answer)[] parts =
        [
            ("help", "Did it help?", _outcome.Draw()), ("cost", "What did it cost?", _cost.Draw()), ("way", "What happened on the way?", _way.Draw()),
            ("problems", "Which problems changed?", _problems.Draw(log)), ("trust", "Can I trust and repeat it?", _trust.Draw()),
        ];
        Html page = $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-{Hash(style)}'; script-src 'sha256-{Hash(script)}'; base-uri 'none'; form-action 'none'">
            <title>{Title}</title><style>{Html.Ours(style)}</style>{(again is { } seconds ? (Html)$"""<noscript><meta http-equiv="refresh" content="{seconds}"></noscript>""" : null)}</head><body{(again is { } follow ? (Html)$""" data-again="{follow}" """ : null)}>
            <header><h1>{Title}</h1><p class="state">{State(written, again)}</p>{(again is null ? null : Html.Ours("<p hidden class=\"follow\"><button type=\"button\" data-follow aria-pressed=\"true\">follow the run</button></p>"))}
            <nav aria-label="Questions"><ol>{parts.Select(part => (Html)$"""<li><a href="#{part.Id}">{part.Question}</a></li>""")}</ol></nav></header>
            <main>{parts.Select(part => (Html)$"""<section class="part" id="{part.Id}"><h2>{part.Question}</h2>{part.Answer}</section>""")}</main>
            <footer><p>Written by <code>reasoning report</code>, {written.ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)}. The tables of this page stand beside it as CSV and JSON. It holds all it needs and asks no server.</p></footer>
            <script type="application/json" id="data">{Html.Ours(Json(Tables.Where(table => table.Rows.Count <= MostRows)))}</script><script>{Html.Ours(script)}</script></body></html>

            """;
        return page.ToString();
    }

    /// <summary>Rows of a table that is on the page as data; longer ones are beside it alone.</summary>
    private const int MostRows = 200;

    private string Title => IsOne
        ? $"{_arms[0].Name} on {Path.GetFileName(_arms[0].Runs[0].Record.Prompts.Path)}, seed {_arms[0].Runs[0].Recipe.Seed}"
        : $"{string.Join(", ", _arms.Select(arm => arm.Name))} on {Path.GetFileName(_arms[0].Runs[0].Record.Prompts.Path)}";

    private string State(DateTimeOffset written, int? again)
    {
        RunData[] runs = [.. _arms.SelectMany(arm => arm.Runs)];
        RunData first = runs[0];
        string what = IsOne
            ? $"{first.Record.Prompts.Count} prompts {(first.Recipe.UsesGold ? "with their gold answers" : "without labels")}, model {first.Record.Model.Path}, {first.LastStep} of {first.Recipe.Steps} steps"
            : $"{OutcomePart.Count(runs.Length, "run")} of {OutcomePart.Count(_arms.Count, "recipe")}, model {first.Record.Model.Path}, {first.Record.Prompts.Count} prompts";
        string over = again is not null ? $"the run goes on; as of {written.ToUniversalTime():HH:mm:ss} UTC" : runs.All(run => run.IsStopped) ? "stopped by the guard" : runs.All(run => run.IsOver) ? "done" : "not finished";
        return $"{what}: {over}.";
    }

    private static string Hash(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Resource(string name)
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n"); // as browsers hash it
    }
}
