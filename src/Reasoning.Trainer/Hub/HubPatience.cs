namespace Reasoning.Trainer.Hub;

/// <summary>How long to wait for a server, and how often to ask it again.</summary>
internal sealed record HubPatience
{
    /// <summary>How often a request that failed in a way that may pass is made again.</summary>
    public int Retries { get; init; } = 5;

    /// <summary>How long a server may say nothing.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The pause before the first repetition; each following one is twice as long.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause that a server may ask for with Retry-After; one that asks for more has refused.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Most bytes of a JSON answer.</summary>
    public long MostJson { get; init; } = 1L << 26;
}
