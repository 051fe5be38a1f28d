using System.Text.Json;
using Parquet.Schema;
using Reasoning.Models;
using Reasoning.Trainer.Recipes;
using Reasoning.Trainer.Runs;

namespace Reasoning.Trainer.Tables;

/// <summary>
/// A run as Parquet files: every logged rollout, and the numbers of every step. The JSON lines of the run folder stay the source; this
/// is a view of them for other tools.
/// </summary>
internal static class RunTables
{
    /// <summary>Name of the file of rollouts.</summary>
    public const string RolloutsName = "rollouts.parquet";

    /// <summary>Name of the file of steps.</summary>
    public const string MetricsName = "metrics.parquet";

    // The prompts that a step did not train on: in JSON an object from id to reason, here a list of structures; no list where it is empty.
    private static TableColumn Skipped => new(
        new ListField("skipped", new StructField(ListField.ElementName, OneText("prompt_id"), OneText("reason"))),
        static value => !value.EnumerateObject().Any() ? null : value.EnumerateObject().Select(entry => new Dictionary<string, object>
        {
            ["prompt_id"] = entry.Name.AsMemory(),
            ["reason"] = Text(entry.Value),
        }).ToList());

    private static TableColumn[] RolloutColumns =>
    [
        Text("prompt_id"),
        Whole("step"),
        Whole("sample"),
        Text("prompt"),
        Text("gold"),
        Text("winner"),
        Whole("winner_votes"),
        Text("finish"),
        Text("answer"),
        Text("read"),
        Whole("class"),
        Whole("class_votes"),
        Real("class_weight"),
        Flag("agrees"),
        Flag("correct"),
        Flag("learns"),
        Real("novelty"),
        Real("reward"),
        Real("advantage"),
        Text("text"),
        List("ids", new DataField<int>(ListField.ElementName), static value => value.GetInt32()),
        List("logprobs", new DataField<float>(ListField.ElementName), static value => value.GetSingle()),
    ];

    /// <summary>Writes both files.</summary>
    /// <returns>Each file with what is in it.</returns>
    /// <exception cref="UserErrorException">The run has logged nothing yet, or its files are damaged.</exception>
    public static IReadOnlyList<(string File, string Content)> Write(RunFolder run, string folder)
    {
        if (!File.Exists(run.MetricsFile)) throw new UserErrorException($"{run.Path}: the run has no steps yet");
        RunRecord record = RunRecord.Read(run);
        var about = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["reasoning.recipe"] = record.Recipe,
            ["reasoning.model"] = record.Model.Path,
            ["reasoning.model_hash"] = record.Model.Hash,
            ["reasoning.prompts"] = record.Prompts.Path,
            ["reasoning.prompts_hash"] = record.Prompts.Hash,
        };
        Directory.CreateDirectory(folder);
        string metrics = Path.Combine(folder, MetricsName), rollouts = Path.Combine(folder, RolloutsName);
        var written = new List<(string, string)>();
        long steps = Write(run.MetricsFile, metrics, MetricColumns(run.MetricsFile), about);
        written.Add((metrics, Count(steps, "step")));
        if (!File.Exists(run.SamplesFile)) return written;
        long samples = Write(run.SamplesFile, rollouts, RolloutColumns, about);
        written.Add((rollouts, Count(samples, "rollout")));
        return written;
    }

    private static long Write(string source, string file, IReadOnlyList<TableColumn> columns, Dictionary<string, string> about)
    {
        try
        {
            return ParquetTable.Write(file, columns, JsonLines.Objects(source), about);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            throw new UserErrorException($"{source}: not as a run writes it: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    // What a recipe does not measure is not in the file; what another version of the program measured is.
    private static List<TableColumn> MetricColumns(string file)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonElement line in JsonLines.Objects(file))
        {
            foreach (JsonProperty property in line.EnumerateObject())
            {
                if (property.Value.ValueKind is JsonValueKind.Number or JsonValueKind.Null) seen.Add(property.Name);
            }
        }

        seen.ExceptWith(["step", "prompts", "skipped"]); // columns of their own
        IEnumerable<string> known = Catalogue.Current.Metrics.Select(metric => metric.Name).Where(seen.Contains);
        return
        [
            Whole("step"),
            List("prompts", OneText(ListField.ElementName), static value => Text(value)),
            .. known.Concat(seen.Except(known).Order(StringComparer.Ordinal)).Select(Real),
            Skipped,
        ];
    }

    // A null among texts is as empty as one of its own.
    private static ReadOnlyMemory<char> Text(JsonElement value) => (value.GetString() ?? "").AsMemory();

    private static TableColumn Text(string name) =>
        new(new DataField(name, typeof(string), isNullable: true), static value => value.GetString().AsMemory());

    private static TableColumn Whole(string name) => new(new DataField<int>(name, nullable: true), static value => value.GetInt32());

    private static TableColumn Real(string name) => new(new DataField<double>(name, nullable: true), static value => value.GetDouble());

    private static TableColumn Flag(string name) => new(new DataField<bool>(name, nullable: true), static value => value.GetBoolean());

    private static TableColumn List<T>(string name, DataField item, Func<JsonElement, T> read) =>
        new(new ListField(name, item), value => value.EnumerateArray().Select(read).ToList());

    private static DataField OneText(string name) => new(name, typeof(string), isNullable: false);

    private static string Count(long count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";
}
