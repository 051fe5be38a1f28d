using System.Globalization;
using System.Text.Json.Nodes;
using Parquet.Schema;

namespace Parquet.Tests;

/// <summary>
/// Puts the columns of a file together to one JSON object per row, nested as the schema says. Integers beyond 2⁵³ and numbers that JSON
/// lacks become strings, bytes become hexadecimal digits.
/// </summary>
internal static class Rows
{
    private const long LargestInDouble = 1L << 53;

    public static List<JsonObject> Of(byte[] file)
    {
        using var stream = new MemoryStream(file);
        ParquetReader reader = ParquetReader.CreateAsync(stream).Result;
        var rows = new List<JsonObject>();
        foreach (ParquetRowGroupReader group in reader.RowGroups)
        {
            DataField[] columns = reader.Schema.GetDataFields();
            Dictionary<FieldPath, Cursor> cursors = columns.ToDictionary(field => field.Path, field => Cursor.Of(group, field));
            for (long row = 0; row < group.RowCount; row++)
                rows.Add(new JsonObject(reader.Schema.Fields.Select(field => KeyValuePair.Create(field.Name, Value(field, cursors)))));
            Assert.All(cursors.Values, cursor => Assert.True(cursor.IsAtEnd));
        }

        return rows;
    }

    private static JsonNode? Value(Field field, Dictionary<FieldPath, Cursor> cursors)
    {
        Cursor first = First(field, cursors);
        switch (field)
        {
            case DataField { IsArray: true }:
                return Repeated(field, first, field.MaxRepetitionLevel, () => first.Take());
            case DataField:
                return first.Take();
            case ListField { Item: DataField { IsArray: true } } legacy when first.Definition >= legacy.MaxDefinitionLevel:
                return Value(legacy.Item, cursors);
            case ListField list when first.Definition < list.MaxDefinitionLevel:
                int empty = list.Item is DataField { IsArray: true } ? list.MaxDefinitionLevel : list.MaxDefinitionLevel - 1;
                bool isNull = list.IsNullable && first.Definition < empty;
                Pass(field, cursors);
                return isNull ? null : new JsonArray();
            case ListField list:
                return Repeated(field, first, list.MaxRepetitionLevel, () => Value(list.Item, cursors));
            case StructField group when group.IsNullable && first.Definition < group.MaxDefinitionLevel:
                Pass(field, cursors);
                return null;
            case StructField group:
                return new JsonObject(group.Fields.Select(child => KeyValuePair.Create(child.Name, Value(child, cursors))));
            default:
                throw new InvalidOperationException(field.ToString());
        }
    }

    private static JsonArray? Repeated(Field field, Cursor first, int level, Func<JsonNode?> item)
    {
        if (field is DataField && first.Definition < field.MaxDefinitionLevel)
        {
            first.Take();
            return [];
        }

        var items = new JsonArray { item() };
        while (!first.IsAtEnd && first.Repetition >= level) items.Add(item());
        return items;
    }

    private static void Pass(Field field, Dictionary<FieldPath, Cursor> cursors)
    {
        foreach (DataField leaf in new[] { field }.SelectMany(Leaves)) cursors[leaf.Path].Take();
    }

    private static Cursor First(Field field, Dictionary<FieldPath, Cursor> cursors) => cursors[Leaves(field).First().Path];

    private static IEnumerable<DataField> Leaves(Field field) => field switch
    {
        DataField leaf => [leaf],
        ListField list => Leaves(list.Item),
        StructField group => group.Fields.SelectMany(Leaves),
        MapField map => Leaves(map.Key).Concat(Leaves(map.Value)),
        _ => [],
    };

    private sealed class Cursor(DataField field, Func<int, JsonNode?> value, int[] definition, int[] repetition, int places)
    {
        private int _place;
        private int _value;

        public bool IsAtEnd => _place == places;

        public int Definition => definition.Length == 0 ? 0 : definition[_place];

        public int Repetition => repetition.Length == 0 ? 0 : repetition[_place];

        public static Cursor Of(ParquetRowGroupReader group, DataField field)
        {
            Type type = field.ClrType;
            if (type == typeof(ReadOnlyMemory<char>)) return Of<ReadOnlyMemory<char>>(group, field, value => value.ToString());
            if (type == typeof(ReadOnlyMemory<byte>))
                return Of<ReadOnlyMemory<byte>>(group, field, value => Convert.ToHexStringLower(value.Span));
            if (type == typeof(bool)) return Of<bool>(group, field, value => value);
            if (type == typeof(sbyte)) return Of<sbyte>(group, field, value => Whole(value));
            if (type == typeof(byte)) return Of<byte>(group, field, value => Whole(value));
            if (type == typeof(short)) return Of<short>(group, field, value => Whole(value));
            if (type == typeof(ushort)) return Of<ushort>(group, field, value => Whole(value));
            if (type == typeof(int)) return Of<int>(group, field, value => Whole(value));
            if (type == typeof(uint)) return Of<uint>(group, field, value => Whole(value));
            if (type == typeof(long)) return Of<long>(group, field, value => Whole(value));
            if (type == typeof(ulong)) return Of<ulong>(group, field, value => Whole(value));
            if (type == typeof(float)) return Of<float>(group, field, value => Real(value));
            if (type == typeof(double)) return Of<double>(group, field, Real);
            return Of<decimal>(group, field, value => Real((double)value));
        }

        public JsonNode? Take()
        {
            bool present = definition.Length == 0 || definition[_place] == field.MaxDefinitionLevel;
            _place++;
            return present ? value(_value++) : null;
        }

        private static Cursor Of<T>(ParquetRowGroupReader group, DataField field, Func<T, JsonNode?> node)
            where T : struct
        {
            Column<T> column = Column<T>.Read(group, field);
            return new Cursor(field, i => node(column.Values[i]), column.Definition, column.Repetition, column.Places);
        }

        private static JsonValue Whole(Int128 value) =>
            Int128.Abs(value) <= LargestInDouble
                ? JsonValue.Create((double)value)
                : JsonValue.Create(value.ToString(CultureInfo.InvariantCulture));

        private static JsonNode? Real(double value) =>
            double.IsFinite(value) ? value == 0 ? 0.0 : value : value.ToString(CultureInfo.InvariantCulture);
    }
}
