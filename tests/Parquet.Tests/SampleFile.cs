using Parquet.Schema;

namespace Parquet.Tests;

/// <summary>Writes a file with every kind of column that is written: required, optional, repeated texts, lists, structures.</summary>
internal static class SampleFile
{
    private static readonly DataField s_id = new DataField<int>("id");
    private static readonly DataField s_name = new("name", typeof(string), isNullable: true);
    private static readonly DataField s_kind = new("kind", typeof(string), isNullable: false);
    private static readonly DataField s_size = new DataField<long>("size", nullable: true);
    private static readonly DataField s_rate = new DataField<float>("rate");
    private static readonly DataField s_weight = new DataField<double>("weight", nullable: true);
    private static readonly DataField s_flag = new DataField<bool>("flag", nullable: true);
    private static readonly DataField s_token = new DataField<int>(ListField.ElementName);
    private static readonly DataField s_logProb = new DataField<float>(ListField.ElementName, nullable: true);
    private static readonly DataField s_role = new("role", typeof(string), isNullable: true);
    private static readonly DataField s_content = new("content", typeof(string), isNullable: true);

    /// <summary>The file, in row groups of <paramref name="groupRows"/>.</summary>
    public static byte[] Write(CompressionMethod compression, int rows = 50, int groupRows = 30)
    {
        var schema = new ParquetSchema(
            s_id, s_name, s_kind, s_size, s_rate, s_weight, s_flag, new ListField("tokens", s_token), new ListField("logprobs", s_logProb),
            new ListField("prompt", new StructField(ListField.ElementName, s_role, s_content)));
        var options = new ParquetOptions { CompressionMethod = compression };
        options.ColumnEncodingHints["kind"] = options.ColumnEncodingHints["prompt/list/element/role"] = EncodingHint.Dictionary;
        using var stream = new MemoryStream();
        ParquetWriter writer = ParquetWriter.CreateAsync(schema, stream, options).Result;
        writer.CustomMetadata = new Dictionary<string, string> { ["made"] = "for a test" };
        for (int at = 0; at < rows; at += groupRows) WriteGroup(writer, [.. Enumerable.Range(at, Math.Min(groupRows, rows - at))]);
        writer.DisposeAsync().AsTask().Wait();
        return stream.ToArray();
    }

    /// <summary>What a row of it holds, in the order of the schema.</summary>
    public static object?[] Row(int i) =>
    [
        i - 3, Name(i), Kind(i), Size(i), Rate(i), Weight(i), Flag(i), Tokens(i), LogProbs(i), Chat(i),
    ];

    private static void WriteGroup(ParquetWriter writer, int[] rows)
    {
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        group.WriteAsync<int>(s_id, rows.Select(i => i - 3).ToArray()).Wait();
        group.WriteAsync(s_name, [.. rows.Select(Name)]).Wait();
        group.WriteAsync(s_kind, [.. rows.Select(Kind)]).Wait();
        group.WriteAsync<long>(s_size, rows.Select(Size).ToArray()).Wait();
        group.WriteAsync<float>(s_rate, rows.Select(Rate).ToArray()).Wait();
        group.WriteAsync<double>(s_weight, rows.Select(Weight).ToArray()).Wait();
        group.WriteAsync<bool>(s_flag, rows.Select(Flag).ToArray()).Wait();
        WriteLists(group, s_token, rows.Select(i => Tokens(i)?.Select(token => (int?)token).ToArray()));
        WriteLists(group, s_logProb, rows.Select(LogProbs));
        WriteTexts(group, s_role, rows.Select(i => Chat(i)?.Select(message => message.Role).ToArray()));
        WriteTexts(group, s_content, rows.Select(i => Chat(i)?.Select(message => message.Content).ToArray()));
        group.CompleteValidate();
    }

    // Definition levels: 0 no list, 1 an empty one, and the column's own for a value that is there.
    private static void WriteLists<T>(ParquetRowGroupWriter group, DataField field, IEnumerable<T?[]?> lists)
        where T : struct
    {
        var (definition, repetition) = Levels(lists.Select(list => list?.Select(value => value.HasValue).ToArray()), field, 1);
        T[] values = [.. lists.SelectMany(list => list ?? []).OfType<T>()];
        group.WriteAllPartsAsync<T>(field, values, definition, repetition, default).Wait();
    }

    private static void WriteTexts(ParquetRowGroupWriter group, DataField field, IEnumerable<string?[]?> lists)
    {
        var (definition, repetition) = Levels(lists.Select(list => list?.Select(value => value is not null).ToArray()), field, 1);
        ReadOnlyMemory<char>[] values = [.. lists.SelectMany(list => list ?? []).OfType<string>().Select(text => text.AsMemory())];
        group.WriteAllPartsAsync<ReadOnlyMemory<char>>(field, values, definition, repetition, default).Wait();
    }

    private static (int[] Definition, int[] Repetition) Levels(IEnumerable<bool[]?> lists, DataField field, int empty)
    {
        List<int> definition = [], repetition = [];
        foreach (bool[]? list in lists)
        {
            if (list is null or [])
            {
                definition.Add(list is null ? 0 : empty);
                repetition.Add(0);
                continue;
            }

            for (int i = 0; i < list.Length; i++)
            {
                definition.Add(field.MaxDefinitionLevel - (list[i] ? 0 : 1));
                repetition.Add(i == 0 ? 0 : 1);
            }
        }

        return ([.. definition], [.. repetition]);
    }

    private static string? Name(int i) => i % 4 == 1 ? null : $"row {i} é 😀";

    private static string Kind(int i) => i % 3 == 0 ? "stop" : "length";

    private static long? Size(int i) => i % 5 == 0 ? null : (i * 1_000_000_007L) - 12;

    private static float Rate(int i) => i == 7 ? float.NaN : i / 7f;

    private static double? Weight(int i) => i % 2 == 0 ? null : Math.Exp(i - 20);

    private static bool? Flag(int i) => i % 7 == 0 ? null : i % 3 == 0;

    private static int[]? Tokens(int i) => i % 6 == 5 ? null : [.. Enumerable.Range(i, i % 6)];

    private static float?[]? LogProbs(int i) =>
        i % 6 == 5 ? null : [.. Enumerable.Range(0, i % 6).Select(j => j == 2 ? (float?)null : -j / 3f)];

    private static (string? Role, string? Content)[]? Chat(int i) => (i % 4) switch
    {
        0 => [("system", "think"), ("user", $"question {i}")],
        1 => [("user", null)],
        2 => [],
        _ => null,
    };
}
