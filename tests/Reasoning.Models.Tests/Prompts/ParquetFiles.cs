using Parquet;
using Parquet.Schema;

namespace Reasoning.Models.Tests.Formats;

/// <summary>Writes small Parquet files.</summary>
internal static class ParquetFiles
{
    /// <summary>A chat: roles and contents.</summary>
    public sealed record ChatRow(params (string? Role, string? Content)[] Messages);

    /// <summary>A file of columns that hold texts, numbers or <see cref="ChatRow"/>s, of which some may be missing.</summary>
    /// <param name="groupRows">Rows of a row group.</param>
    /// <param name="columns">Names and values; a name with a dot stands for a structure with one field.</param>
    public static byte[] Write(int groupRows, params (string Name, Array Values)[] columns) =>
        Write(CompressionMethod.Snappy, groupRows, columns);

    /// <inheritdoc cref="Write(int, ValueTuple{string, Array}[])"/>
    public static byte[] Write(CompressionMethod compression, int groupRows, params (string Name, Array Values)[] columns)
    {
        Field[] fields = [.. columns.Select(column => Top(column.Name, column.Values))];
        var schema = new ParquetSchema(fields);
        var options = new ParquetOptions { CompressionMethod = compression };
        foreach (DataField field in schema.GetDataFields()) options.ColumnEncodingHints[field.Path.ToString()] = Hint(field.ClrType);
        using var stream = new MemoryStream();
        ParquetWriter writer = ParquetWriter.CreateAsync(schema, stream, options).GetAwaiter().GetResult();
        int rows = columns[0].Values.Length;
        for (int at = 0; at < rows || at == 0; at += groupRows)
        {
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            int count = Math.Min(groupRows, rows - at);
            for (int i = 0; i < fields.Length; i++) WriteColumn(group, fields[i], columns[i].Values, at, count);
        }

        writer.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return stream.ToArray();
    }

    // Every encoding that Parquet.Net writes is in some file; texts that do not repeat are PLAIN.
    private static EncodingHint Hint(Type type) => type == typeof(long) ? EncodingHint.DeltaBinaryPacked
        : type == typeof(double) ? EncodingHint.ByteSplitStream : EncodingHint.Dictionary;

    private static Field Top(string name, Array values)
    {
        string[] parts = name.Split('.');
        Field field = values is ChatRow?[]? new ListField(name, new StructField("element", Text("content"), Text("role")))
            : new DataField(parts[^1], values.GetType().GetElementType()!, isNullable: true);
        return parts.Length == 1 ? field : new StructField(parts[0], field);
    }

    private static DataField Text(string name) => new(name, typeof(string), isNullable: true);

    private static void WriteColumn(ParquetRowGroupWriter group, Field field, Array values, int at, int count)
    {
        if (field is StructField structure) field = structure.Fields[0];
        switch (values)
        {
            case string?[] texts:
                group.WriteAsync((DataField)field, texts[at..(at + count)]).GetAwaiter().GetResult();
                break;
            case ChatRow?[] chats:
                var message = (StructField)((ListField)field).Item;
                WriteParts(group, (DataField)message.Fields[0], chats[at..(at + count)], static part => part.Content);
                WriteParts(group, (DataField)message.Fields[1], chats[at..(at + count)], static part => part.Role);
                break;
            case int?[] numbers:
                group.WriteAsync<int>((DataField)field, numbers.AsMemory(at, count)).GetAwaiter().GetResult();
                break;
            case long?[] numbers:
                group.WriteAsync<long>((DataField)field, numbers.AsMemory(at, count)).GetAwaiter().GetResult();
                break;
            case double?[] numbers:
                group.WriteAsync<double>((DataField)field, numbers.AsMemory(at, count)).GetAwaiter().GetResult();
                break;
            case bool?[] flags:
                group.WriteAsync<bool>((DataField)field, flags.AsMemory(at, count)).GetAwaiter().GetResult();
                break;
            default:
                throw new InvalidOperationException(values.GetType().Name);
        }
    }

    // Levels of a text in a structure in a list: 0 no list, 1 an empty one, 2 no structure, 3 no text, 4 a text.
    private static void WriteParts(
        ParquetRowGroupWriter group, DataField field, ChatRow?[] chats, Func<(string? Role, string? Content), string?> part)
    {
        List<int> definition = [], repetition = [];
        List<ReadOnlyMemory<char>> texts = [];
        foreach (ChatRow? chat in chats)
        {
            if (chat is null or { Messages.Length: 0 })
            {
                definition.Add(chat is null ? 0 : 1);
                repetition.Add(0);
                continue;
            }

            for (int i = 0; i < chat.Messages.Length; i++)
            {
                string? text = part(chat.Messages[i]);
                definition.Add(text is null ? 3 : 4);
                repetition.Add(i == 0 ? 0 : 1);
                if (text is not null) texts.Add(text.AsMemory());
            }
        }

        group.WriteAllPartsAsync<ReadOnlyMemory<char>>(field, texts.ToArray(), definition.ToArray(), repetition.ToArray(), default)
            .GetAwaiter().GetResult();
    }
}
