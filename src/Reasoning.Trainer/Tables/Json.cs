using System.Text.Json;

namespace Reasoning.Trainer.Tables;

/// <summary>Fields of JSON objects.</summary>
internal static class Json
{
    /// <summary>The value of a field, or null where it is missing or null.</summary>
    public static JsonElement? Get(this JsonElement row, string name) =>
        row.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
