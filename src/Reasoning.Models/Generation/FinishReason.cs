namespace Reasoning.Models.Generation;

/// <summary>Why a rollout ended.</summary>
public enum FinishReason
{
    /// <summary>A stop id was sampled; it is the last id of the rollout.</summary>
    Stop,

    /// <summary>The token limit or the model's last position was reached: the answer is truncated.</summary>
    Length,
}
