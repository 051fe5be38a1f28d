using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parquet.Schema;

namespace Parquet.Tests;

public sealed class RoundTripTests
{
    [Theory]
    [InlineData(CompressionMethod.None)]
    [InlineData(CompressionMethod.Snappy)]
    [InlineData(CompressionMethod.Gzip)]
    [InlineData(CompressionMethod.Brotli)]
    public void What_is_written_reads_back(CompressionMethod compression)
    {
        List<JsonObject> rows = Rows.Of(SampleFile.Write(compression));
        Assert.Equal(50, rows.Count);
        for (int i = 0; i < rows.Count; i++) Assert.Equal(SampleFile.Row(i).Select(Text), rows[i].Select(pair => JsonText(pair.Value)));
    }

    [Fact]
    public async Task The_footer_reads_back()
    {
        using var stream = new MemoryStream(SampleFile.Write(CompressionMethod.Gzip));
        ParquetReader reader = await ParquetReader.CreateAsync(stream);
        Assert.Equal("for a test", reader.CustomMetadata["made"]);
        Assert.Equal(2, reader.RowGroupCount);
        Assert.Equal(50, reader.Metadata!.NumRows);
        Assert.Equal([30, 20], reader.RowGroups.Select(group => group.RowCount));
        IEnumerable<string> columns = reader.Schema.GetDataFields().Select(field => field.ToString());
        Assert.Contains("prompt/list/element/content (System.ReadOnlyMemory`1[System.Char]?)", columns);
        var list = Assert.IsType<ListField>(reader.Schema.Fields[^1]);
        Assert.Equal((1, 2), (list.MaxRepetitionLevel, list.MaxDefinitionLevel));
        Assert.Equal("prompt/list", list.Path.ToString());
        Assert.Equal(SchemaType.Struct, list.Item.SchemaType);
    }

    [Fact]
    public void Repeated_texts_are_written_once()
    {
        DataField field = new("kind", typeof(string), isNullable: false);
        string[] texts = [.. Enumerable.Range(0, 1000).Select(i => $"a rather long text, number {i % 3}")];
        int[] sizes = [.. new[] { EncodingHint.Default, EncodingHint.Dictionary }.Select(hint =>
        {
            var options = new ParquetOptions { CompressionMethod = CompressionMethod.None };
            options.ColumnEncodingHints["kind"] = hint;
            byte[] file = Write(new ParquetSchema(field), options, group => group.WriteAsync(field, texts));
            Assert.Equal(texts, Rows.Of(file).Select(row => (string?)row["kind"]));
            return file.Length;
        })];
        Assert.True(sizes[1] * 20 < sizes[0], $"{sizes[1]} bytes with a dictionary, {sizes[0]} without");
    }

    [Fact]
    public void A_dictionary_that_does_not_pay_is_not_written()
    {
        DataField field = new("name", typeof(string), isNullable: false);
        string[] texts = [.. Enumerable.Range(0, 100).Select(i => $"text {i}")];
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.None };
        byte[] plain = Write(new ParquetSchema(field), options, group => group.WriteAsync(field, texts));
        options.ColumnEncodingHints["name"] = EncodingHint.Dictionary;
        Assert.Equal(plain, Write(new ParquetSchema(field), options, group => group.WriteAsync(field, texts)));
    }

    [Fact]
    public void Files_without_rows_are_files()
    {
        DataField field = new DataField<int>("id");
        Assert.Empty(Rows.Of(Write(new ParquetSchema(field), new ParquetOptions(), null)));
        byte[] empty = Write(new ParquetSchema(field), new ParquetOptions(), group => group.WriteAsync<int>(field, Array.Empty<int>()));
        Assert.Empty(Rows.Of(empty));
    }

    [Fact]
    public async Task Misuse_of_the_writer_is_refused()
    {
        DataField a = new DataField<int>("a"), b = new("b", typeof(string), isNullable: false);
        ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(a, b), new MemoryStream());
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        Assert.Throws<InvalidOperationException>(group.CompleteValidate);
        await Assert.ThrowsAsync<ArgumentException>(() => group.WriteAsync(b, ["x"]));
        await Assert.ThrowsAsync<ArgumentException>(() => group.WriteAsync<long>(a, new long[] { 1 }));
        await group.WriteAsync<int>(a, new[] { 1, 2 });
        await Assert.ThrowsAsync<ArgumentException>(() => group.WriteAsync(b, ["x", null]));
        await Assert.ThrowsAsync<InvalidOperationException>(() => group.WriteAsync(b, ["x"]));
        await group.WriteAsync(b, ["x", "y"]);
        group.CompleteValidate();

        var zstd = new ParquetOptions { CompressionMethod = CompressionMethod.Zstd };
        Assert.Throws<NotSupportedException>(() => Write(new ParquetSchema(a), zstd, group => group.WriteAsync<int>(a, new[] { 1 })));
        Assert.Throws<NotSupportedException>(() => Write(new ParquetSchema(new DataField<DateTime>("t")), new ParquetOptions(), null));
    }

    internal static byte[] Write(ParquetSchema schema, ParquetOptions options, Func<ParquetRowGroupWriter, Task>? rows)
    {
        using var stream = new MemoryStream();
        ParquetWriter writer = ParquetWriter.CreateAsync(schema, stream, options).Result;
        if (rows is not null)
        {
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            rows(group).Wait();
        }

        writer.DisposeAsync().AsTask().Wait();
        return stream.ToArray();
    }

    private static string Text(object? value) => value switch
    {
        null => "null",
        string text => JsonSerializer.Serialize(text),
        bool flag => flag ? "true" : "false",
        float number => Text((double)number),
        double number => double.IsFinite(number) ? (number == 0 ? 0 : number).ToString("R", CultureInfo.InvariantCulture) : "\"NaN\"",
        int or long => Convert.ToDouble(value).ToString("R", CultureInfo.InvariantCulture),
        ValueTuple<string?, string?> message => $"{{role:{Text(message.Item1)},content:{Text(message.Item2)}}}",
        System.Collections.IEnumerable items => $"[{string.Join(",", items.Cast<object?>().Select(Text))}]",
        _ => throw new InvalidOperationException(value.GetType().Name),
    };

    private static string JsonText(JsonNode? node) => node switch
    {
        null => "null",
        JsonArray items => $"[{string.Join(",", items.Select(JsonText))}]",
        JsonObject fields => $"{{{string.Join(",", fields.Select(field => $"{field.Key}:{JsonText(field.Value)}"))}}}",
        _ => node.GetValueKind() switch
        {
            JsonValueKind.String => JsonSerializer.Serialize((string?)node),
            JsonValueKind.Number => ((double)node).ToString("R", CultureInfo.InvariantCulture),
            JsonValueKind.True => "true",
            _ => "false",
        },
    };
}
