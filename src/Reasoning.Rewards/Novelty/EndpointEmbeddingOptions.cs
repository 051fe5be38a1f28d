namespace Reasoning.Rewards.Novelty;

/// <summary>Where an endpoint for embeddings is and how patient to be with it.</summary>
public sealed record EndpointEmbeddingOptions
{
    /// <summary>The full address, such as <c>http://localhost:8000/v1/embeddings</c>.</summary>
    public required Uri Url { get; init; }

    /// <summary>Name of the model as the endpoint knows it.</summary>
    public required string Model { get; init; }

    /// <summary>Sent as bearer token; null sends none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Texts in one request.</summary>
    public int BatchSize { get; init; } = 128;

    /// <summary>Longer texts keep this many characters from their end.</summary>
    public int MaxCharacters { get; init; } = 64_000;

    /// <summary>Further attempts after a transient failure: no connection, no answer in time, status 408, 429 or 5xx.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>Pause before the first retry; it doubles with each.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait for one answer.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>How to pause.</summary>
    public Action<TimeSpan> Wait { get; init; } = Thread.Sleep;
}
