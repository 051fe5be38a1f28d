using System.Text.Json;
using Parquet;
using Parquet.Schema;
using Reasoning.Trainer.Runs;
using Reasoning.Trainer.Tables;

namespace Reasoning.Trainer.Tests.Tables;

public sealed class RunTablesTests
{
    [Fact]
    public async Task A_run_becomes_two_tables_with_what_its_JSON_lines_say()
    {
        using var folder = new TempFolder();
        Train(folder, steps: 2);
        string run = folder.File("run"), tables = folder.File("tables");
        Cli inspected = Cli.Run("inspect", run, "--to-parquet", tables);
        Assert.Equal(0, inspected.ExitCode);
        Assert.Contains("metrics.parquet: 2 steps", inspected.Out);
        JsonElement[] samples = [.. File.ReadLines(RunFolder.Open(run).SamplesFile).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Contains($"rollouts.parquet: {samples.Length} rollouts", inspected.Out);

        await using ParquetReader reader = await ParquetReader.CreateAsync(Path.Combine(tables, RunTables.RolloutsName));
        Assert.Equal("ttrl", reader.CustomMetadata["reasoning.recipe"]);
        Assert.Equal(samples.Select(row => row.GetProperty("prompt_id").GetString()), await Texts(reader, "prompt_id"));
        Assert.Equal(samples.Select(row => row.GetProperty("answer").GetString()), await Texts(reader, "answer"));
        Assert.Equal(samples.Select(row => row.GetProperty("text").GetString()), await Texts(reader, "text"));
        Assert.Equal(samples.Select(row => row.GetProperty("correct").GetBoolean()), await Values<bool>(reader, "correct"));
        Assert.Equal(samples.Select(row => row.GetProperty("agrees").GetBoolean()), await Values<bool>(reader, "agrees"));
        Assert.Equal(samples.Select(row => row.GetProperty("advantage").GetDouble()), await Values<double>(reader, "advantage"));
        IEnumerable<int> ids = samples.SelectMany(row => row.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32()));
        Assert.Equal(ids, await Values<int>(reader, "ids"));
        IEnumerable<float> logProbs = samples.SelectMany(row => row.GetProperty("logprobs").EnumerateArray().Select(p => p.GetSingle()));
        Assert.Equal(logProbs, await Values<float>(reader, "logprobs"));
    }

    [Fact]
    public async Task Metrics_have_a_column_for_whatever_was_measured()
    {
        using var folder = new TempFolder();
        Train(folder, steps: 1);
        RunFolder run = RunFolder.Open(folder.File("run"));
        const string More = """
            {"step":2,"prompts":[],"vote_share":null,"unheard_of":0.5,"skipped":{"p1":"a reason","p2":"b"}}
            {"step":3,"pro
            """;
        await File.AppendAllTextAsync(run.MetricsFile, More.ReplaceLineEndings("\n"));
        Assert.Contains(RunTables.Write(run, folder.File("out")), file => file.Content == "2 steps");

        await using ParquetReader reader = await ParquetReader.CreateAsync(folder.File("out/metrics.parquet"));
        string[] names = [.. reader.Schema.Fields.Select(field => field.Name)];
        Assert.Equal(["step", "prompts", "vote_share"], names[..3]);
        Assert.Equal(["unheard_of", "skipped"], names[^2..]);
        Assert.Equal([1, 2], await Values<int>(reader, "step"));
        Assert.Single(await Values<double>(reader, "vote_share"));
        Assert.Equal([0.5], await Values<double>(reader, "unheard_of"));
        Assert.Equal(["p1", "p2"], (await Values<ReadOnlyMemory<char>>(reader, "skipped", "prompt_id")).Select(text => text.ToString()));
        Assert.Equal(["a reason", "b"], (await Values<ReadOnlyMemory<char>>(reader, "skipped", "reason")).Select(text => text.ToString()));
    }

    [Fact]
    public void What_is_no_run_or_damaged_is_refused()
    {
        using var folder = new TempFolder();
        Assert.Contains("not a run folder", Cli.Run("inspect", TinyModel.Folder, "--to-parquet", folder.File("out")).BadInput());
        Train(folder, steps: 1);
        string metrics = RunFolder.Open(folder.File("run")).MetricsFile;
        string valid = File.ReadAllText(metrics);
        File.WriteAllText(metrics, "{\"step\":\n" + valid);
        Assert.Contains("metrics.jsonl:1: malformed JSON", ToParquet().BadInput());
        File.WriteAllText(metrics, "{\"step\":\"one\",\"prompts\":[]}\n" + valid);
        Assert.Contains("metrics.jsonl: not as a run writes it", ToParquet().BadInput());
        File.Delete(metrics);
        Assert.Contains("no steps yet", ToParquet().BadInput());

        Cli ToParquet() => Cli.Run("inspect", folder.File("run"), "--to-parquet", folder.File("out"));
    }

    [Fact]
    public void Notices_about_prompt_files_are_said_by_train_and_eval()
    {
        using var folder = new TempFolder();
        string prompts = folder.File("p.jsonl");
        File.WriteAllText(prompts, string.Concat(Enumerable.Repeat("{\"id\":\"a\",\"prompt\":\"Take 1 and 2\",\"answer\":\"2\"}\n", 3)));
        const string Notice = "p.jsonl: 2 lines of 3 repeat an earlier one";
        Cli eval = Cli.Run("eval", "--model", TinyModel.Folder, "--prompts", prompts, "--samples", "2", "--max-new-tokens", "8");
        Assert.Equal(0, eval.ExitCode);
        Assert.Contains(Notice, eval.Error);
        Cli train = Cli.Run(
            ["train", "--model", TinyModel.Folder, "--prompts", prompts, "--out", folder.File("run"), "--steps", "1", .. Cli.Small]);
        Assert.Equal(0, train.ExitCode);
        Assert.Contains(Notice, train.Error);
    }

    private static void Train(TempFolder folder, int steps)
    {
        Cli run = Cli.Train(folder, "ttrl", "run", "--steps", $"{steps}", "--set", "updates-per-rollout=1", "--set", "eval-samples=0");
        Assert.True(run.ExitCode == 0, run.Error);
    }

    private static async Task<IEnumerable<string?>> Texts(ParquetReader reader, string name)
    {
        var texts = new List<string?>();
        DataField field = Column(reader, [name]);
        foreach (ParquetRowGroupReader group in reader.RowGroups)
        {
            (ReadOnlyMemory<char>[] values, int[] definition) = await Read<ReadOnlyMemory<char>>(group, field);
            int next = 0;
            texts.AddRange(definition.Select(level => level == field.MaxDefinitionLevel ? values[next++].ToString() : null));
        }

        return texts;
    }

    private static async Task<IEnumerable<T>> Values<T>(ParquetReader reader, params string[] path)
        where T : struct
    {
        var all = new List<T>();
        DataField field = Column(reader, path);
        foreach (ParquetRowGroupReader group in reader.RowGroups)
        {
            (T[] values, int[] definition) = await Read<T>(group, field);
            all.AddRange(values[..definition.Count(level => level == field.MaxDefinitionLevel)]);
        }

        return all;
    }

    private static async Task<(T[] Values, int[] Definition)> Read<T>(ParquetRowGroupReader group, DataField field)
        where T : struct
    {
        int places = (int)group.GetMetadata(field)!.MetaData!.NumValues;
        T[] values = new T[places];
        int[] definition = new int[places], repetition = new int[places];
        await group.ReadRawAsync<T>(field, values, definition, repetition);
        return (values, definition);
    }

    private static DataField Column(ParquetReader reader, string[] path) =>
        reader.Schema.GetDataFields().Single(field => field.Path.FirstPart == path[0] && (path.Length == 1 || field.Name == path[1]));
}
