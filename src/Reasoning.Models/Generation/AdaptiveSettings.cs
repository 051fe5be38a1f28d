using Reasoning.Models.Policies;

namespace Reasoning.Models.Generation;

/// <summary>When <see cref="AdaptiveGenerator"/> changes the model.</summary>
public sealed record AdaptiveSettings
{
    /// <summary>Mean entropy in nats above which the large model takes over.</summary>
    public required double Up { get; init; }

    /// <summary>Mean entropy in nats at or below which the small model comes back; not above <see cref="Up"/>.</summary>
    public required double Down { get; init; }

    /// <summary>Tokens that the mean is over, the last ones since the model changed.</summary>
    public int Window { get; init; } = 5;

    /// <summary>Tokens after a change before the next, at least 1.</summary>
    public int Least { get; init; } = 5;

    /// <exception cref="UserErrorException">A value is out of range.</exception>
    internal void Check()
    {
        if (double.IsNaN(Up) || double.IsNaN(Down) || Down > Up)
            throw new UserErrorException(FormattableString.Invariant($"switch-back is {Down} and switch-entropy {Up}; the first must not be above the second."));
        if (Window < 1) throw new UserErrorException($"switch-window is {Window}; it must be at least 1.");
        if (Least < 1) throw new UserErrorException($"switch-least is {Least}; it must be at least 1.");
    }
}
