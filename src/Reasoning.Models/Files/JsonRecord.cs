using System.Text.Json;

namespace Reasoning.Models.Files;

/// <summary>Reads what this program has written as JSON, and others may have damaged since.</summary>
public static class JsonRecord
{
    /// <summary>An object of our own.</summary>
    /// <param name="file">Where it is.</param>
    /// <param name="options">As it was written.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <exception cref="UserErrorException">The file cannot be read, or is not such an object.</exception>
    public static T Read<T>(string file, JsonSerializerOptions options, string what)
        where T : class => Parse<T>(RegularFile.ReadAllBytes(file, FileLimits.Document), file, options, what);

    /// <summary>An object of our own whose bytes have been read.</summary>
    /// <inheritdoc cref="Read"/>
    public static T Parse<T>(byte[] bytes, string file, JsonSerializerOptions options, string what)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(bytes, options) ?? throw new JsonException("it is null");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException or NotSupportedException)
        {
            throw new UserErrorException($"{file}: not {what}: {e.Message}", e);
        }
    }
}
