using System.Globalization;
using System.Text.Json;
using Reasoning.Models.Generation;

namespace Reasoning.Trainer.Servers;

/// <summary>One answer, as a server gave it.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Ids">The ids that were sampled, the one that ended it included; null where the server gives none.</param>
/// <param name="LogProbs">A natural log-probability for each of them; null where the server gives none.</param>
/// <param name="Finish">Why it ended.</param>
/// <param name="PromptTokens">Tokens of the prompt by the server's count; null where it does not say.</param>
/// <param name="Model">Which model the server says has answered; null where it does not say.</param>
internal sealed record ServerAnswer(string Text, int[]? Ids, float[]? LogProbs, FinishReason Finish, int? PromptTokens, string? Model)
{
    private const string IdPrefix = "token_id:";

    /// <summary>
    /// Reads the answer to a completion with one choice. Ids stand in <c>token_ids</c> (vLLM, SGLang), in <c>logprobs.content</c> (llama.cpp)
    /// or as texts <c>token_id:N</c> in <c>logprobs.tokens</c> (vLLM before 0.10).
    /// </summary>
    /// <exception cref="FormatException">It is none; the message says what is wrong, in one clause.</exception>
    public static ServerAnswer Read(JsonElement root)
    {
        JsonElement choice = Member(root, "choices") is { ValueKind: JsonValueKind.Array } choices && choices.GetArrayLength() == 1
            ? choices[0] : throw new FormatException(Member(root, "error") is null ? "has no single choice" : "is an error with status 200");
        string text = TextOf(choice, "text") ?? throw new FormatException("has no text");
        FinishReason finish = TextOf(choice, "finish_reason") switch
        {
            "stop" => FinishReason.Stop,
            "length" => FinishReason.Length,
            var other => throw new FormatException(other is null ? "does not say why it ended" : $"ended by '{Short(other)}'"),
        };
        JsonElement? logProbs = Member(choice, "logprobs");
        JsonElement[] content = Items(logProbs, "content") ?? [], words = Items(logProbs, "tokens") ?? [];
        int[]? ids = Items(choice, "token_ids") is { } given ? [.. given.Select(id => Int(id) ?? throw new FormatException("has an id that is no number"))]
            : content.Length > 0 ? All(content, item => Int(Member(item, "id")))
            : words.Length > 0 ? All(words, IdOf)
            : null;
        float[]? values = Items(logProbs, "token_logprobs") is { } numbers ? All(numbers, item => Number(item)) : All(content, item => Number(Member(item, "logprob")));
        if (values is not null && values.Length != ids?.Length) values = null;
        int? prompt = Member(root, "usage") is { } usage ? Int(Member(usage, "prompt_tokens")) : null;
        return new ServerAnswer(text, ids, values, finish, prompt, TextOf(root, "model"));
    }

    /// <summary>A member of an object; null where there is none, or it is null, or this is no object.</summary>
    public static JsonElement? Member(JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } parent && parent.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A text of an object; null where there is none.</summary>
    public static string? TextOf(JsonElement? element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>What a server says, fit for a line of our own: one line, and not too long.</summary>
    public static string Short(string text)
    {
        string line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return line.Length <= 200 ? line : line[..200] + "…";
    }

    private static JsonElement[]? Items(JsonElement? element, string name) =>
        Member(element, name) is { ValueKind: JsonValueKind.Array } value ? [.. value.EnumerateArray()] : null;

    // Null unless every item has one.
    private static T[]? All<T>(JsonElement[] items, Func<JsonElement, T?> read)
        where T : struct
    {
        T?[] values = Array.ConvertAll(items, item => read(item));
        return items.Length > 0 && Array.TrueForAll(values, value => value is not null) ? Array.ConvertAll(values, value => value!.Value) : null;
    }

    private static int? Int(JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int value) && value >= 0 ? value : null;

    private static float? Number(JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Number } number && number.TryGetSingle(out float value) && float.IsFinite(value) ? value : null;

    private static int? IdOf(JsonElement element) =>
        element.ValueKind == JsonValueKind.String && element.GetString() is { } text && text.StartsWith(IdPrefix, StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(IdPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : null;
}
