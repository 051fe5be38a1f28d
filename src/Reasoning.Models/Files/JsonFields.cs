using System.Text.Json;

namespace Reasoning.Models.Files;

/// <summary>
/// The fields of one JSON object, read with checks: each error names the file, the field, what was found and what was expected.
/// An absent field and one that is null are the same.
/// </summary>
/// <param name="file">Name of the file in messages.</param>
/// <param name="element">An object.</param>
/// <param name="path">Where the object is inside the file, empty for the root.</param>
internal readonly struct JsonFields(string file, JsonElement element, string path = "")
{
    public string File { get; } = file;

    public JsonElement Element { get; } = element;

    /// <summary>Full name of a field of this object, as in <c>rope_scaling.factor</c>.</summary>
    public string Name(string field) => path.Length == 0 ? field : $"{path}.{field}";

    /// <summary>Names of the fields that are not null, in the order of the file.</summary>
    public IEnumerable<string> Names()
        => Element.EnumerateObject().Where(field => field.Value.ValueKind != JsonValueKind.Null).Select(field => field.Name);

    public bool Has(string field) => Find(field) is not null;

    public JsonElement? Find(string field)
        => Element.TryGetProperty(field, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public JsonElement Require(string field) => Find(field) ?? throw Error(field, "is missing");

    public UserErrorException Error(string field, string problem) => new($"{File}: field '{Name(field)}' {problem}");

    public UserErrorException Wrong(string field, JsonElement found, string expected)
        => Error(field, $"must be {expected}, found {JsonFile.Describe(found)}");

    public int Int(string field, int min, int max) => ToInt(field, Require(field), min, max);

    public int Int(string field, int min, int max, int fallback) => OptionalInt(field, min, max) ?? fallback;

    public int? OptionalInt(string field, int min, int max) => Find(field) is { } value ? ToInt(field, value, min, max) : null;

    public double Double(string field, double min, double max, double fallback) => OptionalDouble(field, min, max) ?? fallback;

    public double? OptionalDouble(string field, double min, double max)
    {
        if (Find(field) is not { } value) return null;
        bool inRange = value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out double number) && number >= min && number <= max;
        return inRange ? value.GetDouble() : throw Wrong(field, value, $"a number from {min} to {max}");
    }

    public bool Bool(string field, bool fallback)
    {
        if (Find(field) is not { } value) return fallback;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw Wrong(field, value, "true or false"),
        };
    }

    public string? OptionalString(string field)
    {
        if (Find(field) is not { } value) return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong(field, value, "a string");
    }

    public string String(string field) => OptionalString(field) ?? throw Error(field, "is missing");

    /// <summary>An integer or an array of integers, as Hugging Face writes <c>eos_token_id</c>; empty when absent.</summary>
    public int[] IntOrInts(string field, int min, int max)
    {
        if (Find(field) is not { } value) return [];
        if (value.ValueKind != JsonValueKind.Array) return [ToInt(field, value, min, max)];
        var ids = new List<int>(value.GetArrayLength());
        foreach (JsonElement item in value.EnumerateArray()) ids.Add(ToInt(field, item, min, max));
        return [.. ids];
    }

    public JsonFields? OptionalObject(string field)
    {
        if (Find(field) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Object ? new JsonFields(File, value, Name(field)) : throw Wrong(field, value, "an object");
    }

    public JsonFields Object(string field) => OptionalObject(field) ?? throw Error(field, "is missing");

    /// <summary>The objects of an array, empty when the field is absent.</summary>
    public IEnumerable<JsonFields> Objects(string field)
    {
        if (Find(field) is not { } value) yield break;
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(field, value, "an array");
        int index = 0;
        foreach (JsonElement item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object) throw Wrong($"{field}[{index}]", item, "an object");
            yield return new JsonFields(File, item, Name($"{field}[{index++}]"));
        }
    }

    /// <summary>The value of a field as an integer.</summary>
    public int ToInt(string field, JsonElement value, int min, int max)
    {
        bool inRange = value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) && number >= min && number <= max;
        return inRange ? value.GetInt32() : throw Wrong(field, value, $"an integer from {min} to {max}");
    }
}
