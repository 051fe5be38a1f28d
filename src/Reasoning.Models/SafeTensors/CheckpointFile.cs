namespace Reasoning.Models;

/// <summary>One line of a checkpoint's manifest.</summary>
/// <param name="Name">Relative to the folder, with forward slashes.</param>
/// <param name="Bytes">Length.</param>
/// <param name="Sha256">64 lower-case hexadecimal digits.</param>
internal sealed record CheckpointFile(string Name, long Bytes, string Sha256)
{
    public static CheckpointFile Read(JsonFields fields)
    {
        string name = fields.String("name");
        bool isInside = !name.AsSpan().ContainsAny('\\', ':', '\0') && name.Split('/').All(part => part is not ("" or "." or ".."));
        if (!isInside) throw fields.Error("name", $"is '{name}', which is not a path inside the folder");
        System.Text.Json.JsonElement bytes = fields.Require("bytes");
        bool isLength = bytes.ValueKind == System.Text.Json.JsonValueKind.Number && bytes.TryGetInt64(out long length) && length >= 0;
        if (!isLength) throw fields.Wrong("bytes", bytes, "a length");
        return new CheckpointFile(name, bytes.GetInt64(), fields.String("sha256"));
    }
}
